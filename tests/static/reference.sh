#!/bin/sh
# Each name in the first column of a table of docs/reference.md stands in the header of its row.
#   reference.sh SOURCE
set -u
page=$1/docs/reference.md
include=$1/include/residua
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
failed=0

# "NAME HEADER" a line: of `cifar::ResNet<Depth>` and `Trainer::step(...)` what follows the last ::, up to what is no letter.
awk -F' \\| ' '/^\| `/ {
    header = $3; gsub(/[` |]/, "", header)
    count = split($1, parts, "`")
    for (i = 2; i <= count; i += 2) {
        name = parts[i]; sub(/[^A-Za-z0-9_:].*/, "", name); sub(/.*::/, "", name)
        print name, header
    }
}' "$page" >"$rows"

while read -r name header; do
    if [ ! -f "$include/$header" ]; then
        echo "docs/reference.md: $name: no header $header"
        failed=1
    elif ! grep -qw "$name" "$include/$header"; then
        echo "docs/reference.md: no $name in $header"
        failed=1
    fi
done <"$rows"
[ $failed = 0 ] && echo "reference: $(wc -l <"$rows") names stand in their headers"
exit $failed
