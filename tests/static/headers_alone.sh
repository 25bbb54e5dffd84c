#!/bin/sh
# Each header compiles alone; the umbrella header without exceptions, and without threads; data in memory without exceptions; and a
# program that instantiates much.
# None warns, whatever of these a user turns on.
#   headers_alone.sh COMPILER INCLUDE      (xsimd of XSIMD_INCLUDE_DIR, if that is set)
set -u
compiler=$1
include=$2
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

# compiles FILE WHAT [OPTION]
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

for header in $(find "$include/residua" -name "*.hpp" | sort); do
    name=${header#"$include"/}
    echo "#include <$name>" >"$source"
    compiles "$source" "$name, alone" -fno-rtti
done
for option in -fno-exceptions -DRESIDUA_NO_THREADS; do
    echo "#include <residua/residua.hpp>" >"$source"
    compiles "$source" "residua/residua.hpp with $option" $option
done
for header in batches from_arrays in_order split; do
    echo "#include <residua/data/$header.hpp>"
done >"$source"
compiles "$source" "data in memory with -fno-exceptions" -fno-exceptions
compiles "$(dirname "$0")/user_program.cpp" "a user's program"
[ $failed = 0 ] && echo "headers alone with $compiler: ok"
exit $failed
