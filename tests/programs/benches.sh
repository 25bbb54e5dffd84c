#!/bin/sh
# The benches speak JSON and CSV on standard output and nothing else there, judge no bar where a filter left something out, and refuse
# options that nobody knows.
#   benches.sh FOLDER      (with the programs)
set -eu
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$*"
    cat "$work/errors"
    exit 1
}

# speaks PROGRAM FILTER
speaks() {
    "$folder/$1" --benchmark_filter="$2" --benchmark_format=json --benchmark_out="$work/file" >"$work/json" 2>"$work/errors" ||
        fail "$1 of $2 fails"
    python3 -m json.tool "$work/json" >/dev/null || fail "$1: not JSON"
    python3 -m json.tool "$work/file" >/dev/null || fail "$1: not JSON in --benchmark_out"
    grep -q '"real_time"' "$work/json" || fail "$1: no benchmark of $2"
    ! grep -q '^bar ' "$work/errors" || fail "$1: a bar is judged by a part"
    "$folder/$1" --benchmark_filter="$2" --benchmark_format=csv >"$work/csv" 2>"$work/errors" || fail "$1 of $2 fails"
    head -1 "$work/csv" | grep -q '^name,iterations,real_time,' || fail "$1: expected a heading of CSV first"
    "$folder/$1" --benchmark_list_tests >"$work/list" 2>"$work/errors" || fail "$1 fails to list its benchmarks"
    status=0
    "$folder/$1" --no_such_option >"$work/json" 2>"$work/errors" || status=$?
    [ $status = 2 ] || fail "$1 --no_such_option: expected 2, found $status"
}

speaks bench_kernels 'stem_3_to_16ch/forward'
speaks bench_memory 'shortcut_a/16_to_32ch_32x32/batch_1'
speaks bench_networks 'resnet20/infer_1/'
speaks bench_threads 'empty_region/threads/2'

printf 'train 1\ninfer_1 2\ninfer_128 1\n' | "$folder/turns" >"$work/turns" 2>"$work/errors" || fail "turns fails"
[ "$(wc -w <"$work/turns")" = 4 ] || fail "turns: expected 4 times, found $(wc -w <"$work/turns")"
echo "benches: ok"
