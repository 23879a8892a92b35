"""The signs that are drawn against the fonts that Debian and Raspberry Pi OS load on a console."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tui.consoles import SAFE

FONTS = Path("/usr/share/consolefonts")
"""Where ``console-setup-linux`` puts them."""
LATIN = ("Lat15", "Lat2", "Lat7", "Uni1", "Uni2", "Uni3")
"""Those that are loaded for Latin letters; ``Lat38``, for Latvian and Welsh alone, has no quotes in some sizes."""
PSF1, PSF2 = b"\x36\x04", b"\x72\xb5\x4a\x86"


def letters(font: bytes) -> set[str]:
    """Return what a console font says that it can draw."""
    if font.startswith(PSF2):
        _, _, start, _, count, size, *_ = struct.unpack("<8I", font[:32])
        entries = font[start + count * size :].split(b"\xff")[:count]
        return {sign for entry in entries for sign in entry.split(b"\xfe")[0].decode(errors="ignore")}
    assert font.startswith(PSF1)
    count = 512 if font[2] & 1 else 256
    table = font[4 + count * font[3] :]
    return set(_singles(struct.unpack(f"<{len(table) // 2}H", table[: len(table) // 2 * 2])))


def _singles(codes: tuple[int, ...]) -> Iterator[str]:
    is_sequence = False
    for code in codes:
        is_sequence = code == 0xFFFE or (is_sequence and code != 0xFFFF)
        if not is_sequence and code != 0xFFFF:
            yield chr(code)


@pytest.mark.skipif(not FONTS.is_dir(), reason="console-setup-linux is not installed")
def test_every_latin_font_has_every_sign() -> None:
    fonts = [path for path in sorted(FONTS.glob("*.psf.gz")) if path.name.startswith(LATIN)]
    assert fonts
    german_only = set("äöüÄÖÜßé")
    lacking = {path.name: SAFE - german_only - letters(gzip.decompress(path.read_bytes())) for path in fonts}
    assert {name: lacks for name, lacks in lacking.items() if lacks} == {}
