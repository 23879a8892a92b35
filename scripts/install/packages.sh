# shellcheck shell=sh
# Part of install.sh: which Python, which packages, and getting them by apt.

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Sets python (the interpreter, perhaps still to come) and python_packages.
choose_python() {
    python=/usr/bin/python3
    python_packages="python3 python3-venv"
    if [ -x $python ]; then
        is_new_enough $python && return
    elif [ "$system$release" != ubuntu22.04 ]; then
        return
    fi
    python_packages=
    for minor in 14 13 12 11; do
        [ -x /usr/bin/python3.$minor ] || continue
        choose_minor $minor
        return
    done
    # Ubuntu 22.04's own Python is 3.10; its "universe" has 3.11.
    choose_minor 11
}

choose_minor() {
    python=/usr/bin/python3.$1
    python_packages="python3.$1 python3.$1-venv"
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_offered() {
    apt-cache policy "$1" 2>/dev/null | grep -q '^  Candidate: [^(]'
}

# Prints those of its arguments that are not installed.
missing() {
    for package in "$@"; do
        is_installed "$package" || printf '%s ' "$package"
    done
}

# What this host needs, one word each. The bootstrap tool and Debian's keys make
# the containers' base image where no registry answers.
wanted_packages() {
    printf '%s ' ca-certificates mmdebstrap debian-archive-keyring
    # shellcheck disable=SC2086  # a list of words
    [ -n "$is_engine_only" ] || printf '%s ' $python_packages
    if [ -z "$is_engine_only" ] && [ "$architecture" = armhf ]; then
        # requirements/runtime-armhf.txt says why.
        printf '%s ' python3-slixmpp python3-cffi-backend python3-yaml
    fi
    [ "$engine" != absent ] || engine_packages
}

engine_packages() {
    printf '%s ' docker.io iptables
    # Since Debian 13 docker.io comes without the `docker` command.
    if [ "$system" != ubuntu ] && [ "${release%%.*}" != 12 ] || is_offered docker-cli; then
        printf '%s ' docker-cli
    fi
    # With AppArmor in the kernel and no parser, Docker starts and no container does.
    if grep -qs Y /sys/module/apparmor/parameters/enabled; then printf '%s ' apparmor; fi
}

# Who holds a lock of the package manager, as "PID (name)"; nothing if nobody does.
package_lock_holder() {
    for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
        [ -e $file ] || continue
        pid=$(awk -v inode="$(stat -c %i $file)" '$6 ~ ":" inode "$" && $2 != "->" { print $5; exit }' /proc/locks)
        [ -n "$pid" ] || continue
        printf '%s (%s)' "$pid" "$(cat "/proc/$pid/comm" 2>/dev/null || echo unknown)"
        return
    done
}

# Unattended upgrades start minutes after the first boot and take a while.
wait_for_package_manager() {
    waited=0
    while holder=$(package_lock_holder) && [ -n "$holder" ]; do
        [ $waited -lt 900 ] || fail $outside_failed \
            "Another package manager, process $holder, has been busy for 15 minutes." "see: ps -fp ${holder%% *}, then: $(again)"
        [ $((waited % 10)) -ne 0 ] || say "      Waiting for another package manager, process $holder, for ${waited} s."
        sleep 1
        waited=$((waited + 1))
    done
}

apt() {
    # needrestart must not restart an engine that is already there. A file that is to be tried again while the queue
    # is full makes apt warn of it without an end, until all memory is gone (20 GB in a minute): the queue never fills.
    exec env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -q -y \
        -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Acquire::Max-Pipeline-Depth=1000 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

finish_broken_packages() {
    DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure -a
}

install_packages() {
    # shellcheck disable=SC2046  # a list of words
    packages=$(missing $(wanted_packages))
    [ -n "$packages" ] || return 0
    wait_for_package_manager
    # An earlier run, or somebody else's, may have been cut off half way.
    [ -z "$(dpkg --audit)" ] || step "Finishing an interrupted package installation" 30 finish_broken_packages
    step "Reading the package lists" 20 apt update
    # The lists may be new: ask again, and refuse before anything is installed.
    # shellcheck disable=SC2046
    packages=$(missing $(wanted_packages))
    for package in $packages; do
        is_offered "$package" || fail $needs_person "This host's package sources do not offer $package." \
            "$([ "$system" = ubuntu ] && echo "sudo add-apt-repository universe" || echo "see /etc/apt/sources.list.d"), then: $(again)"
    done
    wait_for_package_manager
    # shellcheck disable=SC2086
    step "Installing packages: $packages" 60 apt install --no-install-recommends $packages
}
