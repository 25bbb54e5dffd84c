#!/bin/sh
# bench_networks beside PyTorch, one after the other in one run (needs Debian's python3-torch).
#   compare.sh BUILD
set -eu
build=${1:-build/bench}
cd "$(dirname "$0")/../.."
peer=$(/usr/bin/python3 bench/networks/pytorch.py)
echo "PyTorch $(/usr/bin/python3 -c 'import torch; print(torch.__version__)'): $peer images/s on one thread"
RESIDUA_PEER_IMAGES_PER_SECOND=$peer "$build/bench/bench_networks"
