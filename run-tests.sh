#!/bin/sh
# Installs all that the tests need and runs them. See `./run-tests.sh --help`.
# Rules it keeps: the tests' tools stay in .venv-tests; what was not running before
# does not run afterwards; everything is run even if something fails.
set -eu

here=$(cd -P "$(dirname "$0")" && pwd)
cd "$here"
readonly venv=.venv-tests
PATH=$here/$venv/bin:$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
unset PYTHONPATH PYTHONHOME || true

results=
failed=
engine_started=

usage() {
    cat <<'TEXT'
Usage: [sudo] ./run-tests.sh [unit|all|bench] [PYTEST ARGUMENTS…]

  sudo ./run-tests.sh         everything but the long tests: checks, unit, end to end
       ./run-tests.sh unit    the checks and the fast tests; no root, no Docker, 2 minutes
  sudo ./run-tests.sh all     also the long ones (other systems and processors, a whole machine)
  sudo ./run-tests.sh bench   the benchmarks in tests/benchmarks

Examples:
  ./run-tests.sh unit -k lua
  sudo ./run-tests.sh all tests/e2e/install

Exit status: 0 all passed, 1 something failed, 3 a tool could not be installed,
5 root is needed, 64 wrong usage.
TEXT
}

# fail STATUS WHAT NEXT
fail() {
    printf '\nrun-tests: %s\nNext: %s\n' "$2" "$3" >&2
    exit "$1"
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

choose() {
    which=default
    case ${1:-} in
    unit | all | bench) which=$1 ;;
    --help | -h)
        usage
        exit 0
        ;;
    esac
    [ "$which" = unit ] || is_root || fail 5 "These tests need root and Docker." "sudo ./run-tests.sh    (or: ./run-tests.sh unit)"
}

# --- tools -------------------------------------------------------------------

# With its queue full, apt warns of a waiting retry without an end, until all memory is gone: the queue never fills.
apt() {
    apt-get -o Acquire::Retries=3 -o Acquire::Max-Pipeline-Depth=1000 "$@"
}

find_python() {
    for python in /usr/bin/python3 /usr/bin/python3.14 /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11 python3; do
        "$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    done
    return 1
}

missing_packages() {
    find_python || printf '%s ' python3 python3-venv
    command -v shellcheck >/dev/null || printf '%s ' shellcheck
    command -v git >/dev/null || printf '%s ' git
    command -v curl >/dev/null || printf '%s ' curl
    [ "$which" = unit ] || command -v tmux >/dev/null || printf '%s ' tmux
    # The tests themselves tell the kernel about it, and forget it again.
    [ "$which" != all ] || command -v qemu-aarch64-static >/dev/null || printf '%s ' qemu-user-static
}

install_packages() {
    packages=$(missing_packages)
    [ -n "$packages" ] || return 0
    is_root || fail 5 "These packages are missing: $packages" "sudo apt-get install $packages"
    export DEBIAN_FRONTEND=noninteractive
    apt -q update || fail 3 "apt could not read the package lists." "read the lines above"
    # shellcheck disable=SC2086  # a list of words
    apt -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends $packages ||
        fail 3 "apt could not install: $packages" "read the lines above"
}

pip() {
    "$venv/bin/python" -m pip "$@" ||
        fail 3 "The tests' tools could not be installed." "check this host's network, then run this again"
}

# One stamp per content: a second run with nothing to do takes no time.
install_venv() {
    tools=$venv/.tools-$(sha256sum <requirements/dev.txt | cut -c 1-12)
    program=$venv/.program-$(sha256sum <pyproject.toml | cut -c 1-12)
    if [ ! -e "$tools" ]; then
        echo "Installing the tests' tools into $venv (about 30 s) …"
        find_python || fail 3 "No Python 3.11 or newer was found." "sudo apt-get install python3 python3-venv"
        rm -rf "$venv"
        "$python" -m venv "$venv"
        pip install -q --require-hashes --no-deps --only-binary :all: -r requirements/dev.txt
        touch "$tools"
    fi
    if [ ! -e "$program" ]; then
        pip install -q --no-deps --no-build-isolation -e .
        touch "$program"
    fi
}

# A real ACME authority, which only Debian's newest archive has with profiles: its signed package is unpacked beside the
# tools, with package lists of its own, so that nothing of it touches this host. Its date stamp may be old on a mirror
# that stands still; the signature counts.
install_pebble() {
    [ ! -x "$venv/pebble/usr/bin/pebble" ] || return 0
    echo "Fetching the ACME authority for tests …"
    work=$here/$venv/pebble.new
    rm -rf "$work"
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
    : >"$work/status"
    # shellcheck disable=SC2016  # a field of apt's, not of the shell's
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
        grep -v security | sort -u | head -n 1)
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$work/sources.list"
    (
        cd "$work"
        private_apt -qq update
        private_apt -qq download pebble
        dpkg-deb -x pebble_*.deb .
        rm -rf lists cache pebble_*.deb
    ) || fail 3 "The ACME authority for tests could not be fetched." "check this host's network, then run this again"
    rm -rf "${venv:?}/pebble"
    mv "$work" "$venv/pebble"
}

# Real name servers and web servers, and a wrong clock, unpacked beside the tools with the libraries that this host
# lacks: nothing is installed, so nothing is started as a service.
readonly servers='knot unbound bind9 pdns-server pdns-backend-sqlite3 nginx apache2 caddy haproxy miniupnpd
    miniupnpd-nftables wireguard-tools wireguard-go libfaketime prometheus slapd'

install_servers() {
    # shellcheck disable=SC2086  # a list of words
    unpack servers "name servers and web servers" $servers
    # Only long tests look through a browser. Where it is no Debian package, they are skipped.
    [ "$which" != all ] || ! planned_packages chromium-headless-shell >/dev/null 2>&1 ||
        unpack browser "browser" chromium-headless-shell
    # Only a long test starts a whole machine, a PC on a PC.
    [ "$which" != all ] || [ "$(dpkg --print-architecture)" != amd64 ] ||
        ! planned_packages qemu-system-x86 >/dev/null 2>&1 ||
        unpack emulator "machine to be emulated" qemu-system-x86
}

# unpack FOLDER WHAT PACKAGES…
unpack() {
    folder=$1
    what=$2
    shift 2
    stamp=.of-$(printf '%s' "$*" | sha256sum | cut -c 1-12)
    [ ! -e "$venv/$folder/$stamp" ] || return 0
    echo "Fetching the $what for tests …"
    work=$here/$venv/$folder.new
    rm -rf "$work"
    mkdir -p "$work"
    (
        cd "$work"
        planned_packages "$@" >/dev/null || apt -q update
        # shellcheck disable=SC2046  # a list of words
        apt -qq -o APT::Sandbox::User=root download $(planned_packages "$@")
        for package in *.deb; do dpkg-deb -x "$package" .; done
        rm -f ./*.deb
        touch "$stamp"
    ) || fail 3 "The $what for tests could not be fetched." "check this host's network, then run this again"
    rm -rf "${venv:?}/$folder"
    mv "$work" "$venv/$folder"
}

planned_packages() {
    planned=$(apt-get -s install --no-install-recommends "$@") || return 1
    printf '%s\n' "$planned" | awk '/^Inst / { print $2 }'
}

private_apt() {
    apt -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o Dir::State::status="$work/status" \
        -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root "$@"
}

engine_runs() {
    "$venv/bin/python" -c 'import docker; docker.from_env(timeout=10).ping()' 2>/dev/null
}

start_engine() {
    engine_runs || engine_started=yes
    ./install.sh --engine-only || fail 3 "Docker Engine could not be installed or started." "read the lines above"
}

clean_up() {
    stop_engine
    # What root's caches and tools keep must not stop the next run without root.
    [ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:${SUDO_GID:-}" .venv-tests .[a-z]*_cache .hypothesis 2>/dev/null || true
}

stop_engine() {
    [ -n "$engine_started" ] || return 0
    engine_started=
    echo "Stopping Docker Engine, which was not running before."
    if [ -d /run/systemd/system ]; then
        systemctl stop docker.socket docker.service
    else
        stop_dockerd "$(cat /run/docker.pid)"
    fi
}

# Its containers get their usual time to stop first.
stop_dockerd() {
    kill "$1" 2>/dev/null || return 0
    for _ in $(seq 120); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.5
    done
    echo "run-tests: Docker Engine (process $1) does not stop." >&2
}

# --- running -----------------------------------------------------------------

# run NAME COMMAND…: its outcome goes into the summary.
run() {
    name=$1
    shift
    printf '\n--- %s\n' "$name"
    began=$(date +%s)
    outcome=passed
    "$@" </dev/null || { outcome=FAILED failed=yes; }
    results="$results$(printf '  %-26s %-7s %5d s' "$name" "$outcome" $(($(date +%s) - began)))
"
}

# No tests at all, which pytest calls 5, is no failure: some kinds are still to come.
run_pytest() {
    status=0
    python -m pytest "$@" || status=$?
    [ $status -eq 5 ] || return $status
}

run_checks() {
    run "ruff check" ruff check .
    run "ruff format" ruff format --check --diff .
    run "mypy" mypy
    run "imports" lint-imports --no-logo
    # shellcheck disable=SC2046  # a list of words
    run "shellcheck" shellcheck -x -a $(shell_scripts)
}

# Every committed or new file that names a shell in its first line.
shell_scripts() {
    { git ls-files --cached --others --exclude-standard 2>/dev/null || find . -path "./$venv" -prune -o -type f -print; } |
        while read -r file; do
            [ -f "$file" ] || continue
            case $(head -c 20 "$file" | head -n 1 | tr -d '\0') in
            '#!/bin/sh'* | '#!/bin/bash'* | '#!/usr/bin/env ba'*) printf '%s\n' "$file" ;;
            esac
        done
}

run_kind() {
    case $which in
    unit)
        run_checks
        run "unit tests" run_pytest -n auto -m "not e2e and not long and not benchmark and not screens" "$@"
        ;;
    bench)
        start_engine
        run "benchmarks" run_pytest -s -m benchmark "$@"
        ;;
    *)
        run_checks
        run "unit tests" run_pytest -n auto -m "not e2e and not long and not benchmark" "$@"
        start_engine
        run "end-to-end tests" run_pytest -n 2 --dist loadfile --durations 15 -m "e2e and not long and not benchmark" "$@"
        [ "$which" != all ] || run "long tests" run_pytest --durations 15 -m "long and not benchmark" "$@"
        ;;
    esac
}

summarize() {
    printf '\n=== Summary: %s\n%s' "$([ -z "$failed" ] && echo passed || echo FAILED)" "$results"
}

main() {
    choose "$@"
    [ "$which" = default ] || shift
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    install_packages
    install_venv
    [ "$which" = unit ] || install_pebble
    [ "$which" = unit ] || install_servers
    run_kind "$@"
    summarize
    [ -z "$failed" ]
}

main "$@"
