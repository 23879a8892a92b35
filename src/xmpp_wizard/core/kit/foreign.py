"""What others have said, as far as it may be shown: anybody can write anything into an answer."""

from __future__ import annotations


def one_line(text: str, most: int = 200) -> str:
    """Return ``text`` as one line of at most ``most`` signs, none of which a terminal would obey."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:most]
