#!/bin/sh
# Every header compiles; the umbrella header without exceptions, and without threads; data in memory without exceptions; and a
# program that instantiates much.
# None warns, whatever of these a user turns on.
#   headers.sh COMPILER INCLUDE alone|together      (xsimd of XSIMD_INCLUDE_DIR, if that is set)
# alone: each header by itself, a minute of a processor. That it includes what it needs is a property of its text: one compiler will do,
# and others take all headers in one translation unit, where they warn as well.
# A header that includes one of the heavy ones below, itself or through others, finds it precompiled: it sees what it sees without.
set -u
compiler=$1
include=$2
how=$3
here=$(dirname "$0")
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wdouble-promotion -Wshadow -Wold-style-cast -Wcast-align
    -Wextra-semi -Wnon-virtual-dtor"
case $compiler in
    *clang*) ;;
    *) warnings="$warnings -Wuseless-cast" ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source=$work/source.cpp
output=$work/output
failed=0

# compiles FILE WHAT [OPTION...]
compiles() {
    file=$1
    what=$2
    shift 2
    # shellcheck disable=SC2086  (a list of words)
    "$compiler" -std=c++20 -fsyntax-only $warnings -Werror "$@" -I"$include" \
        ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} "$file" 2>"$output" && return
    echo "does not compile: $what"
    head -5 "$output"
    failed=1
}

alone() {
    # The heavy ones, the heaviest last; each is alone where it is precompiled.
    heavy="residua/layers/layer.hpp residua/data/dataset.hpp residua/simd/line.hpp residua/io/safetensors_header.hpp
        residua/networks/network.hpp residua/io/safetensors.hpp residua/training/trainer.hpp"
    for header in $heavy; do
        # shellcheck disable=SC2086
        sh "$here/precompile.sh" "$work/$(basename "$header")" "$header" "$include" "$compiler" -std=c++20 $warnings -Werror -fno-rtti \
            2>"$output" && continue
        echo "does not compile: $header, alone"
        head -5 "$output"
        failed=1
    done

    # Lines "HEADER HEAVY": the heaviest that it includes, or - .
    (cd "$include" && find residua -name "*.hpp" | sort | xargs awk -v heavy="$heavy" '
        function reaches(from, to,    i, parts, count) {
            if (from == to) return 1
            if ((from, to) in known) return known[from, to]
            known[from, to] = 0
            count = split(includes[from], parts, " ")
            for (i = 1; i <= count; ++i) {
                if (reaches(parts[i], to)) return known[from, to] = 1
            }
            return 0
        }
        FNR == 1 { headers[++number] = FILENAME }
        /^#include <residua\// {
            gsub(/^#include <|>.*$/, "")
            includes[FILENAME] = includes[FILENAME] " " $0
        }
        END {
            count = split(heavy, candidates, " ")
            for (h = 1; h <= number; ++h) {
                best = "-"
                for (i = 1; i <= count; ++i) {
                    if (reaches(headers[h], candidates[i])) best = candidates[i]
                }
                print headers[h], best
            }
        }') >"$work/headers"
    while read -r header heavy; do
        [ "$header" != "$heavy" ] || continue
        echo "#include <$header>" >"$source"
        set -- -fno-rtti
        [ "$heavy" = - ] || set -- -fno-rtti -include "$work/$(basename "$heavy")"
        compiles "$source" "$header, alone" "$@"
    done <"$work/headers"
}

# (core/no_threads.hpp stands in for core/own_threads.hpp where there are no threads: both at once are one too many.)
together() {
    (cd "$include" && find residua -name "*.hpp" ! -path residua/core/no_threads.hpp | sort) >"$work/headers"
    sed 's|.*|#include <&>|' "$work/headers" >"$source"
    compiles "$source" "all headers together" -fno-rtti
}

case $how in
    alone) alone ;;
    together) together ;;
    *)
        echo "expected alone or together, found $how" >&2
        exit 2
        ;;
esac

for option in -fno-exceptions -DRESIDUA_NO_THREADS; do
    echo "#include <residua/residua.hpp>" >"$source"
    compiles "$source" "residua/residua.hpp with $option" $option
done
for header in batches from_arrays in_order split; do
    echo "#include <residua/data/$header.hpp>"
done >"$source"
compiles "$source" "data in memory with -fno-exceptions" -fno-exceptions
compiles "$here/user_program.cpp" "a user's program"
[ $failed = 0 ] && echo "headers $how with $compiler: $(wc -l <"$work/headers") headers, ok"
exit $failed
