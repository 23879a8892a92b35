"""What nobody should ever type."""

from __future__ import annotations

HOSTILE = {
    "empty": "",
    "space": " ",
    "spaces inside": "anna  maria",
    "turned round": "al\u202eecila@a.example",
    "zero byte": "ali\0ce",
    "no UTF-8": "caf\udce9",
    "new line": "alice\nbob",
    "escape": "\x1b[2Jalice",
    "10,000 signs": "x" * 10_000,
    "10,000 parts": "a." * 5_000 + "b",
    "quotes": "'; rm -rf / #\"$(reboot)`id`",
    "only signs": "@@//..\\\\",
    "path upwards": "../../etc/passwd",
    "option": "--",
    "format": "{0.__class__} %s %n",
    "huge number": "9" * 5_000,
    "below zero": "-1",
    "emoji": "👩‍👩‍👧‍👦@a.example",
    "list": "[[[[",
}
