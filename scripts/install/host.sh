# shellcheck shell=sh
# Part of install.sh: refuse an unfit host in the first second, before anything changes.

check_root() {
    [ -z "$is_dry_run" ] || return 0
    [ "$(id -u)" -eq 0 ] || fail $needs_person "Installing needs root." "$(again)"
}

# os KEY: one value of /etc/os-release
os() {
    (
        # shellcheck source=/dev/null
        [ ! -r /etc/os-release ] || . /etc/os-release
        eval "printf '%s' \"\${$1:-}\""
    )
}

unsupported() {
    fail $needs_person "$1" "install Debian 12 or newer, Ubuntu 22.04 or newer, or Raspberry Pi OS, then: $(again)"
}

check_system() {
    system=$(os ID)
    release=$(os VERSION_ID)
    case $system:${release%%.*} in
    # Testing and unstable have no number: they are newer than any.
    debian: | debian:1[2-9] | raspbian:1[2-9] | ubuntu:2[2-9]) ;;
    *) unsupported "This host is $(os PRETTY_NAME | grep . || echo unknown), which is not supported." ;;
    esac
    architecture=$(dpkg --print-architecture)
    case $architecture in
    amd64 | arm64 | armhf) ;;
    *) unsupported "This host's architecture ($architecture) is not supported: amd64, arm64 and armhf are." ;;
    esac
    # Raspberry Pi OS still runs on ARMv6; the containers need Debian's ARMv7.
    [ "$(uname -m)" != armv6l ] ||
        unsupported "This is a first-generation Raspberry Pi or a Zero (ARMv6): a Pi 2, Zero 2 or newer is needed."
    # Ubuntu 22.04 has slixmpp for Python 3.10 only, and on 32-bit ARM it must come from there.
    [ "$system$release$architecture" != ubuntu22.04armhf ] ||
        unsupported "32-bit ARM needs Ubuntu 24.04 or newer."
}

free_mb() {
    df -Pm "$1" | awk 'NR == 2 { print $4 }'
}

nearest_folder() {
    folder=$1
    while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
    printf '%s' "$folder"
}

check_room() {
    found=$(awk '/^MemTotal:/ { print int($2 * 1024 / 1000000) }' /proc/meminfo)
    [ "$found" -ge $memory_mb ] || fail $needs_person \
        "This host has $found MB of memory; at least $memory_mb MB are needed." "add memory, then: $(again)"
    needed=$first_install_mb
    [ ! -e "$home/current" ] || needed=$repair_mb
    check_disk "$(nearest_folder /var/lib/docker)" "$needed"
    [ -n "$is_engine_only" ] || check_disk "$(nearest_folder "$home")" $repair_mb
}

check_disk() {
    found=$(free_mb "$1")
    [ "$found" -ge "$2" ] || fail $needs_person \
        "The disk has $found MB free below $1; $2 MB are needed$( [ "$2" -lt 3000 ] || echo ' (3 GB)')." \
        "sudo apt-get clean; sudo du -xhd2 / | sort -h | tail    (shows what fills it), then: $(again)"
}

check_answers() {
    [ -z "$answers" ] || [ -r "$answers" ] || fail $needs_person \
        "There is no readable answer file $answers." "ls $here/examples    (shows answer files to start from)"
}
