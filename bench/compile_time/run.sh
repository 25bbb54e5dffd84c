#!/usr/bin/env bash
# Seconds of a processor, memory, object size and longest symbol of a program with a network, against depth; ends with 1 where a bar is
# short. A shared machine varies by a third: depths 20 and 1001 are compiled at the same time, so that what disturbs one disturbs the
# other, each figure is the least of its rounds, and while a bar of seconds is short there are more rounds, up to MOST_ROUNDS.
# Compiler: $CXX. Headers of xsimd as it finds them, or in XSIMD_INCLUDE_DIR.
set -euo pipefail
cd "$(dirname "$0")"
compiler=${CXX:-g++}
rounds=${ROUNDS:-2}
most_rounds=${MOST_ROUNDS:-8}
# (On x86 for AVX-512, whatever this processor has: the same code wherever it is compiled.)
processor=native
[ "$(uname -m)" != x86_64 ] || processor=x86-64-v4
options=(-std=c++20 -O2 "-march=$processor" -I../../include ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"})
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# compile NAME OPTION...    leaves $out/NAME.o, and in $out/NAME its seconds and megabytes
compile() {
    name=$1
    shift
    python3 -c '
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{used.ru_utime:.3f} {used.ru_maxrss // 1024}")
sys.exit(status)' "$compiler" "${options[@]}" "$@" -c network.cpp -o "$out/$name.o" >"$out/$name"
}

declare -A seconds megabytes
# note NAME    the least so far
note() {
    read -r found memory <"$out/$1"
    if [ -z "${seconds[$1]:-}" ] || awk "BEGIN{exit !($found < ${seconds[$1]})}"; then seconds[$1]=$found; fi
    megabytes[$1]=$memory
}
round() {
    compile 20 -DDEPTH=20 &
    first=$!
    compile 1001 -DDEPTH=1001 &
    second=$!
    wait $first
    wait $second
    note 20
    note 1001
}

short=0
# bar NAME VALUE WANT
bar() {
    if awk "BEGIN{exit !($2 <= $3)}"; then
        echo "bar $1: $2 (want <= $3) ok"
    else
        echo "bar $1: $2 (want <= $3) short"
        short=1
    fi
}
bars_of_seconds() {
    bar compile_seconds_depth_1001 "${seconds[1001]}" 20
    bar compile_ratio_1001_to_20 "$(awk "BEGIN{printf \"%.3f\", ${seconds[1001]} / ${seconds[20]}}")" 1.15
}

compile basic -DDEPTH=20 -DBASIC
note basic
for ((ran = 0; ran < rounds; ++ran)); do round; done
while bars_of_seconds >/dev/null && [ $short = 1 ] && [ "$ran" -lt "$most_rounds" ]; do
    echo "short after $ran rounds; one more" >&2
    short=0
    round
    ran=$((ran + 1))
done
short=0

declare -A symbol
for name in basic 20 1001; do
    symbol[$name]=$(nm "$out/$name.o" | awk '{ if (length($NF) > longest) longest = length($NF) } END { print longest }')
    echo "depth ${name/basic/20 -DBASIC}: ${seconds[$name]} s, ${megabytes[$name]} MB, object $(($(stat -c %s "$out/$name.o") / 1024)) KB," \
        "longest symbol ${symbol[$name]} characters"
done
bars_of_seconds
# (What g++ takes depends on when its collector runs: 483 to 541 MB for one network and other options, 250 of them headers.)
bar compile_megabytes_depth_1001 "${megabytes[1001]}" 600
bar compile_megabytes_ratio_1001_to_20 "$(awk "BEGIN{printf \"%.3f\", ${megabytes[1001]} / ${megabytes[20]}}")" 1.1
bar longest_symbol_depth_1001 "${symbol[1001]}" 1500
bar longest_symbol_ratio_1001_to_20 "$(awk "BEGIN{printf \"%.3f\", ${symbol[1001]} / ${symbol[20]}}")" 1.1
exit $short
