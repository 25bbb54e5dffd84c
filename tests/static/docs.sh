#!/bin/sh
# Each ```cpp block of README.md and docs/*.md compiles, as if after the umbrella header.
#   docs.sh COMPILER SOURCE run|together      (xsimd of XSIMD_INCLUDE_DIR, if that is set)
# run: each block by itself; one with a main() runs, too, and ends with 0. together: a page is one translation unit, each block in a
# namespace of its own. That a block includes what it needs is a property of its text: one compiler will do.
set -u
compiler=$1
source=$2
how=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for page in "$source"/README.md "$source"/docs/*.md; do
    name=$(basename "$page" .md)
    awk -v work="$work" -v name="$name" -v how="$how" '
        function write_page(    file) {
            file = sprintf("%s/%s.cpp", work, name)
            print "#include <residua/residua.hpp>\n" includes "using namespace residua;" text > file
        }
        /^```cpp/ {
            inside = 1
            ++count
            file = sprintf("%s/%s_%02d.cpp", work, name, count)
            if (how == "run") print "#include <residua/residua.hpp>\nusing namespace residua;" > file
            text = text "\nnamespace block_" count " {\n"
            next
        }
        /^```/ && inside { inside = 0; text = text "}\n"; next }
        !inside { next }
        how == "run" { print > file; next }
        /^#include/ { includes = includes $0 "\n"; next }
        { text = text $0 "\n" }
        END { if (how == "together" && count) write_page() }' "$page"
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
[ $failed = 0 ] && echo "docs with $compiler, $how: $(ls "$work"/*.cpp | wc -l) sources compile, $ran of them run"
exit $failed
