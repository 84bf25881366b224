#!/bin/bash
# The Debian packages that this tree needs, and how they get onto a machine.
#
#   packaging/packages.sh GROUP...          installs what is missing of: build, test, bench
#   packaging/packages.sh --list GROUP...   prints the groups' packages, one on a line
#
# Only a missing package is installed; with nothing missing nothing is run. Needs root when something is missing.
set -euo pipefail

# What ./run needs: the compiler and the libraries the daemon is linked with.
build=(
    g++ cmake ninja-build pkg-config
    libuv1-dev libssl-dev libspdlog-dev libfmt-dev libcli11-dev
    zlib1g-dev libbrotli-dev libzstd-dev libcrypt-dev
    media-types
)
# What ./test needs besides: the test library, the lints, and the clients that drive the daemon.
test=(
    libgtest-dev libgmock-dev
    clang-format python3 git
    ccache lld
    curl openssl procps python3-twisted
)
# What the benchmarks need besides: Google Benchmark, the load generator, the rivals, and what checks their answers.
bench=(
    libbenchmark-dev wrk nginx-light lighttpd lighttpd-mod-openssl
    python3 curl openssl
)

say() { echo "packages: $*" >&2; }

usage() {
    say "$1; say: packaging/packages.sh [--list] build|test|bench..."
    exit 64
}

list=
wanted=()
for group in "$@"; do
    case $group in
        --list) list=1 ;;
        build) wanted+=("${build[@]}") ;;
        test) wanted+=("${test[@]}") ;;
        bench) wanted+=("${bench[@]}") ;;
        *) usage "no group is called '$group'" ;;
    esac
done
[ ${#wanted[@]} -gt 0 ] || usage "no group named"

if [ -n "$list" ]; then
    printf '%s\n' "${wanted[@]}"
    exit 0
fi

installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -q '^installed'; }

missing=()
for package in "${wanted[@]}"; do
    installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

apt_install="apt-get install -y --no-install-recommends"
if [ "$(id -u)" -ne 0 ]; then
    say "these are missing and only root may install them; run:"
    echo "    sudo $apt_install ${missing[*]}" >&2
    exit 77
fi
command -v apt-get >/dev/null || { say "no apt-get here; install by hand: ${missing[*]}"; exit 69; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
say "installing ${missing[*]}"
apt-get update -q >"$log" 2>&1 || { grep '^[EW]:' "$log" >&2 || true; say "apt-get update failed; going on with the lists that are here"; }
if $apt_install -q "${missing[@]}" >"$log" 2>&1; then
    exit 0
fi

# All together failed: one by one shows which.
failed=()
for package in "${missing[@]}"; do
    if ! $apt_install -q "$package" >"$log" 2>&1; then
        failed+=("$package")
        say "cannot install $package: $(grep -m1 '^E:' "$log" || tail -n 1 "$log")"
    fi
done
if [ ${#failed[@]} -gt 0 ]; then
    say "failed: ${failed[*]}"
    exit 69
fi
