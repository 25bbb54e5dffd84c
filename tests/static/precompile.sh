#!/bin/sh
# Headers of ours, precompiled: for many small compilations that all include them.
#   precompile.sh FILE "HEADER..." INCLUDE COMPILER OPTION...    then COMPILER OPTION... -include FILE takes them
set -eu
file=$1
headers=$2
include=$3
shift 3
mkdir -p "$(dirname "$file")"
for header in $headers; do
    echo "#include <$header>"
done >"$file"
"$@" -I"$include" ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} -x c++-header "$file" -o "$file.gch"
