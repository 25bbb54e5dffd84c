#!/bin/sh
# A project that uses ours, in one of three ways, configured, built and run afresh.
#   run.sh find_package|add_subdirectory|fetch_content SOURCE WORK CMAKE COMPILER
# (xsimd of XSIMD_INCLUDE_DIR, if that is set)
set -eu
way=$1
source=$2
work=$3/$way
cmake=$4
compiler=$5
rm -rf "$work"
mkdir -p "$work"
if [ "$way" = find_package ]; then
    "$cmake" -S "$source" -B "$work/ours" -DCMAKE_CXX_COMPILER="$compiler" -DRESIDUA_TESTS=OFF -DRESIDUA_EXAMPLES=OFF \
        -DCMAKE_INSTALL_PREFIX="$work/prefix" \
        ${XSIMD_INCLUDE_DIR:+-DXSIMD_INCLUDE_DIR="$XSIMD_INCLUDE_DIR"} >/dev/null
    "$cmake" --install "$work/ours" >/dev/null
fi
"$cmake" -S "$source/tests/packaging/consumer" -B "$work/build" -DCMAKE_CXX_COMPILER="$compiler" -DWAY="$way" \
    -DRESIDUA_SOURCE="$source" -DCMAKE_PREFIX_PATH="$work/prefix" \
    ${XSIMD_INCLUDE_DIR:+-DXSIMD_INCLUDE_DIR="$XSIMD_INCLUDE_DIR"} >/dev/null
"$cmake" --build "$work/build"
"$work/build/consumer"
