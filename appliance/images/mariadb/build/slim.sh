#!/bin/sh
# Takes away what a container that is replaced, never upgraded in place, does not need.
# dpkg's records stay true, so that scanners and dpkg-query see what is really there.
set -eu

readonly PROGRAMS='mariadb mariadb-check mariadb-dump mariadb-install-db mariadb-upgrade my_print_defaults resolveip'

purge_packages() {
    # their scripts would ask for perl and debconf, which go too
    rm -f /var/lib/dpkg/info/*.prerm /var/lib/dpkg/info/*.postrm
    # shellcheck disable=SC2046  # a list of words
    dpkg --purge --force-depends --force-remove-essential --force-remove-protected \
        apt libapt-pkg7.0 sqv debian-archive-keyring \
        $(dpkg-query -W -f '${Package} ' 'perl*' 'libperl*' 'lib*-perl' 'libgdbm*' 2>/dev/null || :) \
        init-system-helpers sysvinit-utils \
        mount login passwd login.defs \
        ncurses-bin diffutils \
        debconf \
        libseccomp2 libdb5.3t64 \
        libsemanage2 libsemanage-common libsepol2 \
        libpam-modules libpam-modules-bin libpam-runtime \
        adduser \
        >/tmp/purge.log 2>&1 || { cat /tmp/purge.log >&2; return 1; }
}

# the packages are one for everything that MariaDB has; a server in a container and a copy of its data need seven
delete_programs() {
    dpkg-query -L mariadb-client mariadb-client-core mariadb-server-core | grep '^/usr/bin/' | while read -r program; do
        case " $PROGRAMS " in *" ${program##*/} "*) ;; *) rm -f "$program" ;; esac
    done
}

delete_files() {
    # licences stay: they are the condition for passing the software on
    find /usr/share/doc -type f ! -name copyright -delete
    find /usr/share/doc -type d -empty -delete
    rm -rf /usr/share/man /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/bash-completion /usr/share/perl*
    rm -rf /var/lib/apt /var/cache/* /var/log/* /var/backups/* /var/lib/dpkg/*-old /tmp/* /root/.[a-z]*
    rm -f /etc/*- /var/lib/dpkg/lock* /var/lib/systemd/* 2>/dev/null || :
    rm -rf /etc/init.d /etc/logrotate.d
    # one file of settings, no others beside it
    rm -rf /etc/mysql/conf.d /etc/mysql/mariadb.conf.d /etc/mysql/mariadb.cnf /etc/mysql/my.cnf.fallback
}

set_owners() {
    chmod 0755 /usr/local/bin/*
    mkdir -p /secrets
    install -d -o mysql -g mysql -m 0700 /run/mysqld
    rm -rf /var/lib/mysql
    install -d -o mysql -g mysql -m 0750 /var/lib/mysql
}

purge_packages
delete_programs
delete_files
set_owners
# a missing library must fail the build, not the first start
for file in /usr/sbin/mariadbd /usr/bin/mariadb /usr/bin/mariadb-dump /usr/bin/tini; do
    if ldd "$file" | grep 'not found'; then
        echo "$file lacks a library" >&2
        exit 1
    fi
done
