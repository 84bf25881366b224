#!/bin/bash
# The Debian packages that this tree needs, and how they get onto a machine.
#
#   packaging/packages.sh GROUP...          installs what is missing of: build, test, bench
#   packaging/packages.sh --list GROUP...   prints the groups' packages, one on a line
#
# Only a missing package is installed; with nothing missing nothing is run. Needs root when something is missing.
# A server that is installed here is for tests and benchmarks: it is not started, and not at the next boot either.
set -euo pipefail

# What ./run needs: the compiler and the libraries the daemon is linked with.
build=(
    g++ cmake ninja-build pkg-config
    libuv1-dev libssl-dev libspdlog-dev libfmt-dev libcli11-dev
    zlib1g-dev libbrotli-dev libzstd-dev libcrypt-dev libsqlite3-dev libpsl-dev
    media-types
)
# What ./test needs besides: the test library, the lints, and the clients and servers that the daemon is tested with.
test=(
    libgtest-dev libgmock-dev
    clang-format python3 git
    ccache lld
    curl openssl procps python3-twisted irssi weechat-headless weechat-plugins
    swaks libnet-ssleay-perl msmtp fetchmail isync postfix lftp wget inetutils-ftp openssh-client
    python3-dkim python3-nacl python3-spf
    chromium chromium-driver
    nsd knot bind9 bind9-utils bind9-dnsutils bind9-host knot-dnsutils ldnsutils util-linux
)
# What the benchmarks need besides: Google Benchmark, the load generator, the rivals, and what checks their answers.
bench=(
    libbenchmark-dev wrk nginx-light lighttpd lighttpd-mod-openssl
    python3 curl openssl
    nsd knot dnsmasq-base dnsperf
    ngircd inspircd postfix dovecot-pop3d dovecot-imapd vsftpd python3-pyftpdlib
)
# The units of these servers, by package.
declare -A units=([nsd]=nsd [knot]=knot [bind9]=named [nginx-light]=nginx [lighttpd]=lighttpd [ngircd]=ngircd [inspircd]=inspircd [postfix]=postfix [dovecot-imapd]=dovecot [vsftpd]=vsftpd)

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
# What Debian's packages ask before they start a service; see invoke-rc.d(8). A policy that is there stays.
policy=${DPKG_ROOT:-}/usr/sbin/policy-rc.d
ourPolicy=
tidy() {
    rm -f "$log" ${ourPolicy:+"$ourPolicy"}
}
trap tidy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
    ourPolicy=$policy
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
stayDown() {
    command -v systemctl >/dev/null || return 0
    local package
    for package in "${missing[@]}"; do
        [ -z "${units[$package]:-}" ] || systemctl disable "${units[$package]}" >"$log" 2>&1 || true
    done
}
export DEBIAN_FRONTEND=noninteractive
say "installing ${missing[*]}"
apt-get update -q >"$log" 2>&1 || { grep '^[EW]:' "$log" >&2 || true; say "apt-get update failed; going on with the lists that are here"; }
if $apt_install -q "${missing[@]}" >"$log" 2>&1; then
    stayDown
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
stayDown
if [ ${#failed[@]} -gt 0 ]; then
    say "failed: ${failed[*]}"
    exit 69
fi
