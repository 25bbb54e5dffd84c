#!/bin/sh
# Each ```cpp block of README.md and docs/*.md compiles, as if after the umbrella header; with "run", one with a main() runs, too, and
# ends with 0.
#   docs.sh COMPILER SOURCE run|compile      (xsimd of XSIMD_INCLUDE_DIR, if that is set)
set -u
compiler=$1
source=$2
how=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for page in "$source"/README.md "$source"/docs/*.md; do
    name=$(basename "$page" .md)
    awk -v work="$work" -v name="$name" '
        /^```cpp/ { inside = 1; file = sprintf("%s/%s_%02d.cpp", work, name, ++count)
                    print "#include <residua/residua.hpp>\nusing namespace residua;" > file; next }
        /^```/    { inside = 0; next }
        inside    { print > file }' "$page"
done
options="-std=c++20 -O0 -pthread -Wall -Wextra"
# shellcheck disable=SC2086  (a list of words)
sh "$(dirname "$0")/precompile.sh" "$work/residua.hpp" residua/residua.hpp "$source/include" "$compiler" $options || exit 1
ran=0
for block in "$work"/*.cpp; do
    set -- -fsyntax-only
    [ "$how" = run ] && grep -q '^int main()' "$block" && set -- -o "$work/program"
    # shellcheck disable=SC2086
    if ! "$compiler" $options -include "$work/residua.hpp" -I"$source/include" \
        ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} "$@" "$block" 2>"$work/out"; then
        echo "$(basename "$block") does not compile:"
        head -8 "$work/out"
        failed=1
    elif [ "$1" != -fsyntax-only ]; then
        ran=$((ran + 1))
        "$work/program" >"$work/out" 2>&1 && continue
        echo "$(basename "$block") fails:"
        head -8 "$work/out"
        failed=1
    fi
done
[ $failed = 0 ] && echo "docs with $compiler: $(ls "$work"/*.cpp | wc -l) blocks compile, $ran of them run"
exit $failed
