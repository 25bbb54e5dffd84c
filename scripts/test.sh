#!/bin/sh
# Builds the tests and passes them: installs what is missing through apt (not with --no-install), configures, builds, runs ctest, and
# ends with its summary. Options after -- go to cmake.
set -eu
cd "$(dirname "$0")/.."
. scripts/install_dependencies.sh

no_install=0
while [ $# -gt 0 ]; do
    case $1 in
        --no-install) no_install=1 ;;
        --)
            shift
            break
            ;;
        *)
            echo "expected --no-install or -- OPTIONS, found $1" >&2
            exit 2
            ;;
    esac
    shift
done

need g++ cmake ninja-build libxsimd-dev doctest-dev nlohmann-json3-dev libcli11-dev zlib1g-dev libturbojpeg0-dev libspng-dev
install_missing
cmake --preset release "$@"
cmake --build --preset release
exec ctest --preset release -j "$(nproc)"
