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
        debconf ssl-cert javascript-common \
        libseccomp2 libdb5.3t64 libsasl2-modules-db \
        libsemanage2 libsemanage-common libsepol2 \
        libpam-modules libpam-modules-bin libpam-runtime \
        adduser \
        >/tmp/purge.log 2>&1 || { cat /tmp/purge.log >&2; return 1; }
}

delete_files() {
    # licences stay: they are the condition for passing the software on
    find /usr/share/doc -type f ! -name copyright -delete
    find /usr/share/doc -type d -empty -delete
    rm -rf /usr/share/man /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/bash-completion
    rm -rf /usr/share/sass /usr/share/nodejs/bootstrap/js /usr/share/zoneinfo/right /usr/share/perl5
    # sources and maps of what the pages load in its minified form
    find /usr/share/nodejs/ /usr/share/javascript/ -name '*.map*' -delete
    find /usr/share/javascript/ -xtype l -delete
    rm -rf /var/lib/apt /var/cache/* /var/log/* /var/backups/* /var/lib/dpkg/*-old /tmp/* /root/.[a-z]*
    rm -f /etc/*- /var/lib/dpkg/lock* /var/lib/systemd/* 2>/dev/null || :
    rm -rf /etc/prosody/conf.avail /etc/prosody/migrator.cfg.lua /etc/prosody/README /etc/init.d /etc/logrotate.d
    rm -f /etc/prosody/conf.d/* /etc/ssl/private/* /etc/ssl/certs/ssl-cert-snakeoil.pem /run/adduser
}

set_owners() {
    # no secrets lie in /etc/prosody as shipped, and any uid may run the server
    chmod 0755 /etc/prosody /etc/prosody/certs /etc/prosody/conf.d
    chmod 0644 /etc/prosody/prosody.cfg.lua
    chmod 0755 /usr/local/bin/*
    mkdir -p /certs /secrets /entrypoint.d /etc/prosody/modules
    # any uid may put its pid file here, and a tmpfs may cover it
    install -d -m 1777 /run/prosody
    install -d -o prosody -g prosody -m 0750 /var/lib/prosody
}

purge_packages
delete_files
set_owners
# a missing library must fail the build, not the first start
for file in /usr/lib/*/lua/5.4/*.so /usr/lib/*/lua/5.4/*/*.so /usr/lib/prosody/util/*.so /usr/bin/setpriv /usr/bin/find; do
    if ldd "$file" | grep 'not found'; then
        echo "$file lacks a library" >&2
        exit 1
    fi
done
