#!/bin/sh
# Formats the C++ files that git knows, by .clang-format; with --check it changes nothing, and fails where one is not so formatted.
# Other versions of clang-format lay the same file out differently: it has to be 14.
set -eu
cd "$(dirname "$0")/.."
. scripts/install_dependencies.sh

no_install=0
check=0
while [ $# -gt 0 ]; do
    case $1 in
        --no-install) no_install=1 ;;
        --check) check=1 ;;
        *)
            echo "expected --check or --no-install, found $1" >&2
            exit 2
            ;;
    esac
    shift
done

find_formatter() {
    found=""
    for formatter in clang-format-14 clang-format; do
        version=$("$formatter" --version 2>/dev/null | sed -n 's/.*version \([0-9]*\)\..*/\1/p') || continue
        [ "$version" != 14 ] || return 0
        [ -z "$version" ] || found="$found $formatter of version $version"
    done
    return 1
}
if ! find_formatter; then
    need clang-format-14
    install_missing
    find_formatter || { echo "expected clang-format 14, found${found:- none} (python3 -m pip install clang-format==14.0.6)" >&2; exit 1; }
fi

if [ $check = 1 ]; then
    git ls-files '*.hpp' '*.cpp' | xargs "$formatter" --dry-run --Werror
else
    git ls-files '*.hpp' '*.cpp' | xargs "$formatter" -i
fi
