"""What a person at the machine sees on its first console, and types there."""

from __future__ import annotations

import base64
import struct
import time

from tests.e2e.vm.machine import Machine
from tests.e2e.vm.picture import Font, read_font

READABLE = 2.5
"""The least contrast between letter and ground; blue on black has 1.6, dark red on black 2.7."""
_LOOK_SECONDS = 0.5
_REST_SECONDS = 60.0


class Console:
    """tty1, read off the monitor."""

    def __init__(self, machine: Machine) -> None:
        """Read with the font that it has now."""
        self._machine = machine
        self._font = _font_of(machine)

    def load_font(self, name: str) -> None:
        """Give it another font of Debian's; another size makes other rows and columns."""
        self._machine.expect(f"setfont -C /dev/tty1 {name}")
        self._font = _font_of(self._machine)

    def text(self) -> str:
        """Return what can be read on the monitor."""
        return self._machine.picture().text(self._font)

    def expect(self, words: str, seconds: float = 120) -> None:
        """Wait until ``words`` can be read."""
        self.expect_one_of(words, seconds=seconds)

    def expect_one_of(self, *words: str, seconds: float) -> str:
        """Wait until one of these can be read, and return it."""
        deadline = time.monotonic() + seconds
        while True:
            text = self.text()
            if found := next((one for one in words if one in text), ""):
                return found
            assert time.monotonic() < deadline, f"not within {seconds} s: {words}\n{text}"
            time.sleep(_LOOK_SECONDS)

    def type(self, text: str) -> None:
        """Type on the keyboard."""
        self._machine.type(text)

    def press(self, *keys: str) -> None:
        """Press one key after the other, by QEMU's names."""
        for key in keys:
            self._machine.press(key)

    def check(self, name: str) -> str:
        """Look at the page once it rests: each letter is what the program wrote, and readable; return its text.

        A sign that the font lacks is drawn as a diamond, or not at all. The picture is kept as ``name``.
        """
        deadline = time.monotonic() + _REST_SECONDS
        while faults := self._faults():
            assert time.monotonic() < deadline, f"{name}: {faults[:20]}\n{self.text()}"
        return self._machine.picture(name).text(self._font)

    def code(self) -> str:
        """Return what the QR code on the monitor says; empty if there is none."""
        return self._machine.picture().code()

    def _faults(self) -> list[str]:
        """Compare what the kernel holds with the picture; where the cursor is, it draws over the letter."""
        raw = base64.b64decode(self._machine.expect("head -c 4 /dev/vcsa1 | cat - /dev/vcsu1 | base64 -w 0"))
        rows, columns, left, top = raw[:4]
        written = struct.unpack(f"<{rows * columns}I", raw[4:])
        seen = self._machine.picture().cells(self._font)
        assert (len(seen), len(seen[0])) == (rows, columns)
        found = []
        for place, code in enumerate(written):
            row, column = divmod(place, columns)
            cell, sign = seen[row][column], chr(code or 32)
            if (column, row) == (left, top):
                continue
            if sign not in cell.signs:
                found.append(f"{sign!r} in row {row}, column {column} is drawn as {sorted(cell.signs)}")
            elif cell.contrast < READABLE:
                found.append(f"{sign!r} in row {row}, column {column} has a contrast of {cell.contrast:.1f} only")
        return found


def _font_of(machine: Machine) -> Font:
    font = machine.expect("setfont -C /dev/tty1 -O /run/font.psf && base64 -w 0 /run/font.psf")
    return read_font(base64.b64decode(font))
