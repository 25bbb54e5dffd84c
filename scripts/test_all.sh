#!/bin/sh
# What CI leaves out, by hand: the full gradient matrix under the address and undefined sanitizers, with the question whether a pointer
# wraps around; everything under the thread sanitizer; and NEON by the cross g++ (its kernels; scripts/golden.sh has the bits of all).
set -eu
cd "$(dirname "$0")/.."
cmake --preset sanitize -DRESIDUA_TEST_SHORT=OFF
cmake --build --preset sanitize
ctest --preset sanitize -j "$(nproc)"
cmake --preset thread-sanitizer
cmake --build --preset thread-sanitizer
ctest --preset thread-sanitizer -j "$(nproc)"
cmake --preset neon
cmake --build --preset neon
ctest --preset neon -j "$(nproc)"
