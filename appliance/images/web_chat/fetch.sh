#!/bin/sh
# Fetches Converse.js (https://conversejs.org, MPL-2.0) as its makers published it, and keeps what a browser asks for.
# Where it comes from does not count: only the very file that was looked at for this version of the program is used.
set -eu

readonly VERSION=14.0.0
readonly SHA512=2c5520d37d230da955e3bbc8fefc953ea60f65f2585c56ee6eaf2fd1c1437b6cd735e786124dd4a74163fd64f34fab7ee9da3e700213a32ef77808fb44d0e3d9
readonly PATIENCE_SECONDS=20
readonly TARGET=/usr/share/converse/$VERSION

# What fails at once may work a moment later, such as a name server; what hangs is not tried again. By itself, npm does
# not try again where a name is not found.
fetch() {
    # what this machine trusts beside the authorities of Debian, such as a company's own
    export NODE_EXTRA_CA_CERTS=/machine/certificates.pem
    export NPM_CONFIG_FETCH_RETRIES=0 NPM_CONFIG_FETCH_TIMEOUT=60000
    export NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_CACHE=/fetched/cache
    began=$(date +%s)
    until npm pack --loglevel error --pack-destination /fetched "converse.js@$VERSION" >/dev/null 2>/fetched/error; do
        [ $(($(date +%s) - began)) -lt $PATIENCE_SECONDS ] || give_up
        sleep 4
    done
}

give_up() {
    # npm writes word by word, and more than what went wrong
    sed -n 's/^npm ERR! \(code\|request\|[0-9][0-9][0-9]\) /npm: \1 /p' /fetched/error | sort -u >&2
    echo "converse.js-$VERSION.tgz cannot be had from npm's registry" >&2
    exit 1
}

check() {
    echo "$SHA512  /fetched/converse.js-$VERSION.tgz" | sha512sum --check --status || {
        echo "converse.js-$VERSION.tgz is not what its makers published" >&2
        return 1
    }
}

# Neither sources, maps and debug builds nor the pages of Converse's own website.
unpack() {
    tar -xzf "/fetched/converse.js-$VERSION.tgz" -C /fetched --no-same-owner package/LICENSE package/dist
    mkdir -p "$TARGET"
    (
        cd /fetched/package
        cp -r LICENSE dist/chunkjs dist/images dist/sounds dist/webfonts "$TARGET"
        cp dist/converse.min.js dist/converse.min.css dist/emoji.json dist/libomemo.esm.min.js \
            dist/curve25519_compiled.wasm "$TARGET"
    )
    find "$TARGET" -name '*.map' -delete
    find "$TARGET" -type d -exec chmod 0755 {} + -o -type f -exec chmod 0644 {} +
    # a line at home is slow upwards: a third of the size for every browser there is
    find "$TARGET" -type f \( -name '*.js' -o -name '*.css' -o -name '*.json' -o -name '*.wasm' \) -exec gzip -9kn {} +
}

# With its queue full, apt warns of a waiting retry without an end, until all memory is gone: the queue never fills.
echo 'Acquire::Max-Pipeline-Depth "1000";' >/etc/apt/apt.conf.d/50queue
apt-get update
apt-get install -y --no-install-recommends npm ca-certificates
mkdir /fetched
fetch
check
unpack
# all in one step, so that npm takes no place on the disk afterwards
apt-get purge -y --auto-remove npm ca-certificates
rm -rf /fetched /var/lib/apt/lists/* /var/cache/apt/*
