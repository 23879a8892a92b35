"""What the server says of its people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

ANSWER = {
    "people": [
        {"address": "bob@a.example", "is_enabled": False, "seen_at": 5, "devices": 0},
        {"address": "alice@a.example", "is_enabled": True, "seen_at": 7, "devices": 2},
    ],
    "invitations": [{"token": "t", "host": "a.example", "name": "carol", "expires_at": 9}],
}


def lines(crowd: Mapping[str, Sequence[object]] = ANSWER) -> str:
    """Return an answer as people.lua gives it, a line for each entry."""
    pieces = [json.dumps({kind: [entry]}) for kind, entries in crowd.items() for entry in entries]
    return "\n".join([*pieces, "Result: end", ""])
