#!/usr/bin/env bash
# Time, memory, object size and longest symbol of a program with a network, against depth. Runs take turns (a shared machine varies
# by a third); each figure is the least of ROUNDS (default 2). Headers of xsimd as the compiler finds them, or in XSIMD_INCLUDE_DIR.
set -euo pipefail
cd "$(dirname "$0")"
compiler=${CXX:-g++}
rounds=${ROUNDS:-2}
includes=(-I../../include ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"})
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

declare -A best
cases=("20" "1001" "20 -DBASIC")
for ((round = 0; round < rounds; ++round)); do
    for case in "${cases[@]}"; do
        # shellcheck disable=SC2086
        figures=$({ TIMEFORMAT='%U'; time "$compiler" -std=c++20 -O2 -march=native "${includes[@]}" -DDEPTH=$case -c network.cpp -o "$out/network.o"; } 2>&1)
        if [ -z "${best[$case]:-}" ] || awk "BEGIN{exit !($figures < ${best[$case]})}"; then best[$case]=$figures; fi
        if [ "$round" = 0 ]; then
            memory=$( { python3 - "$compiler" "$case" "${includes[@]}" <<'END'
import resource, subprocess, sys
subprocess.run([sys.argv[1], '-std=c++20', '-O2', '-march=native', *sys.argv[3:], *('-DDEPTH=' + sys.argv[2]).split(), '-c', 'network.cpp', '-o', '/dev/null'], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
END
            } 2>/dev/null || echo "?")
            size=$(stat -c %s "$out/network.o")
            symbol=$(nm "$out/network.o" | awk '{ if (length($NF) > longest) longest = length($NF) } END { print longest }')
            echo "depth $case: $memory MB, object $((size / 1024)) KB, longest symbol $symbol characters"
            [ "$case" != 1001 ] || deep_memory=$memory
        fi
    done
done
for case in "${cases[@]}"; do echo "depth $case: ${best[$case]} s"; done

verdict() { # name, value, limit
    if awk "BEGIN{exit !($2 <= $3)}"; then echo "bar $1: $2 (want <= $3) ok"; else echo "bar $1: $2 (want <= $3) short"; fi
}
verdict compile_seconds_depth_1001 "${best[1001]}" 25
verdict compile_ratio_1001_to_20 "$(awk "BEGIN{printf \"%.3f\", ${best[1001]} / ${best[20]}}")" 1.15
[ "${deep_memory:-?}" = "?" ] || verdict compile_megabytes_depth_1001 "$deep_memory" 1200
