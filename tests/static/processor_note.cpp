// Two teams, by two threads. Compiled for two processors, once with NAME=first and once with main(), it is one program.
#include <residua/core/team.hpp>

#ifdef NAME
void NAME() { const residua::Team team(1); }
#else

#ifdef WITH_FIRST
void first();
#else
void first() { const residua::Team team(1); }
#endif

int main() {
    const std::jthread other(first);
    const residua::Team team(2);
}

#endif
