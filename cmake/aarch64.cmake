# Cross-compiles for 64-bit Arm and runs tests under qemu (packages g++-aarch64-linux-gnu, qemu-user): with g++, or with the clang
# that CMAKE_CXX_COMPILER names. The headers that tests need are the host's; copies of them keep /usr/include itself out of the search
# path.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
if(NOT DEFINED CMAKE_CXX_COMPILER)
    set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
endif()
set(CMAKE_CXX_COMPILER_TARGET aarch64-linux-gnu)  # (clang is asked for it; g++ is made for it)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)

set(residua_headers ${CMAKE_BINARY_DIR}/host-headers)
foreach(package xsimd doctest nlohmann)
    file(COPY /usr/include/${package} DESTINATION ${residua_headers})
endforeach()
set(XSIMD_INCLUDE_DIR ${residua_headers})
set(DOCTEST_INCLUDE_DIR ${residua_headers})
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
include_directories(SYSTEM ${residua_headers})
