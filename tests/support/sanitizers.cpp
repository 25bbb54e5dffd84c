// What the leak sanitizer must not hold against us, linked into every test.

// LLVM's OpenMP runtime (libomp 14) keeps the records of a team that changed its number of threads: three small blocks a program,
// whatever our code does. Only leaks with the runtime itself on the stack are hidden; that our parallel loops allocate nothing
// is counted in networks/memory_test.cpp.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libomp.so\n"; }
