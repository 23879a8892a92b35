"""The records as text: for a zone file, and as a table to copy from."""

from __future__ import annotations

from collections.abc import Sequence

from xmpp_wizard.core.dns.record import TTL_SECONDS, Record
from xmpp_wizard.core.text import say

YOUR_LINE = say("the public address of your line")
_LONGEST_STRING = 255


def rdata(record: Record) -> str:
    """Return the value as a zone file has it; a text is cut into strings of 255 bytes, in quotes."""
    if record.kind != "TXT":
        return record.value
    raw = record.value.encode()
    parts = [raw[start : start + _LONGEST_STRING] for start in range(0, len(raw), _LONGEST_STRING)] or [b""]
    return " ".join('"' + "".join(map(_escaped, part)) + '"' for part in parts)


def zone_text(records: Sequence[Record], zone: str = "") -> str:
    """Return lines for a zone file; with ``zone`` only those in it, below its ``$ORIGIN``."""
    lines = [f"$ORIGIN {zone}.\n"] if zone else []
    for record in records:
        if zone and not is_in(record.name, zone):
            continue
        name = _below(record.name, zone) if zone else f"{record.name}."
        value, comment = (rdata(record), "") if record.value else (f"({YOUR_LINE})", "; ")
        lines.append(f"{comment}{name:<34} {TTL_SECONDS} IN {record.kind:<5} {value}\n")
    return "".join(lines)


def is_in(name: str, zone: str) -> bool:
    """Say whether ``name`` is ``zone`` or below it."""
    return name == zone or name.endswith(f".{zone}")


def _below(name: str, zone: str) -> str:
    return "@" if name == zone else name.removesuffix(f".{zone}")


def _escaped(byte: int) -> str:
    sign = chr(byte)
    if sign in '"\\':
        return f"\\{sign}"
    return sign if 32 <= byte < 127 else f"\\{byte:03d}"  # noqa: PLR2004 printable ASCII
