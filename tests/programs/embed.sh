#!/bin/sh
# The program embed: one class a line for each image, of the weights within it, which are initial ones (seed 1) here.
#   embed.sh EMBED
set -u
embed=$1
. "$(dirname "$0")/complaints.sh"
awk 'BEGIN { for (i = 0; i < 784; i++) printf "%c", 33 + i * i % 90 }' >"$work/image"
cat "$work/image" "$work/image" | "$embed" >"$work/out" || complain "two images: $(cat "$work/out")"
[ "$(tr '\n' ' ' <"$work/out")" = "7 7 " ] || complain "classes of two images: $(cat "$work/out")"
"$embed" </dev/null >"$work/out" || complain "no image: $(cat "$work/out")"
[ -s "$work/out" ] && complain "a class of no image: $(cat "$work/out")"
{ cat "$work/image"; echo; } | "$embed" >"$work/out" 2>"$work/err" && complain "takes a part of an image"
[ "$(cat "$work/out")" = 7 ] || complain "the image in front of a part: $(cat "$work/out")"
grep -qx 'embed: expected images of 784 bytes, found 1 at the end' "$work/err" || complain "a part of an image: $(cat "$work/err")"

"$embed" <"$work/image" >/dev/full 2>"$work/err" && complain "a full disk: succeeded, but must not"
grep -qx 'embed: standard output cannot be written' "$work/err" || complain "a full disk: $(cat "$work/err")"
"$embed" <"$work" >/dev/null 2>"$work/err" && complain "a folder for images: succeeded, but must not"
grep -qx 'embed: standard input cannot be read' "$work/err" || complain "a folder for images: $(cat "$work/err")"

conclude "embed"
