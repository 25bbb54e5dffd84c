# xsimd's headers: where its CMake package says, or in XSIMD_INCLUDE_DIR. Only the headers are taken: Debian's package links its
# target to a library of xtl that exists nowhere.

# Sets XSIMD_INCLUDE_DIR; and the variable that `problem` names, to what is wrong with it, or to nothing.
function(residua_find_xsimd problem)
    set(install "on Debian and Ubuntu: apt-get install libxsimd-dev")
    if(NOT XSIMD_INCLUDE_DIR)
        find_package(xsimd QUIET CONFIG)
        find_path(XSIMD_INCLUDE_DIR xsimd/xsimd.hpp HINTS ${xsimd_INCLUDE_DIRS})
    endif()
    set(config ${XSIMD_INCLUDE_DIR}/xsimd/config/xsimd_config.hpp)
    if(NOT XSIMD_INCLUDE_DIR)
        set(${problem} "residua needs xsimd 8.1 or newer: expected its CMake package, or xsimd/xsimd.hpp in XSIMD_INCLUDE_DIR, found neither (${install})" PARENT_SCOPE)
        return()
    endif()
    if(NOT EXISTS ${config})
        set(${problem} "residua needs xsimd 8.1 or newer: expected xsimd/config/xsimd_config.hpp in XSIMD_INCLUDE_DIR, found none in ${XSIMD_INCLUDE_DIR} (${install})" PARENT_SCOPE)
        return()
    endif()

    file(STRINGS ${config} lines REGEX "#define XSIMD_VERSION_(MAJOR|MINOR) +[0-9]+")
    string(REGEX MATCH "VERSION_MAJOR +([0-9]+)" match "${lines}")
    set(version ${CMAKE_MATCH_1})
    string(REGEX MATCH "VERSION_MINOR +([0-9]+)" match "${lines}")
    set(version ${version}.${CMAKE_MATCH_1})
    if(NOT version VERSION_GREATER_EQUAL 8.1)
        set(${problem} "residua: expected xsimd 8.1 or newer, found ${version} in ${XSIMD_INCLUDE_DIR} (${install}, or give another's headers: -DXSIMD_INCLUDE_DIR=...)" PARENT_SCOPE)
        return()
    endif()

    set(${problem} "" PARENT_SCOPE)
endfunction()

function(residua_link_xsimd target)
    list(FIND CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES "${XSIMD_INCLUDE_DIR}" implicit)
    if(implicit EQUAL -1)
        target_include_directories(${target} SYSTEM INTERFACE $<BUILD_INTERFACE:${XSIMD_INCLUDE_DIR}>)
    endif()
endfunction()
