#!/bin/sh
# Mends two mistakes of Prosody 13.0 that people of this server would notice.
set -eu

# The driver for SQLite forgets why a query failed. An app that asks for what came after a message that is gone must
# hear just that ("item-not-found"), or it never asks for all of them.
mend_reasons() {
    sed -i '/^function engine:transaction/,/^end/ {
        s/ok, ret = self:_transaction/ok, ret, reason = self:_transaction/
        s/return ok, ret;/return ok, ret, reason;/
    }' /usr/lib/prosody/util/sqlite3.lua
}

# What somebody wants to have kept is remembered while they are there, but not that they said nothing of it, as nearly
# everybody: the database was asked again at each message, once for the one who writes and once for the one who reads.
mend_wishes() {
    sed -i '/^local function get_prefs/,/^end/ {
        s/user_sessions.archive_prefs = user_prefs;/user_sessions.archive_prefs = user_prefs or not smart_enable and { [false] = global_default_policy } or nil;/
    }' /usr/lib/prosody/modules/mod_mam/mamprefs.lib.lua
}

mend_reasons
mend_wishes
