#include "machine.hpp"

#include "text.hpp"

#include <residua/simd/isa.hpp>
#include <residua/version.hpp>

#include <ctime>
#include <fstream>

#include <sys/utsname.h>

#define RESIDUA_TEXT_OF(word) #word
#define RESIDUA_TEXT_OF_VALUE(macro) RESIDUA_TEXT_OF(macro)

namespace parts {

std::string date_and_time() {
    const std::time_t now = std::time(nullptr);
    struct tm utc {};
    char text[64] = "unknown";
    if (::gmtime_r(&now, &utc)) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc);
    return text;
}

std::string processor() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
    }
    struct utsname system {};
    return ::uname(&system) == 0 ? system.machine : "unknown";
}

namespace {

std::string compiler() {
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "g++ " __VERSION__;
#endif
}

}  // namespace

std::string version() {
    return format("Residua %d.%d.%d, ", RESIDUA_VERSION_MAJOR, RESIDUA_VERSION_MINOR, RESIDUA_VERSION_PATCH) + compiler() +
           ", compiled for " RESIDUA_TEXT_OF_VALUE(RESIDUA_ISA);
}

}  // namespace parts
