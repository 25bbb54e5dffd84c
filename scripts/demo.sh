#!/bin/sh
# Trains a pre-activation ResNet of ResNet-20's size on real images, in minutes: Fashion-MNIST (a Debian package), or with
# "--data cifar10 --data-dir DIR" CIFAR-10. Installs what is missing through apt (not with --no-install), builds, trains; ends with
# the report and the trained weights that it wrote (docs/exchange.md says how to use them), and the test error. Further options go to the program (see build/demo/examples/train/train --help).
set -eu
here=$PWD
cd "$(dirname "$0")/.."
. scripts/install_dependencies.sh

no_install=0
data=fashion-mnist
data_dir=""
rest=""
while [ $# -gt 0 ]; do
    case $1 in
        --no-install) no_install=1 ;;
        --data | --data-dir)
            [ $# -ge 2 ] || { echo "$1 needs a value" >&2; exit 2; }
            if [ "$1" = --data ]; then data=$2; else data_dir=$2; fi
            shift
            ;;
        *) rest="$rest $1" ;;
    esac
    shift
done

need g++ cmake ninja-build libxsimd-dev libcli11-dev nlohmann-json3-dev zlib1g-dev
case $data in
    fashion-mnist)
        if [ -z "$data_dir" ]; then
            need dataset-fashion-mnist
            data_dir=/usr/share/datasets/fashion-mnist
        fi
        augment=flip
        ;;
    cifar10)
        [ -n "$data_dir" ] || { echo "--data cifar10 needs --data-dir, the folder with data_batch_1.bin" >&2; exit 2; }
        augment=crop-flip
        ;;
    *)
        echo "--data: expected fashion-mnist or cifar10, found $data" >&2
        exit 2
        ;;
esac
case $data_dir in /*) ;; *) data_dir=$here/$data_dir ;; esac  # (the caller's path)
install_missing

# Only the network that is shown, for the data that is there: the build is a part of the minutes.
cmake -S . -B build/demo -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O2 -DRESIDUA_NATIVE=ON -DRESIDUA_TESTS=OFF \
    -DRESIDUA_TRAIN_NETWORKS=preact20 -DRESIDUA_TRAIN_DATA="$data"
cmake --build build/demo --target train

# shellcheck disable=SC2086  (a list of words)
exec build/demo/examples/train/train --network preact20 --data "$data" --data-dir "$data_dir" --epochs 3 --schedule one-cycle --lr 0.2 \
    --batch 128 --augment "$augment" --seed 1 --report runs/demo/report.html $rest
