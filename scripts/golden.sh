#!/bin/sh
# "The same bits everywhere", everywhere: compiles tests/kernels/golden_test.cpp alone by each compiler that is here (g++, clang++,
# the newest clang++-N; for NEON the cross compiler and those clangs), with -O1, -O2 and -O3, products and sums contracted and not,
# for AVX-512, AVX2, NEON (run by qemu) and SSE2, runs each, and ends with 1 if one has other numbers.
#
#   scripts/golden.sh [-j JOBS] [PATTERN]      of those alone whose line PATTERN (of grep -E) is found in
#
# xsimd of XSIMD_INCLUDE_DIR, if that is set. Takes half an hour of a processor: no part of CI.
set -eu
cd "$(dirname "$0")/.."

# Compiles as a line of the list below says: COMPILER PROCESSOR OPTION...
compile() {
    compiler=$1
    processor=$2
    shift 2
    case $compiler-$processor in
        clang*-neon) set -- "$@" --target=aarch64-linux-gnu -static ;;
        *-neon) set -- "$@" -static ;;
        *-avx512) set -- "$@" -march=x86-64-v4 ;;
        *-avx2) set -- "$@" -march=x86-64-v3 ;;
    esac
    "$compiler" -std=c++20 "$@" -pthread -Iinclude -isystem "$work/include"
}

# Compiles and runs one line, and prints what it gave.
try() {
    what="$*"
    emulator=""
    [ "$2" != neon ] || emulator=qemu-aarch64
    program=$(mktemp "$work/program.XXXXXX")
    result=agrees
    if ! compile "$@" tests/kernels/golden_test.cpp "$work/main-$1-$2.o" -o "$program" 2>"$program.log"; then
        result="does not compile: $(grep -m1 error "$program.log" || true)"
    elif ! $emulator "$program" >"$program.log" 2>&1; then
        result="differs: $(sed -n 's/^ *values: //p' "$program.log" | tr '\n' ';')"
    fi
    rm -f "$program" "$program.log"
    echo "$what: $result"
}

if [ "${1:-}" = --one ]; then
    work=$2
    shift 2
    try "$@"
    exit 0
fi

jobs=1
pattern=.
while [ $# -gt 0 ]; do
    case $1 in
        -j)
            jobs=${2:?expected a number after -j}
            shift
            ;;
        -*)
            echo "expected -j JOBS or a pattern, found $1" >&2
            exit 2
            ;;
        *) pattern=$1 ;;
    esac
    shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# (Links, so that a cross compiler finds these headers of the host's and no others.)
mkdir "$work/include"
ln -s "${XSIMD_INCLUDE_DIR:-/usr/include}/xsimd" "$work/include/xsimd"
ln -s /usr/include/doctest "$work/include/doctest"

has() {
    command -v "$1" >/dev/null 2>&1
}
runs() {
    grep -qw "$1" /proc/cpuinfo
}
skip() {
    echo "skipped: $1" >&2
}

newest=$(for folder in $(echo "$PATH" | tr : ' '); do ls "$folder" 2>/dev/null; done | sed -n 's/^clang++-\([0-9]*\)$/\1/p' | sort -n | tail -1)
compilers=""
for compiler in g++ clang++ "clang++-${newest:-N}"; do
    if has "$compiler"; then compilers="$compilers $compiler"; else skip "$compiler is not here"; fi
done
processors=sse2
if runs avx2 && runs fma; then processors="$processors avx2"; else skip "no AVX2 on this processor"; fi
if runs avx512dq && runs avx512vl; then processors="$processors avx512"; else skip "no AVX-512 on this processor"; fi

list=$work/list
for level in -O1 -O2 -O3; do
    for contract in -ffp-contract=off -ffp-contract=fast; do
        for compiler in $compilers; do
            for processor in $processors; do
                echo "$compiler $processor $level $contract"
            done
        done
        if ! has aarch64-linux-gnu-g++ || ! has qemu-aarch64; then continue; fi
        for compiler in $compilers; do
            case $compiler in
                clang*) echo "$compiler neon $level $contract" ;;
                *) echo "aarch64-linux-gnu-g++ neon $level $contract" ;;
            esac
        done
    done
done >"$list"
has aarch64-linux-gnu-g++ || skip "aarch64-linux-gnu-g++ is not here: no NEON"
has qemu-aarch64 || skip "qemu-aarch64 is not here: no NEON"

grep -E -- "$pattern" "$list" >"$work/wanted" || { echo "expected a pattern of one of these, found $pattern" >&2; cat "$list" >&2; exit 2; }
cut -d' ' -f1-2 "$work/wanted" | sort -u | while read -r compiler processor; do
    compile "$compiler" "$processor" -O0 -c tests/support/main.cpp -o "$work/main-$compiler-$processor.o"
done
xargs -P "$jobs" -L 1 sh scripts/golden.sh --one "$work" <"$work/wanted" | tee "$work/results"
agree=$(grep -c ': agrees$' "$work/results" || true)
all=$(grep -c . "$work/wanted")
echo "$agree of $all agree"
[ "$agree" = "$all" ]
