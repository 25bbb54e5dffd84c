#!/bin/sh
# A program that is compiled for less than this processor has is told so by one line on standard error, unless it asked not to be.
#   processor_note.sh COMPILER INCLUDE
set -u
compiler=$1
include=$2
source=$(dirname "$0")/processor_note.cpp
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

complain() {
    echo "$*"
    failed=1
}

# built NAME OPTIONS
built() {
    name=$1
    shift
    "$compiler" -std=c++20 -O0 -pthread -Wall -Wextra -Werror -I"$include" "$@" -o "$work/$name" || {
        echo "$name does not compile"
        exit 1
    }
}

# tells NAME [PATTERN]: what the program says, of one line, or nothing where no pattern is given.
tells() {
    "$work/$1" >"$work/out" 2>"$work/errors" || complain "$1 fails"
    [ ! -s "$work/out" ] || complain "$1: expected nothing on standard output, found: $(cat "$work/out")"
    if [ $# = 1 ]; then
        [ ! -s "$work/errors" ] || complain "$1: expected no line, found: $(cat "$work/errors")"
    else
        [ "$(wc -l <"$work/errors")" = 1 ] || complain "$1: expected one line, found: $(cat "$work/errors")"
        grep -q "^residua: compiled for $2" "$work/errors" || complain "$1: expected 'compiled for $2', found: $(cat "$work/errors")"
    fi
}

# has FLAG...: all of them
has() {
    for flag in "$@"; do grep -m1 '^flags' /proc/cpuinfo | grep -qw "$flag" || return 1; done
}

unset RESIDUA_NO_PROCESSOR_NOTE
built native -march=native "$source"
tells native
if [ "$(uname -m)" != x86_64 ]; then
    built plain "$source"
    tells plain
    [ $failed = 0 ] && echo "processor note with $compiler: none on $(uname -m)"
    exit $failed
fi

largest=""
has avx2 fma bmi1 bmi2 && largest=avx2
has avx512f avx512bw avx512cd avx512dq avx512vl && largest=avx512
built baseline -march=x86-64 "$source"
tells baseline ${largest:+"sse2, on a processor that has $largest:"}
built defined -march=x86-64 -DRESIDUA_NO_PROCESSOR_NOTE "$source"
tells defined
RESIDUA_NO_PROCESSOR_NOTE=1
export RESIDUA_NO_PROCESSOR_NOTE
tells baseline
unset RESIDUA_NO_PROCESSOR_NOTE

if [ -n "$largest" ]; then
    built avx2 -march=x86-64-v3 "$source"
    [ $largest = avx2 ] && tells avx2 || tells avx2 "avx2, on a processor that has avx512:"

    # One line where the parts of a program are compiled for several.
    built first.o -c -march=x86-64 -DNAME=first "$source"
    built several -march=x86-64-v3 -DWITH_FIRST "$source" "$work/first.o"
    tells several "[a-z0-9]*2, on a processor that has $largest:"
fi
[ $failed = 0 ] && echo "processor note with $compiler: ok (${largest:-nothing beyond SSE2})"
exit $failed
