#!/bin/sh
# What CI leaves out, by hand: the full gradient matrix under the address and undefined sanitizers, with the question whether a pointer
# wraps around; and everything under the thread sanitizer.
set -eu
cd "$(dirname "$0")/.."
cmake --preset sanitize -DRESIDUA_TEST_SHORT=OFF
cmake --build --preset sanitize
ctest --preset sanitize -j "$(nproc)"
cmake --preset thread-sanitizer
cmake --build --preset thread-sanitizer
ctest --preset thread-sanitizer -j "$(nproc)"
