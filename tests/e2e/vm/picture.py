"""The picture on a monitor, read as a person reads it: by the shapes of its letters, if their colours let one."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import zxingcpp

PSF1 = b"\x36\x04"
PSF2 = b"\x72\xb5\x4a\x86"
UNKNOWN = "\ufffd"
"""What a font's diamond reads as, and every shape that is no letter of it."""

Colour = bytes
Shape = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Font:
    """The letters that a console draws with."""

    width: int
    height: int
    signs: Mapping[Shape, frozenset[str]]
    """What each shape may mean: some signs look alike."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a letter."""

    signs: frozenset[str]
    """What can be read there; empty if no letter of the font looks like that."""
    contrast: float
    """Between letter and ground, from 1 (invisible) to 21; infinite where there is only ground."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of pixels, three bytes each."""

    width: int
    height: int
    pixels: bytes
    _known: dict[bytes, Cell] = field(default_factory=dict)

    def text(self, font: Font) -> str:
        """Return what can be read, row by row."""
        rows = ("".join(min(cell.signs, default=UNKNOWN) for cell in row).rstrip() for row in self.cells(font))
        return "\n".join(rows).rstrip()

    def cells(self, font: Font) -> list[list[Cell]]:
        """Return every place of a letter, row by row."""
        columns, rows = self.width // font.width, self.height // font.height
        return [[self._cell(font, row, column) for column in range(columns)] for row in range(rows)]

    def code(self) -> str:
        """Return what the QR code in it says, as a camera reads it; empty if there is none."""
        grey = memoryview(self.pixels[1::3]).cast("B", (self.height, self.width))
        found = zxingcpp.read_barcodes(grey, try_invert=False)
        return next((code.text for code in found if code.format == zxingcpp.BarcodeFormat.QRCode), "")

    def _cell(self, font: Font, row: int, column: int) -> Cell:
        length = font.width * 3
        start = (row * font.height * self.width + column * font.width) * 3
        lines = (start + line * self.width * 3 for line in range(font.height))
        key = b"".join(self.pixels[line : line + length] for line in lines)
        if key not in self._known:
            self._known[key] = _read_cell(key, font)
        return self._known[key]


def read_ppm(data: bytes) -> Picture:
    """Read a picture in the format that QEMU writes."""
    kind, size, depth, pixels = data.split(b"\n", 3)
    assert (kind, depth) == (b"P6", b"255")
    width, height = map(int, size.split())
    return Picture(width, height, pixels)


def read_font(data: bytes) -> Font:
    """Read a console's font as ``setfont -O`` writes it: a large one in the second format, others in the first."""
    if data.startswith(PSF1):
        count, height = 512 if data[2] & 1 else 256, data[3]
        width, size, start = 8, height, 4
        meanings = _entries(struct.unpack(f"<{(len(data) - start - count * size) // 2}H", data[start + count * size :]))
    else:
        kind, _, start, _, count, size, height, width = struct.unpack("<4s7I", data[:32])
        assert kind == PSF2
        table = data[start + count * size :].split(b"\xff")[:count]
        meanings = [frozenset(entry.split(b"\xfe")[0].decode()) for entry in table]
    signs: dict[Shape, frozenset[str]] = {}
    for number, meaning in enumerate(meanings):
        shape = tuple(_bits(data[start + number * size : start + (number + 1) * size], width, height))
        signs[shape] = signs.get(shape, frozenset()) | meaning
    return Font(width, height, signs)


def _entries(codes: Sequence[int]) -> list[frozenset[str]]:
    """Return what each shape means in the first format, where 0xFFFF ends an entry and 0xFFFE begins a sequence."""
    found: list[frozenset[str]] = []
    singles: list[str] = []
    is_sequence = False
    for code in codes:
        if code == 0xFFFF:
            found.append(frozenset(singles))
            singles, is_sequence = [], False
        elif code == 0xFFFE or is_sequence:
            is_sequence = True
        else:
            singles.append(chr(code))
    return found


def _bits(glyph: bytes, width: int, height: int) -> Iterator[bool]:
    stride = (width + 7) // 8
    for row in range(height):
        for column in range(width):
            yield bool(glyph[row * stride + column // 8] >> (7 - column % 8) & 1)


def _read_cell(pixels: bytes, font: Font) -> Cell:
    found = [pixels[start : start + 3] for start in range(0, len(pixels), 3)]
    colours = sorted(set(found))
    if len(colours) == 1:
        # only ground, or only letter: where it is not black, nobody can see which
        blanks = frozenset(" \N{NO-BREAK SPACE}")
        return Cell(blanks if not any(pixels) else blanks | {"█"}, float("inf"))
    if len(colours) > 2:
        return Cell(frozenset(), float("inf"))
    shapes = (tuple(pixel == ink for pixel in found) for ink in colours)
    signs = frozenset[str]().union(*(font.signs.get(shape, frozenset()) for shape in shapes))
    return Cell(signs, _contrast(*colours))


def _contrast(one: Colour, other: Colour) -> float:
    """Return the contrast as WCAG 2 reckons it."""
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (float((part / 255) ** 2.2) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
