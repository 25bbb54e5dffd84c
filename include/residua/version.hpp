// The library's version; CMake reads it from here.
#pragma once

#define RESIDUA_VERSION_MAJOR 0
#define RESIDUA_VERSION_MINOR 1
#define RESIDUA_VERSION_PATCH 0
