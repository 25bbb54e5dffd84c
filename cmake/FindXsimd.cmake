# xsimd's headers: where its CMake package says, or in XSIMD_INCLUDE_DIR. Only the headers are taken: Debian's package links its
# target to a library of xtl that exists nowhere.
function(residua_link_xsimd target)
    if(NOT XSIMD_INCLUDE_DIR)
        find_package(xsimd QUIET CONFIG)
        find_path(XSIMD_INCLUDE_DIR xsimd/xsimd.hpp HINTS ${xsimd_INCLUDE_DIRS})
    endif()
    if(NOT XSIMD_INCLUDE_DIR)
        message(FATAL_ERROR "residua needs xsimd 8.1 or newer: expected its CMake package, or xsimd/xsimd.hpp in XSIMD_INCLUDE_DIR, "
                            "found neither (on Debian and Ubuntu: apt-get install libxsimd-dev)")
    endif()
    list(FIND CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES "${XSIMD_INCLUDE_DIR}" implicit)
    if(implicit EQUAL -1)
        target_include_directories(${target} SYSTEM INTERFACE $<BUILD_INTERFACE:${XSIMD_INCLUDE_DIR}>)
    endif()
endfunction()
