#!/bin/sh
# The program evaluate as a user meets it: a file that train wrote, in a run of one epoch on a small data set made here, has the test
# error that train found; threads and batches make no difference; mistakes are errors with the right words. And the 10,000 images of
# CIFAR-10, where they are, with weights that others trained.
#   evaluate.sh EVALUATE TRAIN [DATA]    both built with preact20 for fashion-mnist; of CIFAR-10 EVALUATE has resnet20-a2
#                                        DATA: folder of data/cifar-10-batches-bin and weights/cifar10_resnet20-*.safetensors
set -u
evaluate=$1
train=$2
data=${3:-}
. "$(dirname "$0")/complaints.sh"
. "$(dirname "$0")/noise.sh"
data_set "$work/data" 28
data_set "$work/small" 14

"$train" --network preact20 --data mnist --data-dir "$work/data" --epochs 1 --batch 32 --threads 2 --augment none --seed 3 \
    --report "$work/train.html" >"$work/out" 2>&1 || complain "train: $(cat "$work/out")"
error=$(sed -n 's/^test error \([0-9.]* %\)$/\1/p' "$work/out")
weights=$work/train.safetensors

run() {
    "$evaluate" --network preact20 --data mnist --data-dir "$work/data" --weights "$weights" "$@"
}
run --threads 1 --report "$work/report.html" >"$work/out" 2>&1 || complain "a run: $(cat "$work/out")"
grep -qE '^correct [0-9]+ of 40$' "$work/out" || complain "how many are correct: $(cat "$work/out")"
grep -qE "^top-1 error $error, top-5 error [0-9.]+ %\$" "$work/out" || complain "train found $error, evaluate: $(cat "$work/out")"
grep -qE '^[0-9]+ images/s on 1 thread$' "$work/out" || complain "no speed: $(cat "$work/out")"
# Where the output is no terminal, nothing of a progress bar.
[ "$(tr -d '\n -~' <"$work/out" | wc -c)" = 0 ] || complain "control characters in: $(od -c "$work/out" | head -20)"
for words in 'Confusion' 'least certain' 'How it was made' 'prefers-color-scheme:dark' 'train.safetensors' '--threads 1 --report' \
    'input mean: ' 'augment: none' '40 images (content '; do
    grep -qF -e "$words" "$work/report.html" || complain "the report does not say '$words'"
done
if command -v python3 >/dev/null; then
    python3 "$(dirname "$0")/report_check.py" "$work/report.html" evaluate || complain "the report"
fi
counts() { sed -n '2,3p' "$work/out"; }
once=$(counts)
for how in "--threads 2" "--batch 7" "--batch 1 --threads 3"; do
    # shellcheck disable=SC2086  (a list of words)
    run $how >"$work/out" 2>&1 || complain "$how: $(cat "$work/out")"
    [ "$(counts)" = "$once" ] || complain "$how: expected $once, found $(counts)"
done

"$evaluate" --help >"$work/out" || complain "no help"
grep -qE '^Networks for fashion-mnist: .*preact20' "$work/out" || complain "help does not say which networks there are: $(cat "$work/out")"

expect() { # message, options...
    message=$1
    shift
    if run "$@" >"$work/out" 2>&1; then complain "succeeded, but must not: $*"; fi
    grep -qE -e "$message" "$work/out" || complain "expected '$message', found: $(cat "$work/out")"
}
expect "expected a network of this list, found 'preact21' \(others: build with .*fashion-mnist there are\$" --network preact21
expect "^evaluate: --names akamaster means preact20-a2 by preact20: expected a network of this list" --names akamaster
expect "expected a map of names out of as_is, torchvision, .*found 'nobody'" --names nobody
expect "missing: .*'stages.0.blocks.0.norm1.weight'|missing: .*'stem.conv.weight'" --names timm
expect "none.safetensors: cannot be opened \(No such file or directory\)" --weights "$work/none.safetensors"
expect "report.html: expected a header" --weights "$work/report.html"
expect "small/t10k-images-idx3-ubyte: expected images of 1x28x28, found 1x14x14" --data-dir "$work/small"
expect "expected a file t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz, found neither" --data-dir "$work"
expect "^evaluate: --batch: expected at most 64, as this program was built, found 65$" --batch 65
expect "expected a whole number of 0 to 1024, found -1" --threads -1
expect "^evaluate: --report .*: expected a file of its own, found that of --weights$" --report "$weights"
expect "^evaluate: --report .*: expected a file of its own, found one of the data$" --report "$work/data/t10k-labels-idx1-ubyte"
expect "^evaluate: --report .*: expected a file, found a folder$" --report "$work"
if run >/dev/full 2>"$work/out"; then complain "a full disk: succeeded, but must not"; fi
grep -qx 'evaluate: standard output: cannot be written (No space left on device)' "$work/out" || complain "a full disk: $(cat "$work/out")"

# (PyTorch finds 9173 of them right; without an fma a logit may fall on the other side.)
if [ -n "$data" ]; then
    "$evaluate" --network resnet20 --names akamaster --weights "$data"/weights/cifar10_resnet20-*.safetensors --threads 2 \
        --data-dir "$data/data/cifar-10-batches-bin" >"$work/out" 2>&1 || complain "CIFAR-10: $(cat "$work/out")"
    grep -qE '^correct 917[1-5] of 10000$' "$work/out" || complain "CIFAR-10: $(cat "$work/out")"
fi

conclude "evaluate"
