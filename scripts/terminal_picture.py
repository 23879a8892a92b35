"""Screens of a terminal as SVG: letters in any monospace font, but lines and blocks drawn, so that they always join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 9, 19, 15
MARGIN = 12
FOREGROUND, BACKGROUND = "#d8d8d8", "#16181c"
COLOURS = {
    "black": "#16181c", "red": "#ff6b68", "green": "#7fc97f", "brown": "#e5c07b", "blue": "#6cb6ff",
    "magenta": "#c792ea", "cyan": "#7fdbda", "white": "#d8d8d8",
}  # fmt: skip
"""The eight base colours by pyte's names; all can be read on the background."""

_LIGHT = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "rud", "┤": "lud"}
_DOUBLE = {"═": "lr", "║": "ud", "╔": "rd", "╗": "ld", "╚": "ru", "╝": "lu"}
_BLOCKS = {"█": (0.0, 1.0), "▀": (0.0, 0.5), "▄": (0.5, 1.0)}
_SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
DRAWN = frozenset((*_LIGHT, *_DOUBLE, *_BLOCKS, *_SHADES))


@dataclass(frozen=True, slots=True)
class Cell:
    """One sign with its colours, as they are seen: reverse is done already."""

    sign: str
    colour: str
    ground: str
    is_bold: bool


Rows = Sequence[Sequence[Cell]]


def picture(rows: Rows) -> str:
    """Return one screen as an SVG document."""
    return _document(rows, "", _screen(rows))


def film(frames: Sequence[tuple[Rows, float]]) -> str:
    """Return an SVG document that shows the screens one after the other, each for its seconds, again and again."""
    whole = sum(seconds for _, seconds in frames)
    rules = [f".f{{visibility:hidden;animation:{whole:.2f}s step-end infinite}}"]
    parts, start = [], 0.0
    for number, (rows, seconds) in enumerate(frames):
        begin, end = 100 * start / whole, 100 * (start + seconds) / whole
        start += seconds
        hidden = "" if number == 0 else "0%{visibility:hidden}"
        rules.append(
            f"@keyframes k{number}{{{hidden}{begin:.3f}%{{visibility:visible}}{end:.3f}%{{visibility:hidden}}}}"
        )
        rules.append(f"#f{number}{{animation-name:k{number}}}")
        parts.append(f'<g class="f" id="f{number}">{_screen(rows)}</g>')
    # the last one is what is left where nothing moves: on paper, or where motion is not wanted
    rules.append(
        f"#f{len(frames) - 1}{{visibility:visible}}@media(prefers-reduced-motion:reduce){{.f{{animation:none}}}}"
    )
    return _document(frames[0][0], "\n".join(rules), "".join(parts))


def _document(rows: Rows, rules: str, inside: str) -> str:
    width, height = len(rows[0]) * CELL_WIDTH + 2 * MARGIN, len(rows) * CELL_HEIGHT + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        "<style>text{font-family:'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace;"
        f"font-size:{FONT_SIZE}px;white-space:pre}}.b{{font-weight:bold}}\n{rules}</style>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="{BACKGROUND}"/>\n'
        f'<g transform="translate({MARGIN} {MARGIN})">{inside}</g>\n</svg>\n'
    )


def _screen(rows: Rows) -> str:
    return "".join(part for number, row in enumerate(rows) for part in _row(row, number * CELL_HEIGHT))


def _row(row: Sequence[Cell], top: int) -> Iterator[str]:
    left = 0
    for ground, cells in groupby(row, key=lambda cell: cell.ground):
        width = sum(1 for _ in cells) * CELL_WIDTH
        if ground != BACKGROUND:
            yield f'<rect x="{left}" y="{top}" width="{width}" height="{CELL_HEIGHT}" fill="{ground}"/>'
        left += width
    left = 0
    for (colour, is_bold, is_drawn), found in groupby(row, key=_style):
        cells = list(found)
        if is_drawn:
            yield _drawn([cell.sign for cell in cells], left, top, colour)
        else:
            yield from _letters("".join(cell.sign for cell in cells), left, top, colour, is_bold=is_bold)
        left += len(cells) * CELL_WIDTH


def _style(cell: Cell) -> tuple[str, bool, bool]:
    return cell.colour, cell.is_bold, cell.sign in DRAWN


def _letters(text: str, left: int, top: int, colour: str, *, is_bold: bool) -> Iterator[str]:
    """Yield the words, each at its place: fonts differ in width, columns must not."""
    column = 0
    for is_blank, signs in groupby(text, key=lambda sign: sign == " "):
        word = "".join(signs)
        if not is_blank:
            place = f'x="{left + column * CELL_WIDTH}" y="{top + 14}" textLength="{len(word) * CELL_WIDTH}"'
            bold = ' class="b"' if is_bold else ""
            yield f'<text {place} lengthAdjust="spacingAndGlyphs" fill="{colour}"{bold}>{escape(word)}</text>'
        column += len(word)


def _drawn(signs: Sequence[str], left: int, top: int, colour: str) -> str:
    solid, shaded, column = "", "", 0
    for sign, group in groupby(signs):
        count = sum(1 for _ in group)
        x = left + column * CELL_WIDTH
        column += count
        if sign in _BLOCKS:
            above, below = _BLOCKS[sign]
            solid += _box(x, top + above * CELL_HEIGHT, count * CELL_WIDTH, (below - above) * CELL_HEIGHT)
        elif sign in _SHADES:
            box = _box(x, top, count * CELL_WIDTH, CELL_HEIGHT)
            shaded += f'<path fill="{colour}" opacity="{_SHADES[sign]}" d="{box}"/>'
        else:
            solid += "".join(part for at in range(count) for part in _strokes(sign, x + at * CELL_WIDTH, top))
    return (f'<path fill="{colour}" shape-rendering="crispEdges" d="{solid}"/>' if solid else "") + shaded


def _strokes(sign: str, x: float, y: float) -> Iterable[str]:
    """Yield the arms of a box sign from the middle of its cell, one line or two."""
    arms, offsets = (_LIGHT[sign], (0,)) if sign in _LIGHT else (_DOUBLE[sign], (-2, 2))
    middle_x, middle_y, reach = x + CELL_WIDTH // 2, y + CELL_HEIGHT // 2, max(offsets)
    for offset in offsets:
        if "l" in arms:
            yield _box(x, middle_y + offset, CELL_WIDTH // 2 + reach + 1, 1)
        if "r" in arms:
            yield _box(middle_x - reach, middle_y + offset, x + CELL_WIDTH - middle_x + reach, 1)
        if "u" in arms:
            yield _box(middle_x + offset, y, 1, CELL_HEIGHT // 2 + reach + 1)
        if "d" in arms:
            yield _box(middle_x + offset, middle_y - reach, 1, y + CELL_HEIGHT - middle_y + reach)


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:g} {y:g}h{width:g}v{height:g}h{-width:g}z"
