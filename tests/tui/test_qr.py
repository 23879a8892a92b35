"""The QR code is read back from what a terminal shows, dot by dot."""

from __future__ import annotations

import pytest

from xmpp_wizard.tui.qr import MARGIN, dots, drawn, full_cells, half_blocks

LINK = "https://example.org/invite?k3VtQm8sZx1RfYc2LwPdHb7N"


def read_halves(lines: list[str]) -> list[list[bool]]:
    rows: list[list[bool]] = []
    for line in lines:
        rows += [[sign in "▄ " for sign in line], [sign in "▀ " for sign in line]]
    return rows


def test_half_blocks_are_the_code() -> None:
    rows = [list(row) for row in dots(LINK)]
    assert read_halves(half_blocks(rows))[: len(rows)] == rows


def test_full_cells_are_the_code() -> None:
    rows = [list(row) for row in dots(LINK)]
    assert [[cell == " " for cell in line[::2]] for line in full_cells(rows)] == rows


def test_an_invitation_takes_33_columns_and_17_rows() -> None:
    code = drawn(LINK, has_half_blocks=True, columns=80, rows=18)
    assert code is not None
    lines = code.plain.splitlines()
    assert (len(lines[0]), len(lines)) == (33, 17)


@pytest.mark.parametrize(("columns", "rows", "lines"), [(80, 18, 0), (120, 36, 33)])
def test_a_console_gets_full_cells_if_there_is_room(columns: int, rows: int, lines: int) -> None:
    code = drawn(LINK, has_half_blocks=False, columns=columns, rows=rows)
    assert len(code.plain.splitlines() if code else ()) == lines


def test_the_margin_is_light() -> None:
    rows = dots(LINK)
    assert not any(any(row) for row in rows[:MARGIN])
    assert not any(any(row[:MARGIN]) for row in rows)
