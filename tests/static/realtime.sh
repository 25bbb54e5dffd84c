#!/bin/sh
# Clang's real-time sanitizer finds nothing in a call of an engine, and something in a call that allocates.
#   realtime.sh COMPILER SOURCE      (xsimd of XSIMD_INCLUDE_DIR, if that is set)
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" -std=c++20 -O1 -fsanitize=realtime -I"$2/include" ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} \
    "$2/tests/static/realtime.cpp" -o "$work/realtime"
"$work/realtime"
if "$work/realtime" allocates 2>"$work/found"; then
    echo "the sanitizer does not find an allocation"
    exit 1
fi
grep -q 'RealtimeSanitizer' "$work/found" || { cat "$work/found"; exit 1; }
