#!/bin/sh
# A network's code is compiled where its engine's class is instantiated, and nowhere else: a file that sees it declared
# `extern template` holds no kernels, and the program of both runs.
#   extern_template.sh COMPILER INCLUDE NM      (xsimd of XSIMD_INCLUDE_DIR, if that is set)
set -eu
compiler=$1
include=$2
nm=$3
here=$(dirname "$0")/extern_template
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# (User: -O1, since what is inline is instantiated where it may be inlined.)
for file in "network -O0" "user -O1"; do
    "$compiler" -std=c++20 "${file#* }" -Wall -Wextra -Werror -I"$include" ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} \
        -DRESIDUA_NO_PROCESSOR_NOTE -c "$here/${file% *}.cpp" -o "$work/${file% *}.o"
done
"$nm" -C "$work/user.o" >"$work/symbols"
grep -q ' U .*Inference<.*::pass(' "$work/symbols" || { echo "expected user.o to ask for the engine's pass"; exit 1; }
if grep -E ' [TtWw] .*kernels::(run_tiles|winograd|pointwise|pool)' "$work/symbols" >"$work/kernels"; then
    echo "expected no kernels in user.o, found:"
    head -5 "$work/kernels" | cut -c1-200
    exit 1
fi
"$compiler" "$work/network.o" "$work/user.o" -pthread -o "$work/program"
"$work/program" && echo "user.o: $(wc -c <"$work/user.o") bytes, network.o: $(wc -c <"$work/network.o")"
