#!/bin/sh
# What cannot be configured says what was expected and what was found.
#   refusals.sh SOURCE WORK CMAKE COMPILER      (xsimd of XSIMD_INCLUDE_DIR, if that is set)
set -u
source=$1
work=$2/refusals
cmake=$3
compiler=$4
failed=0
rm -rf "$work"
mkdir -p "$work"

# refused NAME REGEX SOURCE [OPTIONS]: cmake must end with an error that matches, whatever its line breaks.
refused() {
    name=$1
    expected=$2
    folder=$3
    shift 3
    if "$cmake" -S "$folder" -B "$work/$name" -DCMAKE_CXX_COMPILER="$compiler" "$@" >"$work/$name.txt" 2>&1; then
        echo "$name: expected an error, found none"
        failed=1
    elif ! tr -s ' \n' ' ' <"$work/$name.txt" | grep -qE -- "$expected"; then
        echo "$name: expected an error matching: $expected"
        cat "$work/$name.txt"
        failed=1
    fi
}

# xsimd's headers, as far as cmake looks: fake_xsimd FOLDER MAJOR MINOR
fake_xsimd() {
    mkdir -p "$1/xsimd/config"
    : >"$1/xsimd/xsimd.hpp"
    printf '#define XSIMD_VERSION_MAJOR %s\n#define XSIMD_VERSION_MINOR %s\n#define XSIMD_VERSION_PATCH 0\n' "$2" "$3" \
        >"$1/xsimd/config/xsimd_config.hpp"
}

bare="-DRESIDUA_TESTS=OFF -DRESIDUA_EXAMPLES=OFF"
fake_xsimd "$work/old" 7 6
fake_xsimd "$work/almost" 8 0
mkdir "$work/empty"
# shellcheck disable=SC2086  (a list of words)
{
    refused old_xsimd "expected xsimd 8.1 or newer, found 7.6 in [^ ]*/old " "$source" $bare -DXSIMD_INCLUDE_DIR="$work/old"
    refused almost_xsimd "expected xsimd 8.1 or newer, found 8.0 in [^ ]*/almost " "$source" $bare -DXSIMD_INCLUDE_DIR="$work/almost"
    refused empty_xsimd "expected xsimd/config/xsimd_config.hpp in XSIMD_INCLUDE_DIR, found none in [^ ]*/empty " "$source" $bare \
        -DXSIMD_INCLUDE_DIR="$work/empty"
    refused unknown_form "RESIDUA_TRAIN_NETWORKS: no20: expected one of the networks .*preact, .*found 'no'" "$source" \
        -DRESIDUA_TESTS=OFF -DRESIDUA_TRAIN_NETWORKS=no20 ${XSIMD_INCLUDE_DIR:+-DXSIMD_INCLUDE_DIR="$XSIMD_INCLUDE_DIR"}
    refused unknown_suffix "RESIDUA_TRAIN_NETWORKS: resnet20-no: expected one of the suffixes .*a2, .*found 'no'" "$source" \
        -DRESIDUA_TESTS=OFF -DRESIDUA_TRAIN_NETWORKS=resnet20-no ${XSIMD_INCLUDE_DIR:+-DXSIMD_INCLUDE_DIR="$XSIMD_INCLUDE_DIR"}
    "$cmake" -S "$source" -B "$work/ours" -DCMAKE_CXX_COMPILER="$compiler" $bare -DCMAKE_INSTALL_PREFIX="$work/prefix" \
        ${XSIMD_INCLUDE_DIR:+-DXSIMD_INCLUDE_DIR="$XSIMD_INCLUDE_DIR"} >/dev/null || failed=1
}
"$cmake" --install "$work/ours" >/dev/null || failed=1

# A user's project that asks for components, on a machine without nlohmann-json and zlib (or libspng).
mkdir "$work/user"
cat >"$work/user/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES CXX)
find_package(Residua REQUIRED COMPONENTS ${COMPONENTS})
END
installed() {
    name=$1
    expected=$2
    shift 2
    refused "$name" "$expected" "$work/user" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON \
        -DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON ${XSIMD_INCLUDE_DIR:+-DXSIMD_INCLUDE_DIR="$XSIMD_INCLUDE_DIR"} "$@"
}
installed no_io "component io needs nlohmann-json \(apt-get install nlohmann-json3-dev\), which was not found" "-DCOMPONENTS=threads;io"
installed no_data "component data needs zlib \(apt-get install zlib1g-dev\), which was not found" -DCOMPONENTS=data
installed no_images "component images needs libturbojpeg and libspng \(apt-get install libturbojpeg0-dev libspng-dev\), which was not found" \
    -DCOMPONENTS=images -DRESIDUA_SPNG_LIBRARY=
installed unknown "expected components among residua, threads, io, data and images, found models" -DCOMPONENTS=models
installed installed_old_xsimd "expected xsimd 8.1 or newer, found 7.6 in [^ ]*/old " -DCOMPONENTS=threads -DXSIMD_INCLUDE_DIR="$work/old"

[ $failed = 0 ] && echo "refusals: ok"
exit $failed
