#!/bin/sh
# The program classify as a user meets it, on weights whose answer is known (untrained.cpp) and the pictures of tests/images.
#   classify.sh CLASSIFY UNTRAINED SOURCE_DIR    CLASSIFY built with resnet18
set -u
classify=$1
untrained=$2
files=$3/tests/images/files
. "$(dirname "$0")/complaints.sh"
"$untrained" "$work/weights" || complain "no weights"
seq -f 'kind %g' 0 999 >"$work/labels"
run() {
    "$classify" --network resnet18 --weights "$work/weights" --labels "$work/labels" "$@"
}

# The likeliest first, whatever the image; how likely depends on it. Nine images are more than are inferred at a time.
all="$files/420.jpg $files/rgb.png $files/grey.jpg $files/palette.png $files/progressive.jpg $files/cmyk.jpg $files/444.jpg $files/rgba16.png $files/grey.png"
# shellcheck disable=SC2086  (a list of words)
run --threads 1 $all >"$work/all" 2>&1 || complain "nine images: $(cat "$work/all")"
[ "$(wc -l <"$work/all")" = 54 ] || complain "expected 6 lines an image, found: $(cat "$work/all")"
[ "$(sed -n '1p' "$work/all")" = "$files/420.jpg" ] || complain "the first image: $(cat "$work/all")"
[ "$(grep -c '^ *[0-9.]* %  kind 7$' "$work/all")" = 9 ] || complain "the likeliest of nine images: $(cat "$work/all")"
[ "$(sed -n 's/^ .* %  kind //p' "$work/all" | sort -u | tr '\n' ' ')" = "3 5 7 900 999 " ] || complain "five classes: $(cat "$work/all")"
[ "$(sed -n '2p;8p;14p' "$work/all" | sort -u | wc -l)" -gt 1 ] || complain "all images look the same: $(cat "$work/all")"
[ "$(tr -d '\n -~' <"$work/all" | wc -c)" = 0 ] || complain "control characters in: $(od -c "$work/all" | head -20)"
# shellcheck disable=SC2086
run --threads 2 $all >"$work/out" 2>&1
cmp -s "$work/all" "$work/out" || complain "threads make a difference: $(cat "$work/out")"
run --crop 0.875 "$files/rgb.png" >"$work/out" 2>&1
sed -n '7,12p' "$work/all" | cmp -s - "$work/out" || complain "alone it is another image: $(cat "$work/out")"

run --crop 1 "$files/rgb.png" >"$work/out" 2>&1
grep -q '%  kind 7$' "$work/out" || complain "the whole image: $(cat "$work/out")"
sed -n '7,12p' "$work/all" | cmp -s - "$work/out" && complain "the whole image looks like its middle: $(cat "$work/out")"
"$classify" --weights "$work/weights" --crop 0 "$files/rgb.png" >"$work/out" 2>&1 && complain "a crop of nothing is taken"

# In a terminal, a progress bar that is gone when results are printed (script is of any Linux).
script -qefc "stty cols 60 && \"$classify\" --network resnet18 --weights \"$work/weights\" --threads 1 $all $all" "$work/typescript" \
    >/dev/null 2>&1 </dev/null || complain "in a terminal: $(cat "$work/typescript")"
tr '\r' '\n' <"$work/typescript" | grep -qE '^[0-9]+ of 18  .*left' || complain "no progress bar: $(od -c "$work/typescript" | head -40)"
tr '\r' '\n' <"$work/typescript" | grep -qE '^ *[0-9.]+ %  class 7' || complain "no results: $(od -c "$work/typescript" | head -40)"

# Broken images are named, all others classified, and the exit code says so.
head -c 300 "$files/420.jpg" >"$work/cut.jpg"
echo "no image" >"$work/text.png"
run "$work/cut.jpg" "$files/rgb.png" "$work/text.png" "$work/none.jpg" >"$work/out" 2>"$work/err"
found=$?
[ $found = 2 ] || complain "broken images: expected exit code 2, found $found"
sed -n '7,12p' "$work/all" | cmp -s - "$work/out" || complain "beside broken images: $(cat "$work/out")"
for message in "^classify: $work/cut.jpg: " "^classify: $work/text.png: expected a JPEG or PNG file, found one that begins with 'no image'$" \
    "^classify: $work/none.jpg: cannot be opened \(No such file or directory\)$" '^classify: 3 of 4 images could not be read$'; do
    grep -qE "$message" "$work/err" || complain "expected '$message', found: $(cat "$work/err")"
done

expect() { # message, arguments...
    message=$1
    shift
    run "$@" >"$work/out" 2>&1
    found=$?
    [ $found = 1 ] || complain "expected exit code 1, found $found: $*"
    grep -qE -e "$message" "$work/out" || complain "expected '$message', found: $(cat "$work/out")"
}
image=$files/rgb.png
head -999 "$work/labels" >"$work/few"
expect "^classify: --labels $work/few: expected 1000 lines, a label for each class, found 999$" --labels "$work/few" "$image"
expect "^classify: --labels $work/none: cannot be read$" --labels "$work/none" "$image"
expect "expected a network of this list, found 'resnet19'" --network resnet19 "$image"
expect "expected a map of names out of as_is, .*found 'nobody'" --names nobody "$image"
expect "expected the tensors of this network, found others" --names timm "$image"
expect "labels: expected a header" --weights "$work/labels" "$image"
if run "$image" >/dev/full 2>"$work/out"; then complain "a full disk: succeeded, but must not"; fi
grep -q '^classify: standard output: cannot be written' "$work/out" || complain "a full disk: $(cat "$work/out")"
"$classify" --help >"$work/out" || complain "no help"
grep -qE '^Networks: .*resnet18' "$work/out" || complain "help does not say which networks there are: $(cat "$work/out")"
grep -q '2 if images could not be read' "$work/out" || complain "help does not say what the exit code means: $(cat "$work/out")"

conclude "classify"
