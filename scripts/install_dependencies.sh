# Sourced by the scripts beside it: installs what is missing through apt.
#   need PACKAGE...    remembers packages that are not installed
#   install_missing    installs them, prints what, with sudo only if not root; with --no-install, says what is missing and stops

missing=""
need() {
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
    done
}

install_missing() {
    [ -n "$missing" ] || return 0
    if [ "$no_install" = 1 ]; then
        echo "missing packages:$missing (install them, or run this without --no-install)" >&2
        exit 1
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "missing packages:$missing, and there is no apt-get to install them with" >&2
        exit 1
    fi
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    echo "installing$missing"
    $sudo apt-get update -qq || echo "apt-get update failed; trying with the lists as they are" >&2
    # shellcheck disable=SC2086  (a list of words)
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    missing=""
}
