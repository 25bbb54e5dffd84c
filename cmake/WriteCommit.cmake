# Writes a header with the commit that a checkout stands at, if it is another than the header has: run at each build.
#   cmake -DSOURCE=<checkout> -DHEADER=<file> -P WriteCommit.cmake
cmake_minimum_required(VERSION 3.25)
set(commit "")
find_program(git git)
if(git)
    execute_process(COMMAND ${git} -C ${SOURCE} describe --always --dirty --abbrev=10 --exclude=*
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(commit STREQUAL "")
    set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "// Made by CMake.\n#pragma once\n#define RESIDUA_COMMIT \"@commit@\"\n" @ONLY)
