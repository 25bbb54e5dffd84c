#!/bin/sh
# The program train as a user meets it, on a small data set made here: a run that is killed and interrupted again and again ends with
# the log of one that was not; threads make no difference; divergence, full disks and mistakes are errors with the right words.
#   train.sh TRAIN FORGE [WEIGHTS]    WEIGHTS: where to leave the weights of the first run
#
# Where a run must be met on its way, its log is a pipe that nobody reads: it waits there at the end of an epoch, however fast or slow
# the machine is.
set -u
train=$1
forge=$2
keep=${3:-}
. "$(dirname "$0")/complaints.sh"
. "$(dirname "$0")/noise.sh"
data_set "$work/data" 28
data_set "$work/small" 14
head -c 16 "$work/small/t10k-images-idx3-ubyte" >"$work/images"
mv "$work/images" "$work/small/t10k-images-idx3-ubyte"

# Where hang-ups are ignored (nohup), the program ignores them too, unless it is shielded.
undisturbed=""
if sh -c 'kill -HUP $$' 2>/dev/null; then
    undisturbed="env --default-signal=HUP"
    $undisturbed true || complain "hang-ups are ignored here, and env (coreutils 8.31) knows no --default-signal"
fi

# A run of 7 epochs of 3 steps, in the place of the shell that asks for it.
become() { # name, options...
    name=$1
    shift
    # shellcheck disable=SC2086  (a list of words)
    exec $undisturbed "$train" --network preact20 --data mnist --data-dir "$work/data" --epochs 7 --batch 32 --lr 0.05 --augment crop-flip --seed 3 \
        --threads 1 --checkpoint-dir "$work/$name" --checkpoint-every 2 --report "$work/$name.html" "$@"
}
run() { (become "$@"); }
start() { # in the background, as process $pid
    rm -f "$work/out" # (the output of the run before must not be taken for this one's)
    become "$@" >"$work/out" 2>&1 &
    pid=$!
}
ended_with() { # exit code, what
    wait $pid
    found=$?
    [ $found = "$1" ] || complain "$2: expected exit code $1, found $found: $(cat "$work/out")"
}
until_true() { # what is waited for, command...
    what=$1
    shift
    tries=0
    until "$@" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 3000 ]; then
            complain "waited in vain for $what: $(cat "$work/out")"
            return
        fi
        sleep 0.02
    done
}
log() { cut -d, -f1-7 "$work/$1/log.csv"; } # without what depends on the clock
sum_of() { cksum <"$1" 2>/dev/null; }
changed() { [ "$(sum_of "$1")" != "$2" ]; }

expect() { # message, options...
    message=$1
    shift
    if run wrong "$@" >"$work/out" 2>&1; then complain "succeeded, but must not: $*"; fi
    grep -qE -e "$message" "$work/out" || complain "expected '$message', found: $(cat "$work/out")"
}

run whole >"$work/out" || complain "a whole run: $(cat "$work/out")"
tail -1 "$work/out" | grep -qE '^test error [0-9.]+ %$' || complain "the last line is: $(tail -1 "$work/out")"
grep -q '</html>' "$work/whole.html" || complain "no report"
for words in 'How it was made' 'prefers-color-scheme:dark' 'seconds in all' 'to train in batches of 32' '269,434' '--epochs 7 --batch 32' \
    'shifted by up to 4 pixels' '<td>96 images (content '; do
    grep -qF -e "$words" "$work/whole.html" || complain "the report does not say '$words'"
done
if command -v python3 >/dev/null; then
    python3 "$(dirname "$0")/report_check.py" "$work/whole.html" || complain "the report"
fi
[ "$(wc -l <"$work/whole/log.csv")" = 8 ] || complain "a log of $(wc -l <"$work/whole/log.csv") lines"
run two_threads --threads 2 >/dev/null || complain "a run on two threads"
# Where the output is no terminal, lines of its own and nothing that a terminal would interpret.
grep -q "^epoch 1/7  \[#*\.*\]  [0-9]* images/s  loss " "$work/out" || complain "no line of progress: $(cat "$work/out")"
[ "$(tr -d '\n -~' <"$work/out" | wc -c)" = 0 ] || complain "control characters in: $(od -c "$work/out" | head -20)"
# In a terminal, a line that is written over and is narrower than the window (script and stty are of any Linux).
for columns in 80 40; do
    script -qefc "stty cols $columns && exec \"$train\" --network preact20 --data mnist --data-dir \"$work/data\" --epochs 1 --batch 32 \
        --threads 1 --csv \"$work/shown.csv\" --report \"$work/shown.html\"" "$work/typescript" >/dev/null 2>&1 </dev/null ||
        complain "a run in a terminal: $(cat "$work/typescript")"
    longest=$(tr '\r' '\n' <"$work/typescript" | grep ' left' | awk '{ if (length($0) > most) most = length($0) } END { print most + 0 }')
    [ "$longest" -gt $((columns / 2)) ] && [ "$longest" -lt $columns ] || complain "a line of $longest characters in $columns columns"
    tr '\r' '\n' <"$work/typescript" | grep -q '^epoch 1: loss ' || complain "an epoch's line does not begin a line: $(od -c "$work/typescript")"
done

[ -z "$keep" ] || cp "$work/whole.safetensors" "$keep"
expect_same_weights() { # of the whole run and another
    for weights in safetensors best.safetensors; do
        cmp -s "$work/whole.$weights" "$work/$1.$weights" || complain "$1.$weights is not that of the whole run"
    done
}
grep -qF "weights: $work/whole.safetensors (last epoch), $work/whole.best.safetensors (epoch " "$work/out" || complain "does not say where its weights are: $(cat "$work/out")"
expect_same_weights two_threads
[ "$(log whole)" = "$(log two_threads)" ] || complain "threads make a difference: $(log two_threads)"

# Killed twice, then asked to stop in each way.
checkpoint=$work/killed/checkpoint.residua
mkfifo "$work/gate"
before=
for kill in 1 2; do
    start killed --resume --csv "$work/gate"
    until_true "a checkpoint" changed "$checkpoint" "$before"
    run killed --resume >"$work/second" 2>&1 && complain "two runs in one folder"
    grep -q 'killed: another run is using it' "$work/second" || complain "a second run says: $(cat "$work/second")"
    kill -9 $pid
    ended_with 137 "kill -9"
    before=$(sum_of "$checkpoint")
done
for signal in INT TERM HUP; do
    case $signal in HUP) code=129 ;; INT) code=130 ;; TERM) code=143 ;; esac
    start killed --resume --csv "$work/gate"
    until_true "the beginning" grep -q 'images to train on' "$work/out"
    grep -qE 'going on from .* at step [1-9]' "$work/out" || complain "not gone on with: $(cat "$work/out")"
    kill -$signal $pid
    cat "$work/gate" >/dev/null & # if it has come to an epoch's end, let it pass
    reader=$!
    ended_with $code "SIG$signal"
    kill $reader 2>/dev/null
    wait $reader 2>/dev/null
    grep -qE 'interrupted after step [1-9][0-9]*; saved' "$work/out" || complain "SIG$signal: $(cat "$work/out")"
done
# It need not wait for a reader of its log.
start waiting --csv "$work/gate"
until_true "an epoch's end" grep -q '^epoch 1: ' "$work/out"
sleep 0.2
kill -TERM $pid
until_true "the end of a run that waits for a reader" grep -q 'interrupted after step [1-9]' "$work/out"
[ $failed = 0 ] || kill -9 $pid 2>/dev/null
ended_with 143 "SIGTERM at a pipe"
grep -q 'step 3; saved' "$work/out" || complain "SIGTERM at a pipe: $(cat "$work/out")"
run killed --resume >"$work/out" 2>&1 || complain "a resumed run: $(cat "$work/out")"
grep -qE 'going on from .* at step [1-9]' "$work/out" || complain "not gone on with: $(cat "$work/out")"
[ "$(log whole)" = "$(log killed)" ] || complain "an interrupted run differs: $(log whole) and $(log killed)"
expect_same_weights killed

# A log that cannot be written costs no checkpoint.
mkdir "$work/gone"
mkfifo "$work/gone/log.csv"
ln "$work/gone/log.csv" "$work/link"
start no_log --csv "$work/gone/log.csv"
until_true "a checkpoint" test -e "$work/no_log/checkpoint.residua"
rm -r "$work/gone"
cat "$work/link" >/dev/null &
reader=$!
ended_with 1 "a log that cannot be written"
kill $reader 2>/dev/null
wait $reader 2>/dev/null
grep -qE 'gone/log.csv: cannot be written \(No such file or directory\)' "$work/out" || complain "no log: $(cat "$work/out")"
run no_log --resume >"$work/out" 2>&1 || complain "resumed without a log: $(cat "$work/out")"
grep -q 'at step 21' "$work/out" || complain "a log that could not be written cost the checkpoint: $(cat "$work/out")"
[ "$(log whole)" = "$(log no_log)" ] || complain "a log written late differs: $(log no_log)"

# Weights go where one says; of a finished run they come back, as far as the checkpoint has them.
run whole --resume --weights "$work/elsewhere/mine.st" >"$work/out" 2>&1 || complain "weights elsewhere: $(cat "$work/out")"
cmp -s "$work/whole.safetensors" "$work/elsewhere/mine.st" || complain "weights elsewhere are others"
best=$(sed -n 's/.*(epoch \([0-9]*\), the lowest training loss).*/\1/p' "$work/out")
if [ "${best:-0}" = 7 ]; then
    cmp -s "$work/whole.best.safetensors" "$work/elsewhere/mine.best.st" || complain "the best weights elsewhere are others"
else
    grep -qE 'mine.best.st does not hold the weights of epoch [1-6], the best so far' "$work/out" || complain "lost weights: $(cat "$work/out")"
    [ ! -e "$work/elsewhere/mine.best.st" ] || complain "weights that are not the best are called so"
fi
run whole --resume --weights /dev/null >"$work/out" 2>&1 || complain "no weights: $(cat "$work/out")"
[ ! -e /dev/null.best ] && [ ! -e /dev/null.safetensors ] || complain "files beside /dev/null"

# A bound on the size of files (a checkpoint has 2 MB) is an error with words, and no end without one.
(ulimit -f 100; become bounded) >"$work/out" 2>&1
found=$?
[ $found = 1 ] || complain "a bound on the size of files: expected exit code 1, found $found: $(cat "$work/out")"
grep -q 'bounded/checkpoint.residua: cannot be written (File too large)' "$work/out" || complain "a bound: $(cat "$work/out")"

# Divergence is an error, and leaves the last checkpoint from which one can go on.
for attempt in "" --resume; do
    run diverged $attempt --schedule constant --warm-up 4 --lr 1e30 --checkpoint-every 1 >"$work/out" 2>&1 && complain "divergence is no error"
    grep -qE 'training has diverged: .* at step [5-6].*Try a smaller --lr.* still holds step 4$' "$work/out" || complain "divergence: $(cat "$work/out")"
done
grep -q 'going on from .* at step 4' "$work/out" || complain "divergence cost the checkpoint: $(cat "$work/out")"

# What is not said does not matter if it is what would have been said.
cp -r "$work/whole" "$work/wrong"
run wrong --resume --mean channel --schedule one-cycle --threads 2 >"$work/out" 2>&1 || complain "defaults given: $(cat "$work/out")"

# Mistakes, each found before a step is made.
before=$(sum_of "$work/wrong/checkpoint.residua")
expect 'expected a network of this list, found .nosuch.' --network nosuch --resume
expect 'preact20' --network nosuch --resume
expect 'expected a file train-images' --data-dir "$work/none" --resume
# (Seen from the header: no value of theirs is there.)
expect 'small/t10k-images-idx3-ubyte: expected images of 1x28x28, found 1x14x14' --data-dir "$work/small" --resume
expect 'wrong/checkpoint.residua: a run was saved here: go on with it \(--resume\), give it up \(--overwrite\)'
expect 'expected a run with batch 16, lr 0.06; found one with batch 32, lr 0.05' --resume --lr 0.06 --batch 16
echo kept >"$work/kept"
expect '--csv .*kept: (cannot be made \(Not a directory\)|expected a folder, found a file)' --resume --csv "$work/kept/log.csv"
expect 'small: expected a file, found a folder' --resume --csv "$work/small"
expect 'kept: cannot be made|kept: expected a folder, found a file' --checkpoint-dir "$work/kept"
expect 'small: expected a file, found a folder' --resume --report "$work/small" --csv "$work/kept"
expect '--csv .*wrong/checkpoint.residua: expected a file of its own, found the checkpoint' --resume --csv "$work/wrong/../wrong/checkpoint.residua"
ln -s "$work/wrong/residua.lock" "$work/to_lock"
expect '--report .*to_lock: expected a file of its own, found the lock of' --resume --report "$work/to_lock"
expect '--report .*same: expected a file of its own, found that of --csv' --resume --csv "$work/same" --report "$work/./same"
expect '--weights .*whole.html: expected a file of its own, found that of --report' --resume --report "$work/whole.html" --weights "$work/whole.html"
expect '--weights .*a.best.csv: expected a file of its own, found that of --csv' --resume --csv "$work/a.best.csv" --weights "$work/a.csv"
expect '--weights .*wrong/checkpoint.residua: expected a file of its own, found the checkpoint' --resume --weights "$work/wrong/checkpoint.residua"
expect '--weights .*small: expected a file, found a folder' --resume --weights "$work/small"
mkdir "$work/best_is_folder.best.st"
expect '--weights .*best_is_folder.best.st: expected a file, found a folder' --resume --weights "$work/best_is_folder.st"
expect '--weights .*expected a file of its own, found one of the data' --resume --weights "$work/data/mine.bin"
expect '--csv .*expected a file of its own, found one of the data' --resume --csv "$work/data/train-labels-idx1-ubyte"
expect '--report : expected the name of a file, found none' --resume --report ""
expect '--csv .*new/: expected the name of a file, found none' --resume --csv "$work/new/"
mkdir "$work/shut"
ln -s /proc/nosuch/file "$work/shut/dangling"
expect '--csv .*proc/nosuch: cannot be made' --resume --csv "$work/shut/dangling"
ln -s loop_b "$work/loop_a"
ln -s loop_a "$work/loop_b"
expect '--csv .*loop_a: cannot be written \(Too many levels of symbolic links\)' --resume --csv "$work/loop_a"
expect '--csv .*: cannot be written \(File name too long\)' --resume --csv "$work/$(printf '%0300d' 0)"
mkdir "$work/piped"
mkfifo "$work/piped/checkpoint.residua"
expect 'piped/checkpoint.residua: expected a file on a disk, found another kind' --overwrite --checkpoint-dir "$work/piped"
[ "$(cat "$work/kept")" = kept ] || complain "a path that was tried is overwritten: $(cat "$work/kept")"
expect '--lr: expected a finite number above 0, found nan' --lr nan
expect '--lr: expected a finite number above 0, found 0$' --lr 0
expect '--weight-decay: expected a finite number of 0 or more, found inf' --weight-decay inf
expect '--momentum: expected a number of at least 0 and below 1, found 1' --momentum 1
expect '--seed: expected a whole number of 0 to 18446744073709551615, found -1' --seed -1
expect '--epochs: expected a whole number of 1 to 100000, found 1e3' --epochs 1e3
grep -q 'images to train on' "$work/out" && complain "found out too late: $(cat "$work/out")"
[ "$(sum_of "$work/wrong/checkpoint.residua")" = "$before" ] || complain "a mistake cost the checkpoint"

# A reader of the output that goes: the run is saved, and can be gone on with.
mkfifo "$work/reader"
: <"$work/reader" &
run read >"$work/reader" 2>&1
found=$?
[ $found = 141 ] || complain "output that nobody reads: expected exit code 141, found $found"
run read --resume >"$work/out" 2>&1 || complain "gone on after output that nobody read: $(cat "$work/out")"
grep -q 'going on from' "$work/out" || complain "output that nobody read cost the checkpoint"
[ "$(log whole)" = "$(log read)" ] || complain "output that nobody read makes a difference: $(log read)"

# Streams that are closed are not written into files.
run closed >&- 2>&- || complain "a run without streams"
case "$(cat "$work/closed/residua.lock")" in *[!0-9]*) complain "a lock that holds output: $(head -c 200 "$work/closed/residua.lock")" ;; esac

# Other data of the same size are other data; damage is found.
cp "$work/data/train-images-idx3-ubyte" "$work/images"
printf 'xyzw' | dd of="$work/data/train-images-idx3-ubyte" bs=1 seek=5000 conv=notrunc 2>/dev/null
expect 'expected a run with training data 96 images \(content [0-9a-f]*\); found one with training data 96 images' --resume
cp "$work/images" "$work/data/train-images-idx3-ubyte"
head -c 1000 "$work/whole/checkpoint.residua" >"$work/wrong/checkpoint.residua"
expect 'checkpoint.residua: expected' --resume
# So is what no run can have saved, though its checksum is right.
forged() { # what, value, message
    cp "$work/whole/checkpoint.residua" "$work/wrong/checkpoint.residua"
    "$forge" "$work/wrong/checkpoint.residua" "$1" "$2" || complain "nothing forged"
    expect "$3" --resume
}
forged steps 22 'wrong/checkpoint.residua: expected at most 21 steps, found 22$'
forged steps 9223372036854775807 'wrong/checkpoint.residua: expected at most 21 steps, found 9223372036854775807$'
forged steps 20 'wrong/checkpoint.residua: its notes cannot be read: steps of the curve: expected 20, found 21$'
forged parameter nan 'wrong/checkpoint.residua: expected finite parameters, statistics and momenta, found some that are not$'
forged notes nan 'wrong/checkpoint.residua: its notes cannot be read: expected a finite number of 0 or more, found nan$'
run wrong --overwrite >"$work/out" 2>&1 || complain "a run given up: $(cat "$work/out")"
[ "$(log whole)" = "$(log wrong)" ] || complain "a run started anew differs: $(log wrong)"
printf 'x' | dd of="$work/data/train-labels-idx1-ubyte" bs=1 seek=9 conv=notrunc 2>/dev/null
expect 'label of image 1: expected 0 to 9, found 120' --resume

conclude "train"
