#!/bin/sh
# Each header compiles alone; and the umbrella header without exceptions, and without threads.
#   headers_alone.sh COMPILER INCLUDE      (xsimd of XSIMD_INCLUDE_DIR, if that is set)
set -u
compiler=$1
include=$2
failed=0
for header in $(find "$include/residua" -name "*.hpp" | sort); do
    name=${header#"$include"/}
    if ! echo "#include <$name>" | "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -Werror -fno-rtti \
        -I"$include" ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} -x c++ - 2>/tmp/headers_alone.$$; then
        echo "$name does not compile alone:"
        head -5 /tmp/headers_alone.$$
        failed=1
    fi
done
for option in -fno-exceptions -DRESIDUA_NO_THREADS; do
    if ! echo "#include <residua/residua.hpp>" | "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -Werror $option \
        -I"$include" ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} -x c++ - 2>/tmp/headers_alone.$$; then
        echo "residua/residua.hpp does not compile with $option:"
        head -5 /tmp/headers_alone.$$
        failed=1
    fi
done
rm -f /tmp/headers_alone.$$
[ $failed = 0 ] && echo "headers alone with $compiler: ok"
exit $failed
