#!/bin/sh
# The C interface from C and from Python gives the logits of the table of functions; and the library shows its functions alone.
#   c_api.sh DISPATCH C-PROGRAM LIBRARY PYTHON SOURCE NM
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" "$work/weights" | sed 1d | cut -d' ' -f2 >"$work/expected"
"$2" "$work/weights" >"$work/c"
cmp "$work/expected" "$work/c"
"$4" "$5/tests/dispatch/c_api.py" "$3" "$work/weights" >"$work/python"
cmp "$work/expected" "$work/python"
shown=$("$6" -D --defined-only "$3" | awk '$2 != "A" { print $3 }' | grep -v '^small_' || true)
[ -z "$shown" ] || { echo "expected functions small_..., found"; echo "$shown" | head; exit 1; }
echo "from C and from Python: $(wc -l <"$work/c") logits each"
