"""Reads a QR code back from a terminal's screen as a camera would: every cell becomes pixels, then a decoder looks."""

from __future__ import annotations

from typing import Any

import pyte
import zxingcpp

_PIXELS = 4
"""Width of a cell; it is twice as high, as cells of terminals are."""
_LIGHT = {"white", "brightwhite"}


def read_code(screen: pyte.Screen, *, is_light: bool = False) -> str:
    """Return the text of the code on ``screen``, empty where none can be read.

    ``is_light`` is a terminal with dark letters on a light ground by itself. A code in the wrong colours does not
    count: many cameras do not take one.
    """
    rows = [
        row
        for line in range(screen.lines)
        for row in _pixels([screen.buffer[line][column] for column in range(screen.columns)], is_light=is_light)
    ]
    shape = (len(rows), len(rows[0]))
    found = zxingcpp.read_barcodes(memoryview(b"".join(rows)).cast("B", shape), try_invert=False)
    return next((code.text for code in found if code.format == zxingcpp.BarcodeFormat.QRCode), "")


def _pixels(cells: list[Any], *, is_light: bool) -> list[bytes]:
    halves = [_halves(cell, is_light=is_light) for cell in cells]
    rows = [b"".join((b"\xff" if half[part] else b"\0") * _PIXELS for half in halves) for part in (0, 1)]
    return [rows[0]] * _PIXELS + [rows[1]] * _PIXELS


def _halves(cell: Any, *, is_light: bool) -> tuple[bool, bool]:  # noqa: ANN401 pyte's own
    """Return whether the upper and the lower half of a cell are light."""
    ink, ground = _is_bright(cell.fg, default=not is_light), _is_bright(cell.bg, default=is_light)
    if cell.reverse:
        ink, ground = ground, ink
    match cell.data:
        case "█":
            return ink, ink
        case "▀":
            return ink, ground
        case "▄":
            return ground, ink
        case _:
            # letters are neither light nor dark; as ground they are far enough from the code
            return ground, ground


def _is_bright(colour: str, *, default: bool) -> bool:
    if colour == "default":
        return default
    if len(colour) == 6 and all(sign in "0123456789abcdef" for sign in colour.lower()):
        return int(colour[2:4], 16) >= 0x80
    return colour in _LIGHT
