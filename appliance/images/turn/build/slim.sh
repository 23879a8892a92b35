#!/bin/sh
# Takes away what a container that is replaced, never upgraded in place, does not need.
# dpkg's records stay true, so that scanners and dpkg-query see what is really there.
set -eu

purge_packages() {
    # their scripts would ask for perl and debconf, which go too
    rm -f /var/lib/dpkg/info/*.prerm /var/lib/dpkg/info/*.postrm
    dpkg --purge --force-depends --force-remove-essential --force-remove-protected \
        apt libapt-pkg7.0 sqv debian-archive-keyring \
        perl-base init-system-helpers sysvinit-utils \
        mount login passwd login.defs \
        ncurses-bin diffutils \
        debconf \
        libseccomp2 libdb5.3t64 \
        libsemanage2 libsemanage-common libsepol2 \
        libpam-modules libpam-modules-bin libpam-runtime \
        inetutils-telnet netbase sqlite3 \
        adduser \
        >/tmp/purge.log 2>&1 || { cat /tmp/purge.log >&2; return 1; }
}

delete_files() {
    # licences stay: they are the condition for passing the software on
    find /usr/share/doc -type f ! -name copyright -delete
    find /usr/share/doc -type d -empty -delete
    rm -rf /usr/share/man /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/bash-completion
    rm -rf /usr/share/coturn /usr/share/perl5 /usr/share/zoneinfo
    # what makes accounts, relays for itself or asks others
    rm -f /usr/bin/turnadmin /usr/bin/turnutils /usr/bin/turnutils_natdiscovery /usr/bin/turnutils_oauth \
        /usr/bin/turnutils_peer /usr/bin/turnutils_uclient
    rm -rf /var/lib/apt /var/cache/* /var/log/* /var/backups/* /var/lib/dpkg/*-old /var/lib/turn /tmp/* /root/.[a-z]*
    rm -f /etc/*- /var/lib/dpkg/lock* /var/lib/systemd/* /etc/turnserver.conf 2>/dev/null || :
    rm -rf /etc/init.d /etc/logrotate.d /etc/default/coturn
}

set_owners() {
    chmod 0755 /usr/local/bin/*
    mkdir -p /certs /secrets /etc/turn
    install -d -o turnserver -g turnserver -m 0700 /run/turn
}

purge_packages
delete_files
set_owners
# a missing library must fail the build, not the first start
for file in /usr/bin/turnserver /usr/bin/turnutils_stunclient /usr/sbin/ip /usr/bin/tini; do
    if ldd "$file" | grep 'not found'; then
        echo "$file lacks a library" >&2
        exit 1
    fi
done
