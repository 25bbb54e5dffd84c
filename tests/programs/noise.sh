# For the tests of programs: small data sets of noise, in the files of MNIST.

# n images of size x size noise whose labels count 0 to 7, over and over.
big_endian() { printf '\000\000'; printf "\\$(printf %o $(($1 / 256)))\\$(printf %o $(($1 % 256)))"; }
images() { # n, size, file
    { printf '\000\000\010\003'; big_endian "$1"; big_endian "$2"; big_endian "$2"; head -c $(($1 * $2 * $2)) /dev/urandom; } >"$3"
}
labels() { # n, file
    { printf '\000\000\010\001'; big_endian "$1"; i=0; while [ $i -lt "$1" ]; do printf "\\00$((i % 8))"; i=$((i + 1)); done; } >"$2"
}
data_set() { # folder, size of test images
    mkdir "$1"
    images 96 28 "$1/train-images-idx3-ubyte"
    labels 96 "$1/train-labels-idx1-ubyte"
    images 40 "$2" "$1/t10k-images-idx3-ubyte"
    labels 40 "$1/t10k-labels-idx1-ubyte"
}
