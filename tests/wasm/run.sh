#!/bin/sh
# Trains and infers in WebAssembly with its vectors, in Node, and compares each number with those of SSE2.
#   run.sh CLANG INCLUDE XSIMD COMPILER      CLANG: with wasi-libc and libc++ for it; XSIMD: 11 or newer; COMPILER: this processor's
set -eu
clang=$1
include=$2
xsimd=$3
compiler=$4
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options="-std=c++20 -O1 -Wall -Wextra -Werror -DRESIDUA_NO_THREADS -DRESIDUA_NO_PROCESSOR_NOTE"
# shellcheck disable=SC2086  (a list of words)
"$compiler" $options -I"$include" "$here/steps.cpp" -o "$work/sse2" &
sse2=$!
# (WASI's libraries know no exceptions.)
# shellcheck disable=SC2086
"$clang" --target=wasm32-wasi -msimd128 $options -fno-exceptions -Wno-deprecated -I"$include" -isystem "$xsimd" "$here/steps.cpp" -o "$work/steps.wasm"
wait "$sse2"
node --no-warnings "$here/run.mjs" "$work/steps.wasm" >"$work/of_wasm"
"$work/sse2" >"$work/of_sse2"
cmp "$work/of_wasm" "$work/of_sse2" || { head -3 "$work/of_wasm" "$work/of_sse2" | cut -c1-200; exit 1; }
echo "WebAssembly in Node $(node --version): $(wc -w <"$work/of_wasm") numbers, those of SSE2; $(wc -c <"$work/steps.wasm") bytes"
