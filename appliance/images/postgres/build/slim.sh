#!/bin/sh
# Takes away what a container that is replaced, never upgraded in place, does not need.
# dpkg's records stay true, so that scanners and dpkg-query see what is really there.
set -eu

readonly PROGRAMS=/usr/lib/postgresql/17/bin

purge_packages() {
    # their scripts would ask for perl and debconf, which go too
    rm -f /var/lib/dpkg/info/*.prerm /var/lib/dpkg/info/*.postrm
    # LLVM is for compiling long queries, and is larger than all the rest together
    # shellcheck disable=SC2046  # a list of words
    dpkg --purge --force-depends --force-remove-essential --force-remove-protected \
        apt libapt-pkg7.0 sqv debian-archive-keyring \
        $(dpkg-query -W -f '${Package} ' 'libllvm*' 'perl*' 'libperl*' 'libjson-perl' 'libcommon-sense-perl' \
            'libtypes-serialiser-perl' 'libjson-xs-perl' 2>/dev/null || :) \
        postgresql-common postgresql-common-dev postgresql-client-common \
        init-system-helpers sysvinit-utils \
        mount login passwd login.defs \
        ncurses-bin diffutils \
        debconf ssl-cert ucf netbase openssl locales libz3-4 \
        libseccomp2 libdb5.3t64 \
        libsemanage2 libsemanage-common libsepol2 \
        libpam-modules libpam-modules-bin libpam-runtime \
        adduser \
        >/tmp/purge.log 2>&1 || { cat /tmp/purge.log >&2; return 1; }
}

delete_files() {
    # licences stay: they are the condition for passing the software on
    find /usr/share/doc -type f ! -name copyright -delete
    find /usr/share/doc -type d -empty -delete
    rm -rf /usr/share/man /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/bash-completion /usr/share/perl*
    rm -rf /usr/share/postgresql-common /usr/lib/postgresql/17/lib/bitcode /usr/lib/postgresql/17/lib/llvmjit*
    rm -rf /var/lib/apt /var/cache/* /var/log/* /var/backups/* /var/lib/dpkg/*-old /tmp/* /root/.[a-z]*
    rm -f /etc/*- /var/lib/dpkg/lock* /var/lib/systemd/* 2>/dev/null || :
    rm -rf /etc/init.d /etc/logrotate.d /etc/postgresql-common /etc/ssl/private/* /etc/ssl/certs/ssl-cert-snakeoil.pem
}

set_owners() {
    chmod 0755 /usr/local/bin/*
    mkdir -p /secrets
    install -d -o postgres -g postgres -m 0700 /run/postgresql
    rm -rf /var/lib/postgresql
    install -d -o postgres -g postgres -m 0750 /var/lib/postgresql
}

purge_packages
delete_files
set_owners
# a missing library must fail the build, not the first start
for file in "$PROGRAMS/postgres" "$PROGRAMS/initdb" "$PROGRAMS/psql" "$PROGRAMS/pg_dump" "$PROGRAMS/pg_isready" \
    /usr/lib/postgresql/17/lib/plpgsql.so /usr/lib/postgresql/17/lib/dict_snowball.so /usr/bin/tini; do
    if ldd "$file" | grep 'not found'; then
        echo "$file lacks a library" >&2
        exit 1
    fi
done
