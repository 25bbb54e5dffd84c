// Where and when, and by what, a result was made.
#pragma once

#include <string>

namespace parts {

// "2026-11-27 09:00 UTC".
std::string date_and_time();

// As the system calls it; where it does not say, its architecture.
std::string processor();

// "Residua 0.1.0, g++ 12.2.0, compiled for avx512".
std::string version();

}  // namespace parts
