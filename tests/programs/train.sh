#!/bin/sh
# The program train as a user meets it, on a small data set made here: an interrupted run (kill -9 at several moments, then Ctrl-C) ends
# with the log of one that was not; threads make no difference; mistakes are errors with the right words.
#   train.sh TRAIN
set -u
train=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
complain() {
    echo "FAILED: $1"
    failed=1
}

# n images of 28x28 noise whose labels count 0 to 9, over and over.
images() { # n, file
    { printf '\000\000\010\003\000\000'; printf "\\$(printf %o $(($1 / 256)))\\$(printf %o $(($1 % 256)))"; printf '\000\000\000\034\000\000\000\034'
      head -c $(($1 * 784)) /dev/urandom; } >"$2"
}
labels() {
    { printf '\000\000\010\001\000\000'; printf "\\$(printf %o $(($1 / 256)))\\$(printf %o $(($1 % 256)))"
      i=0; while [ $i -lt "$1" ]; do printf "\\00$((i % 8))"; i=$((i + 1)); done; } >"$2"
}
images 300 "$work/train-images-idx3-ubyte"
labels 300 "$work/train-labels-idx1-ubyte"
images 100 "$work/t10k-images-idx3-ubyte"
labels 100 "$work/t10k-labels-idx1-ubyte"

run() { # name, options...
    name=$1
    shift
    "$train" --network preact20 --data mnist --data-dir "$work" --epochs 3 --batch 32 --lr 0.05 --augment crop-flip --seed 3 --threads 2 \
        --checkpoint-dir "$work/$name" --checkpoint-every 3 --report "$work/$name.html" "$@"
}
log() { cut -d, -f1-7 "$work/$1/log.csv"; } # without what depends on the clock

run whole >"$work/out" || complain "a whole run: $(cat "$work/out")"
tail -1 "$work/out" | grep -qE '^test error [0-9.]+ %$' || complain "the last line is: $(tail -1 "$work/out")"
grep -q '</html>' "$work/whole.html" || complain "no report"

run one_thread --threads 1 >/dev/null || complain "a run on one thread"
[ "$(log whole)" = "$(log one_thread)" ] || complain "threads make a difference: $(log one_thread)"

for pause in 0.3 0.6 0.9; do
    run killed --resume >/dev/null 2>&1 &
    sleep $pause
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
done
run killed --resume >/dev/null 2>&1 &
sleep 0.5
kill -INT $! 2>/dev/null
wait $! 2>/dev/null
run killed --resume >"$work/out" 2>&1 || complain "a resumed run: $(cat "$work/out")"
[ "$(log whole)" = "$(log killed)" ] || complain "an interrupted run differs: $(log whole) and $(log killed)"

expect() { # message, options...
    message=$1
    shift
    if run wrong "$@" >"$work/out" 2>&1; then complain "succeeded, but must not: $*"; fi
    grep -qE "$message" "$work/out" || complain "expected '$message', found: $(cat "$work/out")"
}
expect 'expected a network of this list, found .nosuch.' --network nosuch
expect 'preact20' --network nosuch
expect 'expected a file train-images' --data-dir "$work/none"
cp -r "$work/whole" "$work/wrong"
expect 'expected a checkpoint of a run with these settings' --resume --lr 0.06
head -c 1000 "$work/whole/checkpoint.residua" >"$work/wrong/checkpoint.residua"
expect 'checkpoint.residua: expected' --resume
printf 'x' | dd of="$work/train-labels-idx1-ubyte" bs=1 seek=9 conv=notrunc 2>/dev/null
expect 'label of image 1: expected 0 to 9, found 120'

[ $failed = 0 ] && echo "train: ok"
exit $failed
