#!/bin/sh
# Residua beside oneDNN and PyTorch, on the same layers and networks: builds what it needs, compares results, then times by turns, and
# writes a CSV and a page. Who is not installed is named and left out.
#   run.sh [--threads N] [--passes N] [--filter TEXT] [--deep] [--compile] [--out DIR] [--append] [--picture FILE] [--list]
#          [--python PATH]...       (in place of every python3 that is found and has PyTorch)
#          [--onednn PREFIX]...     (in place of /usr: a folder with include/ and lib/)
#          [--jobs N]               (of the build; ours alone takes minutes)
set -eu
cd "$(dirname "$0")/../.."
command="bench/peers/run.sh $*"
build=build/peers
mkdir -p build
jobs=$(nproc)
pythons=""
prefixes=""
words=""

# quoted WORD
quoted() {
    printf "'%s' " "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}
while [ $# -gt 0 ]; do
    case $1 in
        --python | --onednn | --jobs)
            [ $# -gt 1 ] || { echo "$1: expected a value" >&2; exit 2; }
            case $1 in
                --python) pythons="$pythons $2" ;;
                --onednn) prefixes="$prefixes;$2" ;;
                --jobs) jobs=$2 ;;
            esac
            shift
            ;;
        *) words="$words$(quoted "$1")" ;;
    esac
    shift
done

if [ -z "$prefixes" ]; then
    if [ -e /usr/include/oneapi/dnnl/dnnl.hpp ]; then
        prefixes=/usr
    else
        echo "missing: oneDNN (apt-get install libdnnl-dev, or --onednn PREFIX): skipped"
    fi
fi
if [ -z "$pythons" ]; then
    for python in /usr/bin/python3 "$(command -v python3)"; do
        if ! "$python" -c 'import torch' 2>/dev/null; then
            echo "missing: PyTorch in $python (apt-get install python3-torch, or --python PATH): skipped"
        else
            case " $pythons " in *" $python "*) ;; *) pythons="$pythons $python" ;; esac
        fi
    done
fi

cmake --preset bench -B $build -DRESIDUA_EXAMPLES=OFF "-DRESIDUA_PEERS_ONEDNN=${prefixes#;}" >$build.log 2>&1 || { cat $build.log; exit 1; }
cmake --build $build -j "$jobs" --target peers >$build.log 2>&1 || { cat $build.log; exit 1; }

number=0
IFS=';'
for prefix in ${prefixes#;}; do
    number=$((number + 1))
    words="$words--onednn $PWD/$build/bench/peers/peers_onednn_$number "
done
IFS=' '
for python in $pythons; do words="$words--python $(quoted "$python")"; done
unset IFS
eval "PEERS_COMMAND=\$command exec python3 bench/peers/peers.py --ours \"\$PWD/\$build/bench/peers/peers_residua\" $words"
