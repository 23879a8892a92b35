#!/bin/sh
# Turns a bare Debian, Ubuntu or Raspberry Pi OS host into one that can run
# `xmpp-wizard`: Docker Engine if there is none, and the program in a virtual
# environment of its own. Run it again to repair or to upgrade; it resets nothing.
#
# Rules it keeps: refuse before changing anything; build beside what is there and
# switch by one rename; never touch a Docker that came from elsewhere.
set -eu
umask 022

readonly home=/opt/xmpp-wizard
readonly command_link=/usr/local/bin/xmpp-wizard
readonly log=/var/log/xmpp-wizard-install.log
readonly engine_log=/var/log/dockerd.log
readonly lock=/run/xmpp-wizard-install.lock
readonly first_install_mb=3000
readonly repair_mb=300
readonly memory_mb=400

# The exit statuses are those of the program.
readonly outside_failed=3
readonly needs_person=5
readonly wrong_usage=64

here=$(cd -P "$(dirname "$0")" && pwd)
readonly here
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
export PATH
# Somebody's own Python set-up must not leak into the program's environment.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP PIP_TARGET PIP_PREFIX PIP_USER PIP_REQUIRE_VIRTUALENV || true
export PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

answers=
is_plain=
is_dry_run=
is_engine_only=
job=

usage() {
    cat <<'TEXT'
Usage: sudo ./install.sh [--answers FILE | --plain] [--dry-run] [--engine-only]

Installs Docker Engine (only if there is none) and xmpp-wizard on this host.
Run it again at any time: it repairs and upgrades, and resets nothing.

  --answers FILE   go straight on and set the server up from this answer file
  --plain          the wizard asks line by line, for screen readers
  --dry-run        say what would be done, and change nothing
  --engine-only    install and start Docker Engine, and nothing else
  --help           this text

Examples:
  sudo ./install.sh --answers examples/try-it.toml   a server to try, on this machine
  sudo ./install.sh                                  the wizard asks
  ./install.sh --dry-run                             just look

Exit status: 0 done, 3 something outside failed, 5 something for you to do
first, 64 wrong usage; with --answers otherwise that of `xmpp-wizard apply`.
TEXT
}

say() {
    printf '%s\n' "$*"
}

# fail STATUS WHAT NEXT
fail() {
    printf '\nxmpp-wizard: %s\nNext: %s\n' "$2" "$3" >&2
    exit "$1"
}

# What the person typed, for a "Next:" line that can be copied.
again() {
    printf 'sudo ./install.sh'
    [ -z "$answers" ] || printf ' --answers %s' "$answers"
    [ -z "$is_plain" ] || printf ' --plain'
    [ -z "$is_engine_only" ] || printf ' --engine-only'
}

parse() {
    while [ $# -gt 0 ]; do
        case $1 in
        --answers)
            [ $# -ge 2 ] || fail $wrong_usage "--answers needs a file." "./install.sh --help"
            answers=$2
            shift
            ;;
        --answers=*) answers=${1#--answers=} ;;
        --plain) is_plain=yes ;;
        --dry-run) is_dry_run=yes ;;
        --engine-only) is_engine_only=yes ;;
        --help | -h)
            usage
            exit 0
            ;;
        *) fail $wrong_usage "install.sh does not know $1." "./install.sh --help" ;;
        esac
        shift
    done
}

# shellcheck source=scripts/install/host.sh
. "$here/scripts/install/host.sh"
# shellcheck source=scripts/install/packages.sh
. "$here/scripts/install/packages.sh"
# shellcheck source=scripts/install/engine.sh
. "$here/scripts/install/engine.sh"
# shellcheck source=scripts/install/program.sh
. "$here/scripts/install/program.sh"
# shellcheck source=scripts/install/steps.sh
. "$here/scripts/install/steps.sh"

describe() {
    say "This would be done on $(os PRETTY_NAME) ($architecture); nothing is changed now:"
    # shellcheck disable=SC2046
    packages=$(missing $(wanted_packages))
    say "  packages:  ${packages:-all are there}"
    case $engine in
    running) say "  engine:    a Docker Engine answers; it is used as it is" ;;
    *) say "  engine:    start Docker Engine $(has_systemd && echo "by systemd, now and at every boot" || echo "directly, as there is no systemd")" ;;
    esac
    [ -z "$is_engine_only" ] || return 0
    if [ -x "$python" ] && is_whole "$home/versions/$(program_name)"; then
        say "  program:   xmpp-wizard $(program_version) is installed and whole"
    else
        say "  program:   xmpp-wizard $(program_version) into $home, on PATH as $command_link"
    fi
    [ -z "$answers" ] || say "  server:    xmpp-wizard apply --answers $answers --yes"
}

take_lock() {
    exec 9>$lock
    flock -n 9 && return
    say "Another installation is running; waiting for it."
    flock -w 900 9 || fail $outside_failed "Another installation has been running for 15 minutes." "see $log, then: $(again)"
}

release_lock() {
    exec 9>&-
}

say_what_survives() {
    if ! has_systemd; then
        say "There is no systemd here. After a restart of this machine, run again:"
        say "      $(again)"
    elif [ "$(systemctl is-enabled docker.service 2>/dev/null)" = disabled ]; then
        say "After a reboot this Docker will not start by itself: sudo systemctl enable docker"
    fi
}

set_up_server() {
    say "Setting the server up from $answers"
    status=0
    "$command_link" apply --answers "$answers" --yes || status=$?
    [ $status -eq 0 ] || exit $status
    say ""
    say "To look at the server: sudo xmpp-wizard status"
    say "To add a person:       sudo xmpp-wizard user add NAME@DOMAIN"
}

go_on() {
    if [ -n "$answers" ]; then
        set_up_server
    elif [ -n "$is_plain" ]; then
        exec "$command_link" setup --plain
    elif [ -t 0 ] && [ -t 1 ]; then
        exec "$command_link"
    else
        say "Next: sudo xmpp-wizard    (asks), or: sudo xmpp-wizard apply --answers FILE"
    fi
}

install() {
    trap interrupted INT TERM HUP
    take_lock
    printf '== %s: install.sh %s on %s %s\n' "$(date '+%F %T')" "$(program_version)" "$system" "$release" >>$log
    install_packages
    # Now there is a Python to ask with, and perhaps apt has started the engine.
    look_for_engine
    check_engine
    start_engine
    [ -n "$is_engine_only" ] || install_program
    say_what_survives
    trap - INT TERM HUP
    release_lock
}

main() {
    parse "$@"
    check_root
    check_system
    check_room
    check_answers
    choose_python
    look_for_engine
    check_engine
    if [ -n "$is_dry_run" ]; then
        describe
        return
    fi
    install
    [ -n "$is_engine_only" ] || go_on
}

main "$@"
