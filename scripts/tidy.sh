#!/bin/sh
# clang-tidy (14) on every header, by .clang-tidy: in one translation unit, which takes seconds, where each alone would take minutes.
# Installs it through apt where it is missing (not with --no-install).
set -eu
cd "$(dirname "$0")/.."
. scripts/install_dependencies.sh

no_install=0
case ${1:-} in
    "") ;;
    --no-install) no_install=1 ;;
    *)
        echo "expected --no-install, found $1" >&2
        exit 2
        ;;
esac
command -v clang-tidy-14 >/dev/null 2>&1 || need clang-tidy-14
need libxsimd-dev nlohmann-json3-dev zlib1g-dev libturbojpeg0-dev libspng-dev
install_missing

mkdir -p build/tidy
# (core/no_threads.hpp stands in for core/own_threads.hpp where there are no threads: both at once are one too many.)
(cd include && find residua -name '*.hpp' ! -path residua/core/no_threads.hpp | sort) | sed 's|.*|#include <&>|' >build/tidy/all.cpp
clang-tidy-14 --quiet build/tidy/all.cpp -- -std=c++20 -Iinclude ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"}
echo "clang-tidy: $(wc -l <build/tidy/all.cpp) headers, ok"
