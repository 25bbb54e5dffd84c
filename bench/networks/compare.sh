#!/bin/sh
# Training steps and inference of ResNet-20 beside PyTorch, by turns in one run: Debian's (python3-torch), and that of the python3 on the
# path if it has one of its own (2.x from PyPI). Ends with 1 where a bar is short; fewer rounds than 30 are a try, without bars.
#   compare.sh [BUILD [ROUNDS]]
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build/bench}
rounds=${2:-30}
seen=""
status=0
for python in /usr/bin/python3 "$(command -v python3)"; do
    version=$("$python" -c 'import torch; print(torch.__version__)' 2>/dev/null) || continue
    case " $seen " in *" $version "*) continue ;; esac
    seen="$seen $version"
    python3 bench/networks/compare.py "$build/bench/turns" "$python" "$rounds" || status=1
done
[ -n "$seen" ] || { echo "no PyTorch found: apt-get install python3-torch" >&2; exit 1; }
exit $status
