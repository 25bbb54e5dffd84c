# For the tests of programs: a folder to work in that is gone afterwards, and what is said of what fails.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failed=0
complain() { # what failed
    echo "FAILED: $1"
    failed=1
}
conclude() { # name of the test, at its end
    [ $failed = 0 ] && echo "$1: ok"
    exit $failed
}
