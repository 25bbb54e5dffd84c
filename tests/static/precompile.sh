#!/bin/sh
# A header of ours, precompiled: for many small compilations that all include it, most of whose time is its vectors' and the standard
# library's.
#   precompile.sh FILE HEADER INCLUDE COMPILER OPTION...    then COMPILER OPTION... -include FILE takes it
set -eu
file=$1
header=$2
include=$3
shift 3
mkdir -p "$(dirname "$file")"
echo "#include <$header>" >"$file"
"$@" -I"$include" ${XSIMD_INCLUDE_DIR:+-isystem "$XSIMD_INCLUDE_DIR"} -x c++-header "$file" -o "$file.gch"
