#!/bin/sh
# Compiles a program that must not compile: exactly one error, each "// expect: REGEX" matched, and few lines of output (12 on
# g++, 20 on clang).
#   must_fail.sh COMPILER INCLUDE SOURCE [PRECOMPILED]    (xsimd of XSIMD_INCLUDE_DIR, if that is set)
# PRECOMPILED: what precompile.sh made of the headers that most of them begin with, in their order: so that a message's lines are as
# many as a user sees, or one more.
set -u
output=$("$1" -std=c++20 -fsyntax-only -I"$2" ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} ${4:+-include "$4"} "$3" 2>&1) && {
    echo "$3 compiles, but must not"
    exit 1
}
failed=0
errors=$(printf '%s\n' "$output" | grep -c 'error:')
lines=$(printf '%s\n' "$output" | wc -l)
case $1 in
    *clang*) most=20 ;;
    *) most=12 ;;
esac
[ "$errors" = 1 ] || { echo "expected 1 error, found $errors"; failed=1; }
[ "$lines" -le $most ] || { echo "expected at most $most lines, found $lines"; failed=1; }
while IFS= read -r expected; do
    printf '%s\n' "$output" | grep -qE -- "$expected" || { echo "expected a message matching: $expected"; failed=1; }
done <<END
$(sed -n 's|^// expect: ||p' "$3")
END
[ $failed = 0 ] || printf '%s\n' "$output"
exit $failed
