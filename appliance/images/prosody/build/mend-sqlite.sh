#!/bin/sh
# Prosody 13.0.1's own driver for SQLite forgets why a query failed. An app that asks for what came after a message that
# is gone must hear just that ("item-not-found"), or it never asks for all of them.
set -eu

readonly DRIVER=/usr/lib/prosody/util/sqlite3.lua

sed -i '/^function engine:transaction/,/^end/ {
    s/ok, ret = self:_transaction/ok, ret, reason = self:_transaction/
    s/return ok, ret;/return ok, ret, reason;/
}' "$DRIVER"
