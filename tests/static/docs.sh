#!/bin/sh
# Each ```cpp block of README.md and docs/*.md compiles, as if after the umbrella header.
#   docs.sh COMPILER SOURCE run|together      (xsimd of XSIMD_INCLUDE_DIR, if that is set)
# run: a block finds what it includes and no more; one with a main() is a program, which runs and ends with 0. together: a page is one
# translation unit. That a block includes what it needs is a property of its text: one compiler will do.
# Blocks that share a translation unit (a page, or those with the same includes) are namespaces of it.
set -u
compiler=$1
source=$2
how=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
(cd "$source" && awk -v work="$work" -v how="$how" '
    # (Errors name the line of the page.)
    FNR == 1 {
        page = FILENAME
        name = FILENAME
        sub(/.*\//, "", name)
        sub(/[.]md$/, "", name)
        count = 0
    }
    /^```cpp/ {
        inside = 1
        includes = ""
        is_program = 0
        text = sprintf("#line %d \"%s\"\n", FNR + 1, page)
        ++count
        next
    }
    /^```/ && inside {
        inside = 0
        if (how == "together") unit = name
        else if (is_program) unit = name "_" count
        else unit = "including " includes
        if (!(unit in texts)) {
            file = is_program ? name "_" count : how == "together" ? name : "group_" ++groups
            files[unit] = work "/" file ".cpp"
            texts[unit] = ""
        }
        heads[unit] = heads[unit] includes
        if (is_program && how == "run") texts[unit] = text
        else texts[unit] = texts[unit] "namespace " name "_" count " {\n" text "}\n"
        next
    }
    !inside { next }
    /^#include/ {
        includes = includes $0 "\n"
        text = text "\n"
        next
    }
    /^int main\(\)/ { is_program = 1 }
    { text = text $0 "\n" }
    END {
        for (unit in texts) {
            print "#include <residua/residua.hpp>\n" heads[unit] "using namespace residua;\n" texts[unit] > files[unit]
        }
    }' README.md docs/*.md)
options="-std=c++20 -O0 -pthread -Wall -Wextra"
# shellcheck disable=SC2086  (a list of words)
sh "$(dirname "$0")/precompile.sh" "$work/residua.hpp" residua/residua.hpp "$source/include" "$compiler" $options || exit 1
ran=0
for unit in "$work"/*.cpp; do
    set -- -fsyntax-only
    [ "$how" = run ] && grep -q '^int main()' "$unit" && set -- -o "$work/program"
    # shellcheck disable=SC2086
    if ! "$compiler" $options -include "$work/residua.hpp" -I"$source/include" \
        ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} "$@" "$unit" 2>"$work/out"; then
        echo "does not compile:"
        head -8 "$work/out"
        failed=1
    elif [ "$1" != -fsyntax-only ]; then
        ran=$((ran + 1))
        "$work/program" >"$work/out" 2>&1 && continue
        echo "$(basename "$unit") fails:"
        head -8 "$work/out"
        failed=1
    fi
done
[ $failed = 0 ] && echo "docs with $compiler, $how: $(ls "$work"/*.cpp | wc -l) sources compile, $ran of them run"
exit $failed
