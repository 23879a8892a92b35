"""What was fetched from the web for Prosody: whether it is what the admin has looked at."""

from __future__ import annotations

from hashlib import sha256

from xmpp_wizard.core.text import Text, say

MOST_BYTES = 1_000_000
"""The largest module of Prosody's community has 90 kB."""
_PAGES = (b"<!doctype", b"<html", b"<?xml")
_PACKED = (b"\x1f\x8b", b"PK", b"BZh", b"\xfd7zXZ")


def wrong_with(content: bytes, wanted: str) -> tuple[Text, Text] | None:
    """Return what is wrong with a Lua file and what to do, or None; ``wanted`` is its SHA-256 in small letters."""
    if content.lstrip().lower().startswith(_PAGES):
        return (
            say("there is a web page at this address, not a Lua file"),
            say('Take the address of the file itself; websites often call it "raw".'),
        )
    found = sha256(content).hexdigest()
    if found != wanted:
        return (
            say("the file has the SHA-256 {found} instead of {wanted}", found=found, wanted=wanted),
            say("Somebody changed it, or the answer is wrong. Look at the file before you put in another checksum."),
        )
    if content.startswith(_PACKED):
        return (
            say("it is a packed file, not a Lua file"),
            say("Only modules of one Lua file can be fetched: take the address of the file mod_NAME.lua itself."),
        )
    if not _is_text(content):
        return say("it is no text, so no Lua file"), say("Take the address of the file mod_NAME.lua itself.")
    return None


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
