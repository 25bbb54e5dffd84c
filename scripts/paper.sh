#!/bin/sh
# Runs a claim of the paper (He et al. 2016), or a file of your own, and says which of its directions are confirmed, refuted or open; or
# the race to 94 % of CIFAR-10:
#   scripts/paper.sh CLAIM --data-dir DIR [--scale smoke|short|full] [--seeds K] [--out DIR] [--threads N] [--only-reports]
# Installs what is missing through apt (not with --no-install), builds the claim's networks, runs it; says first how long it will take,
# and goes on where it stood when it is started again. CLAIM, and what a file looks like: examples/paper/claims/README.md.
set -eu
no_install=0
claim=""
data=0
here=$PWD
cd "$(dirname "$0")/.."
. scripts/install_dependencies.sh

# The caller's paths are seen from where they are.
from_here() {
    case $1 in /*) echo "$1" ;; *) echo "$here/$1" ;; esac
}
count=$#
while [ "$count" -gt 0 ]; do
    count=$((count - 1))
    word=$1
    shift
    case $word in
        --no-install) no_install=1 ;;
        --only-reports)
            data=1
            set -- "$@" "$word"
            ;;
        --data-dir=* | --out=*)
            [ "${word%%=*}" = --out ] || data=1
            set -- "$@" "${word%%=*}" "$(from_here "${word#*=}")"
            ;;
        --data-dir | --out)
            [ "$count" -gt 0 ] || { echo "$word needs a value" >&2; exit 2; }
            [ "$word" = --out ] || data=1
            set -- "$@" "$word" "$(from_here "$1")"
            shift
            count=$((count - 1))
            ;;
        --*=*) set -- "$@" "$word" ;;
        --*)
            [ "$count" -gt 0 ] || { echo "$word needs a value" >&2; exit 2; }
            set -- "$@" "$word" "$1"
            shift
            count=$((count - 1))
            ;;
        *)
            [ -z "$claim" ] || { echo "expected one claim, found $claim and $word" >&2; exit 2; }
            claim=$word
            ;;
    esac
done
[ -n "$claim" ] || { echo "expected a claim (all, table1, ..., or a file), found none" >&2; exit 2; }
[ $data = 1 ] || { echo "expected --data-dir, the folder with data_batch_1.bin of CIFAR-10 (or with cifar-10-batches-bin, cifar-100-binary, imagenet)" >&2; exit 2; }
case $claim in *.json) claim=$(from_here "$claim") ;; esac
networks=$claim
[ "$claim" != race ] || networks=example # (the race has its own)

need g++ cmake ninja-build libxsimd-dev libcli11-dev nlohmann-json3-dev zlib1g-dev libturbojpeg0-dev libspng-dev
install_missing

cmake -S . -B build/paper -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O2 -DRESIDUA_NATIVE=ON -DRESIDUA_TESTS=OFF \
    -DRESIDUA_PAPER_CLAIMS="$networks"
cmake --build build/paper --target paper
exec build/paper/examples/paper/paper "$claim" "$@"
