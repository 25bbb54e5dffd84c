#!/bin/sh
# bench_networks beside PyTorch, one after the other in one run: Debian's (python3-torch), and that of the python3 on the path if it
# has one of its own (2.x from PyPI).
#   compare.sh BUILD
set -eu
build=${1:-build/bench}
cd "$(dirname "$0")/../.."
seen=""
for python in /usr/bin/python3 "$(command -v python3)"; do
    version=$("$python" -c 'import torch; print(torch.__version__)' 2>/dev/null) || continue
    case " $seen " in *" $version "*) continue ;; esac
    seen="$seen $version"
    peer=$("$python" bench/networks/pytorch.py)
    echo "PyTorch $version: $peer images/s on one thread"
    RESIDUA_PEER_IMAGES_PER_SECOND=$peer "$build/bench/bench_networks"
done
[ -n "$seen" ] || { echo "no PyTorch found: apt-get install python3-torch" >&2; exit 1; }
