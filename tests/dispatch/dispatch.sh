#!/bin/sh
# One program, run on each instruction set that this processor has: where there is an fma the logits have the same bits, SSE2's are
# within 1e-5 of the largest. What is compiled for two shares no symbol.
#   dispatch.sh PROGRAM FOLDER-OF-OBJECTS NM
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
    echo "$1" >&2
    exit 1
}

ran=""
for isa in avx512 avx2 sse2 neon; do
    [ -e "$2/$isa.o" ] || continue
    # (Of two objects only the one name is known, which is another in each.)
    names=$("$3" --defined-only --extern-only "$2/$isa.o" | wc -l)
    [ "$names" = 1 ] || fail "$isa.o: expected 1 symbol that others see, found $names"

    if RESIDUA_ISA=$isa "$1" "$work/weights" >"$work/$isa" 2>"$work/error"; then
        [ "$(head -1 "$work/$isa")" = $isa ] || fail "expected $isa, found $(head -1 "$work/$isa")"
        ran="$ran $isa"
    else
        grep -q "expected an instruction set that this processor has, found $isa" "$work/error" || fail "$(cat "$work/error")"
    fi
done
[ -n "$ran" ] || fail "expected an instruction set that this processor has, found none"

# What is picked is the best.
RESIDUA_ISA= "$1" "$work/weights" >"$work/picked"
best=${ran# }
best=${best%% *}
cmp "$work/picked" "$work/$best" || fail "expected $best to be picked, found $(head -1 "$work/picked")"

if [ -s "$work/avx512" ] && [ -s "$work/avx2" ]; then
    [ "$(sed 1d "$work/avx512")" = "$(sed 1d "$work/avx2")" ] || fail "AVX-512 and AVX2 differ"
fi
if [ -s "$work/avx2" ]; then
    paste "$work/avx2" "$work/sse2" | sed 1d | awk '
        { a = $2; b = $4; d = a > b ? a - b : b - a; if (d > most) most = d; m = a > 0 ? a : -a; if (m > largest) largest = m }
        END { printf "SSE2 differs by %.1e of the largest logit\n", most / largest; exit !(most <= 1e-5 * largest) }' ||
        fail "SSE2 differs by more than 1e-5 of the largest logit"
fi

if RESIDUA_ISA=mmx "$1" "$work/weights" >/dev/null 2>"$work/error"; then fail "mmx was taken"; fi
grep -q "RESIDUA_ISA: expected one of .*, for which this program was compiled, found mmx" "$work/error" || fail "$(cat "$work/error")"
echo "ran on$ran"
