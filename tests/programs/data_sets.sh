#!/bin/sh
# The program paper on each of its data sets, of noise and of a few small files: CIFAR-100 and ImageNet beside CIFAR-10, each in a folder of
# its own; what is not here takes its own rows away alone, and is named wherever results are read; a file that is no image is an error.
#   data_sets.sh PAPER SOURCE_DIR      (PAPER built with tests/programs/data_sets.json)
set -u
paper=$1
source=$2
claim=$source/tests/programs/data_sets.json
. "$(dirname "$0")/complaints.sh"

# n records of noise: so many bytes of labels, 0 to 9, and an image. (Packed: 50,000 records are 153 MB.)
records() { # bytes of labels, n, file
    for label in 0 1 2 3 4 5 6 7 8 9; do
        i=0
        while [ $i -lt "$1" ]; do
            printf "\\$(printf %03o $label)"
            i=$((i + 1))
        done
        head -c 3072 /dev/urandom
    done >"$work/ten"
    for again in $(seq 100); do cat "$work/ten"; done >"$work/thousand"
    for again in $(seq $(($2 / 1000))); do cat "$work/thousand"; done | gzip -1 >"$3"
}
mkdir -p "$work/all/cifar-10-batches-bin" "$work/all/cifar-100-binary"
records 1 10000 "$work/all/cifar-10-batches-bin/test_batch.bin"
for batch in 1 2 3 4 5; do ln "$work/all/cifar-10-batches-bin/test_batch.bin" "$work/all/cifar-10-batches-bin/data_batch_$batch.bin"; done
records 2 10000 "$work/all/cifar-100-binary/test.bin"
records 2 50000 "$work/all/cifar-100-binary/train.bin"

# A thousand classes of one image each, JPEG and PNG by turns. (Many at a time: a process each would take longer than all the rest.)
folder=$work/all/imagenet/train
put() { # file, name, first class, last class
    # shellcheck disable=SC2046  (lists of words)
    {
        mkdir -p $(seq -f "$folder/n%g" "$3" "$4")
        tee $(seq -f "$folder/n%g/$2" "$3" "$4") <"$source/tests/images/files/$1" >/dev/null
    }
}
put 420.jpg a.JPEG 1000 1299
put cmyk.jpg b.jpg 1300 1599
put palette.png c.png 1600 1799
put progressive.jpg d.jpeg 1800 1999
cp -r "$folder" "$work/all/imagenet/val"

run() { # data folder, out
    "$paper" "$claim" --scale smoke --seeds 1 --threads 2 --data-dir "$1" --out "$work/$2" >"$work/out" 2>&1
}
run "$work/all" results || complain "all data: $(cat "$work/out")"
[ "$(grep -c '^run [123] of 3, resnet[0-9]*, seed 1: finished, training loss ' "$work/out")" = 3 ] || complain "three runs: $(cat "$work/out")"
log=$(echo "$work"/results/runs/resnet18.imagenet.*/log.csv)
# (The last of two steps: behind a third and two thirds of them, at a hundredth of the rate.)
[ "$(cut -d, -f1,3 "$log" | tr '\n' ' ')" = "step,lr 2,0.0005 " ] || complain "steps of ImageNet: $(cat "$log")"

# What is not here.
mkdir "$work/some"
ln -s "$work/all/cifar-10-batches-bin"/*.bin "$work/some"
run "$work/some" some || complain "CIFAR-10 alone: $(cat "$work/out")"
grep -q "^not run here: rows of cifar100: $work/some/train.bin: cannot be opened (No such file or directory)$" "$work/out" || complain "CIFAR-100: $(cat "$work/out")"
grep -q "^not run here: rows of imagenet: $work/some/train: cannot be read (No such file or directory)$" "$work/out" || complain "ImageNet: $(cat "$work/out")"
grep -q '^run 1 of 1, resnet20, seed 1: finished' "$work/out" || complain "CIFAR-10 alone: $(cat "$work/out")"
grep -q '^not run here ImageNet: training_loss above that of CIFAR-100 (more classes)$' "$work/out" || complain "the verdict: $(cat "$work/out")"
grep -q '^ImageNet,resnet18,training_loss,0,,,,,,not run here,' "$work/some/data_sets.csv" || complain "the summary: $(cat "$work/some/data_sets.csv")"
grep -q '^CIFAR-100,resnet20,test_error,0,,,,,,not run here,' "$work/some/data_sets.csv" || complain "the summary: $(cat "$work/some/data_sets.csv")"
for words in '<strong>not run here</strong>' 'imagenet: '; do
    grep -qF -e "$words" "$work/some/data_sets.html" || complain "the report does not say '$words'"
done

# A file that is no image, among those that are read.
echo "no image" >"$work/all/imagenet/train/n1003/a.JPEG"
if run "$work/all" some; then complain "reads what is no image"; fi
grep -qF "imagenet/train/n1003/a.JPEG: expected a JPEG or PNG file, found one that begins with 'no image'" "$work/out" || complain "no image: $(cat "$work/out")"

# Of another number of classes.
rm -r "$work/all/imagenet/val/n1000"
run "$work/all" some || complain "fewer classes: $(cat "$work/out")"
grep -qF "imagenet: $work/all/imagenet: test images: expected 1000 classes, as the network tells apart, found 999" "$work/out" || complain "fewer classes: $(cat "$work/out")"

conclude "data sets"
