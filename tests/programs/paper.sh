#!/bin/sh
# The program paper as a user meets it, on noise in CIFAR-10's form: a claim that is killed goes on, what is finished is not run again, two
# processes share a claim, a claim of one's own is a file, and mistakes are errors with the right words.
#   paper.sh PAPER SOURCE_DIR [CLAIM]...      CLAIM: others that are run at their smallest scale; built with the program, as `example` is
set -u
paper=$1
source=$2
shift 2
. "$(dirname "$0")/complaints.sh"

# Ten images of noise with the labels 0 to 9, a thousand times: as many as the reader wants.
mkdir "$work/data"
for label in 0 1 2 3 4 5 6 7 8 9; do
    printf "\\$(printf %03o $label)"
    head -c 3072 /dev/urandom
done >"$work/ten"
for power in 1 2 3; do
    for again in 1 2 3 4 5 6 7 8 9 10; do cat "$work/ten"; done >"$work/more"
    mv "$work/more" "$work/ten"
done
for file in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch; do
    ln "$work/ten" "$work/data/$file.bin"
done

run() { "$paper" "$@" --data-dir "$work/data" --threads 1; }
csv() { cat "$work/$1"/*.csv "$work/$1"/runs/*/log.csv "$work/$1"/runs/*/units.csv; }

run example --scale smoke --seeds 2 --out "$work/whole" >"$work/out" 2>&1 || complain "a claim: $(cat "$work/out")"
head -1 "$work/out" | grep -qE '^4 runs, 0 of them finished; the others will take about [0-9]+ seconds on 1 thread$' ||
    complain "does not say how long it takes: $(head -1 "$work/out")"
grep -qE '^run 3 of 4, resnet20, seed 2: finished, training loss [0-9.]+, test error [0-9.]+ %, ' "$work/out" || complain "a run: $(cat "$work/out")"
grep -q '^not judged scaling by 0.7: training_loss above that of identity (equation 8' "$work/out" || complain "no verdict: $(cat "$work/out")"
for name in example.csv example.html example-1.svg example-2.svg example-3.svg; do [ -s "$work/whole/$name" ] || complain "no $name"; done
[ "$(wc -l <"$work/whole/example.csv")" = 5 ] || complain "the summary: $(cat "$work/whole/example.csv")"
[ "$(ls "$work/whole/runs" | wc -l)" = 4 ] || complain "folders of runs: $(ls "$work/whole/runs")"
for run in "$work"/whole/runs/*; do
    [ "$(cd "$run" && echo *)" = "log.csv residua.lock result.txt units.csv" ] || complain "files of a run: $(ls "$run")"
done
for words in 'What to see' 'How it was made' 'equation 8' '--scale smoke --seeds 2'; do
    grep -qF -e "$words" "$work/whole/example.html" || complain "the report does not say '$words'"
done
if command -v python3 >/dev/null; then
    python3 "$(dirname "$0")/paper_check.py" "$work"/whole/example.html "$work"/whole/*.svg || complain "the report"
fi

# Again: nothing is run, and everything is as it was.
before=$(csv whole)
run example --scale smoke --seeds 2 --out "$work/whole" >"$work/out" 2>&1 || complain "a finished claim: $(cat "$work/out")"
head -1 "$work/out" | grep -q '^4 runs, 4 of them finished; the others will take about 0 seconds' || complain "runs again: $(cat "$work/out")"
! grep -q '^run ' "$work/out" || complain "runs what is finished: $(cat "$work/out")"
[ "$(csv whole)" = "$before" ] || complain "a finished claim has changed"

# A claim of one's own, long enough to be met on its way; killed, interrupted, and gone on with.
cat >"$work/mine.json" <<END
{"title": "Mine", "says": "Nothing.", "scales": {"smoke": {"settings": {"steps": 60, "batch": 16}}}, "rows": [{"name": "one", "network": "resnet20"}]}
END
run "$work/mine.json" --scale smoke --out "$work/mine" >"$work/out" 2>&1 || complain "a claim of one's own: $(cat "$work/out")"
log=$(echo "$work"/mine/runs/*/log.csv)
[ "$(cut -d, -f1 "$log" | tr '\n' ' ')" = "step 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30 32 34 36 38 40 42 44 46 48 50 52 54 56 58 60 " ] ||
    complain "lines of the log: $(cut -d, -f1 "$log" | tr '\n' ' ')"
[ "$(cut -d, -f1 "${log%log.csv}units.csv" | uniq | tr '\n' ' ')" = "step 1 2 11 60 " ] || complain "units: $(cut -d, -f1 "${log%log.csv}units.csv" | uniq)"

# (Where it was quicker than the signal, there is nothing to go on from; on the machines that we know it never was.)
interrupt() { # a command that succeeds once it is time, options...
    is_time=$1
    shift
    "$paper" "$@" --data-dir "$work/data" --threads 1 >"$work/out" 2>&1 &
    pid=$!
    tries=0
    until eval "$is_time" >/dev/null 2>&1 || [ $tries -gt 3000 ]; do
        tries=$((tries + 1))
        sleep 0.02
    done
    kill -INT $pid 2>/dev/null
    wait $pid
    found=$?
    [ $found = 130 ] || complain "SIGINT: expected exit code 130, found $found: $(cat "$work/out")"
}
interrupt 'ls "$work"/stopped/runs/*/residua.lock' "$work/mine.json" --scale smoke --out "$work/stopped"
grep -q '^interrupted in run 1, which is saved: the same command goes on from there$' "$work/out" || complain "SIGINT: $(cat "$work/out")"
[ -e "$(echo "$work"/stopped/runs/*)/checkpoint.residua" ] || complain "SIGINT left no checkpoint"
run "$work/mine.json" --scale smoke --out "$work/stopped" >"$work/out" 2>&1 || complain "gone on with: $(cat "$work/out")"
[ "$(csv stopped)" = "$(csv mine)" ] || complain "an interrupted claim differs from one that was not"

# Two processes, one claim: each run is somebody's.
run example --scale smoke --seeds 2 --out "$work/shared" >"$work/first" 2>&1 &
pid=$!
run example --scale smoke --seeds 2 --out "$work/shared" >"$work/second" 2>&1 || complain "the second of two: $(cat "$work/second")"
wait $pid || complain "the first of two: $(cat "$work/first")"
run example --scale smoke --seeds 2 --out "$work/shared" >"$work/out" 2>&1 || complain "after two: $(cat "$work/out")"
[ "$(csv shared)" = "$before" ] || complain "a shared claim differs"

# A row whose data are not here does not take the others away.
sed 's/"name": "scaling by 0.7", \(.*\)},*$/"name": "scaling by 0.7", \1, "settings": {"data": "cifar100"}}/' "$source/examples/paper/claims/example.json" >"$work/absent.json"
run "$work/absent.json" --scale smoke --seeds 1 --out "$work/absent" >"$work/out" 2>&1 || complain "absent data: $(cat "$work/out")"
grep -q '^not run here: rows of cifar100: ' "$work/out" || complain "absent data: $(cat "$work/out")"
grep -q ',not run here,,$' "$work/absent/absent.csv" || complain "absent data: $(cat "$work/absent/absent.csv")"

for claim in "$@"; do
    run "$claim" --scale smoke --out "$work/claims" >"$work/out" 2>&1 || complain "$claim: $(cat "$work/out")"
    if command -v python3 >/dev/null; then
        python3 "$(dirname "$0")/paper_check.py" "$work/claims/$claim.html" "$work/claims/$claim"-*.svg || complain "the report of $claim"
    fi
done

# The race: each goal's is run, what is over is not run again, and what is interrupted begins anew.
run race --scale smoke --out "$work/race" >"$work/out" 2>&1 || complain "a race: $(cat "$work/out")"
grep -qE '^race 1 of 2, to 94 %, seed 1: [0-9.]+ %, with six views [0-9.]+ %, [0-9:]+$' "$work/out" || complain "a race: $(cat "$work/out")"
grep -qE '^92 % in 2 times through the data: (reached|missed) with ' "$work/out" || complain "what races came to: $(cat "$work/out")"
[ "$(wc -l <"$work/race/race.csv")" = 3 ] || complain "the races' summary: $(cat "$work/race/race.csv")"
grep -q '^| whitening | 276,978 | ' "$work/race/race.md" || complain "where time goes: $(cat "$work/race/race.md")"
run race --scale smoke --out "$work/race" >"$work/out" 2>&1 || complain "races that are over: $(cat "$work/out")"
! grep -q '^race ' "$work/out" || complain "races again: $(cat "$work/out")"
course() { cut -d, -f1,2,4,5 "$work/$1"/runs/race.*/log.csv; } # all but seconds
"$paper" race --scale smoke --threads 2 --out "$work/race2" --data-dir "$work/data" >"$work/out" 2>&1 || complain "a race on two threads: $(cat "$work/out")"
[ "$(course race2)" = "$(course race)" ] || complain "a race on two threads is another: $(course race2) and $(course race)"
rm "$work/race/race-parts.csv"
run race --scale smoke --out "$work/race" >"$work/out" 2>&1 || complain "parts of a step: $(cat "$work/out")"
grep -q '^| whitening | 276,978 | ' "$work/race/race.md" || complain "where time goes, measured again: $(cat "$work/race/race.md")"
interrupt 'grep -q "^race 1 of 1000, " "$work/out"' race --scale smoke --seeds 500 --out "$work/raced"
grep -qE '^interrupted in race [0-9]+, which begins anew with the same command' "$work/out" || complain "SIGINT in a race: $(cat "$work/out")"
run race --scale smoke --seeds 500 --out "$work/raced" --only-reports >"$work/out" 2>&1 || complain "reports of races: $(cat "$work/out")"
grep -q '^94 % in 3 times through the data: ' "$work/out" || complain "the races before SIGINT are kept: $(cat "$work/out")"

expect() { # message, options...
    message=$1
    shift
    if run "$@" >"$work/out" 2>&1; then complain "succeeded, but must not: $*"; fi
    grep -qF -e "$message" "$work/out" || complain "expected '$message', found: $(cat "$work/out")"
}
expect "question7, example, all, questions, race) or a file, found 'table9'" table9
expect "found none" --scale smoke
expect "--scale: huge not in {smoke,short,full}" example --scale huge
sed 's/"resnet20"/"resnet26"/' "$source/examples/paper/claims/example.json" >"$work/absent.json"
expect "expected a network of this list, found 'resnet26'" "$work/absent.json" --scale smoke --out "$work/wrong"
printf '{"title": 1}' >"$work/bad.json"
expect "paper: bad: title: expected a text, found a value of the kind number" "$work/bad.json"
expect "paper: --out $work/bad.json: expected a folder, found a file" example --scale smoke --out "$work/bad.json"
if "$paper" example --data-dir "$work/nowhere" --scale smoke --out "$work/wrong" >"$work/out" 2>&1; then complain "ran without data"; fi
grep -q 'nowhere/data_batch_1.bin: cannot be opened' "$work/out" || complain "without data: $(cat "$work/out")"
run=$(echo "$work"/mine/runs/*)
echo "1,2,3" >>"$run/log.csv"
expect "log.csv: line 32: expected" "$work/mine.json" --scale smoke --out "$work/mine"
sed -i 's/^batch: 16$/batch: 17/' "$run/result.txt"
expect "expected a run with batch 16; found one with batch 17" "$work/mine.json" --scale smoke --out "$work/mine"
"$paper" --show example | cmp -s - "$source/examples/paper/claims/example.json" || complain "--show example"
if "$paper" --show example >/dev/full 2>"$work/out"; then complain "--show on a full disk succeeded"; fi
grep -qx 'paper: standard output: cannot be written (No space left on device)' "$work/out" || complain "--show on a full disk: $(cat "$work/out")"

conclude "paper"
