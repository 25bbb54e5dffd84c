#!/bin/sh
# A header includes only from its own folder and from those to its left.
#   header_order.sh INCLUDE/residua
set -u
rank() {
    case $1 in
        simd) echo 1 ;;
        core) echo 2 ;;
        kernels) echo 3 ;;
        layers) echo 4 ;;
        units) echo 5 ;;
        networks) echo 6 ;;
        testing) echo 7 ;;
        inference | training) echo 7 ;;
        data | io | analysis) echo 8 ;;
        *) echo 9 ;;
    esac
}
failed=0
cd "$1" || exit 1
for header in $(find . -mindepth 2 -name "*.hpp" | sed "s,^\./,,"); do
    folder=${header%%/*}
    for included in $(sed -n 's|^#include <residua/\([a-z]*\)/.*|\1|p' "$header"); do
        if [ "$(rank "$included")" -gt "$(rank "$folder")" ]; then
            echo "$header includes from $included, which stands to its right"
            failed=1
        fi
    done
    if [ "$folder" != simd ] && grep -nE '#include <(xsimd|immintrin|arm_neon)' "$header"; then
        echo "$header includes vectors; only simd/ may"
        failed=1
    fi
done
[ $failed = 0 ] && echo "header order: ok"
exit $failed
