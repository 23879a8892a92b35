"""The tour that the pictures show: a first set-up from the address to the invitation, and the screens of later days."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

import pyte
from pyte.screens import Char
from terminal_picture import BACKGROUND, COLOURS, FOREGROUND, Cell, Rows, film, picture

from xmpp_wizard.core.kit.bench import Account
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.xmpp_client import SlixmppBenches

COLUMNS, ROWS = 80, 24
BUILD_SECONDS = 900
_LOCALE = ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LC_CTYPE")


class Window:
    """A terminal window of 80x24 with the program in it; what is drawn is kept with its time."""

    def __init__(self, root: Path, words: Sequence[str], language: str) -> None:
        """Start ``xmpp-wizard`` with these words in it."""
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.began = time.monotonic()
        self.drawn: list[tuple[float, str]] = []
        self._handle, inside = pty.openpty()
        ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        command = ["setsid", "--ctty", sys.executable, "-m", "xmpp_wizard", *words]
        environment = _environment(root, language)
        self.process = subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=environment)
        os.close(inside)

    def read(self, seconds: float) -> None:
        """Draw what comes within these seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self._handle], [], [], left)[0]:
                try:
                    data = os.read(self._handle, 65536)
                except OSError:
                    return
                self.drawn.append((time.monotonic() - self.began, data.decode(errors="replace")))
                self.stream.feed(data)

    def wait_for(self, words: str, seconds: float = 60) -> None:
        """Draw until ``words`` are on the screen, and then until it is quiet.

        Raises:
            TimeoutError: they did not come; the screen is in the text.
        """
        until = time.monotonic() + seconds
        while words not in "\n".join(self.screen.display):
            if time.monotonic() > until or self.process.poll() is not None:
                raise TimeoutError(f"{words!r} did not come:\n" + "\n".join(self.screen.display))
            self.read(0.2)
        self.read(0.6)

    def press(self, keys: str, pause: float = 0.5) -> None:
        """Press keys."""
        os.write(self._handle, keys.encode())
        self.read(pause)

    def type(self, text: str) -> None:
        """Type as a person does."""
        for sign in text:
            self.press(sign, 0.07)

    def rows(self) -> Rows:
        """Return the screen as it is now."""
        return [[_cell(self.screen.buffer[row][column]) for column in range(COLUMNS)] for row in range(ROWS)]

    def close(self) -> None:
        """Close the window, as a person does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGHUP)
        self.read(0.5)
        os.close(self._handle)
        self.process.wait(30)


def _environment(root: Path, language: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _LOCALE and name != "NO_COLOR"}
    own = {"TERM": "xterm-256color", "LANG": language, "SUDO_USER": "alice", "PYTHONPATH": str(root / "src")}
    return {**kept, **own}


def _cell(char: Char) -> Cell:
    colour, ground = _colour(char.fg, FOREGROUND), _colour(char.bg, BACKGROUND)
    if char.reverse:
        colour, ground = ground, colour
    return Cell(char.data or " ", colour, ground, char.bold)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return COLOURS.get(name.removeprefix("bright"), f"#{name}" if len(name) == 6 else default)  # noqa: PLR2004 rrggbb


class Tour:
    """The pictures that were taken so far."""

    def __init__(self, window: Window, folder: Path) -> None:
        """Pictures go to ``folder``."""
        self.window, self.folder = window, folder
        self.frames: list[tuple[Rows, float]] = []

    def shoot(self, name: str = "", seconds: float = 3.0) -> None:
        """Take a picture, and show it in the film for these seconds; one without a name is only in the film."""
        self.frames.append((self.window.rows(), seconds))
        if name:
            self._save(f"{name}.svg", picture(self.window.rows()))

    def film(self) -> None:
        """Save film and recording of the window so far."""
        self._save("tour.svg", film(self.frames))
        head = {"version": 2, "width": COLUMNS, "height": ROWS, "idle_time_limit": 2, "title": "xmpp-wizard"}
        events = [[round(at, 3), "o", data] for at, data in self.window.drawn]
        self._save("tour.cast", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [head, *events]))

    def _save(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")


def tour(root: Path, folder: Path, address: str, domain: str) -> None:
    """Walk through the program, with pictures of each screen in ``folder``."""
    setup = ["setup", "--set", f'network.listen=["{address}"]']
    _german(root, folder, domain, setup)
    window = Window(root, setup, "C.UTF-8")
    try:
        taken = Tour(window, folder)
        _first_setup(taken, domain)
        taken.film()
    finally:
        window.close()
    accounts = _people(root)
    with _logged_in(root, accounts[:2], address, domain):
        window = Window(root, [], "C.UTF-8")
        try:
            _later(Tour(window, folder))
        finally:
            window.close()


def _german(root: Path, folder: Path, domain: str, setup: Sequence[str]) -> None:
    """The first page as a German sees it; nothing is set up by looking."""
    window = Window(root, setup, "de_DE.UTF-8")
    try:
        window.wait_for("Chat-Adresse")
        window.type(f"alice@{domain}")
        window.read(7)
        Tour(window, folder).shoot("address-de")
        window.press("\x1b", 1)
    finally:
        window.close()


def _first_setup(taken: Tour, domain: str) -> None:
    window = taken.window
    window.wait_for("chat address")
    taken.shoot(seconds=1)
    for part in ("alice", f"@{domain}"):
        window.type(part)
        taken.shoot(seconds=0.7)
    window.read(7)
    taken.shoot("address", 3)
    window.press("\r")
    window.wait_for("[ Apply ]")
    window.read(2)
    taken.shoot("plan", 4)
    window.press("\r")
    window.wait_for("• Apply", 60)
    _watch(taken)
    window.read(2)
    taken.shoot("done", 5)


def _watch(taken: Tour) -> None:
    """Take pictures while the work goes on; the last one before its end is the one to keep."""
    window, shots = taken.window, 0
    until = time.monotonic() + BUILD_SECONDS
    while "xmpp-wizard • Apply" in window.screen.display[0]:
        if time.monotonic() > until:
            raise TimeoutError("\n".join(window.screen.display))
        if "FAIL" in "\n".join(window.screen.display[:17]):
            raise RuntimeError("\n".join(window.screen.display))
        if shots < 12:  # noqa: PLR2004 enough to see it move
            taken.shoot("apply", 0.7)
            shots += 1
        window.read(1)


def _people(root: Path) -> list[Account]:
    """Give the server the people whom the table shows."""
    accounts = []
    for name in ("alice", "bob", "carol", "dora"):
        told = json.loads(_command(root, "user", "add", name, "--json"))
        accounts.append(Account(told["address"], Secret(told["password"])))
    return accounts


def _command(root: Path, *words: str) -> bytes:
    command = [sys.executable, "-m", "xmpp_wizard", *words]
    return subprocess.run(command, env=_environment(root, "C.UTF-8"), check=True, capture_output=True).stdout


@contextmanager
def _logged_in(root: Path, accounts: Sequence[Account], address: str, domain: str) -> Iterator[None]:
    """Have real clients logged in for the duration of the block, as people have their phones."""
    roots = _command(root, "ca")
    are_in, is_over = threading.Event(), threading.Event()

    async def stay() -> None:
        alice, bob = accounts
        ways = {"starttls": (address, 5222), "direct-tls": (address, 5223)}
        async with (
            SlixmppBenches().open(domain, (alice, bob), ways, roots) as bench,
            bench.log_in(alice),
            bench.log_in(alice, "direct-tls"),
            bench.log_in(bob),
        ):
            are_in.set()
            await asyncio.to_thread(is_over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(stay()))
    thread.start()
    if not are_in.wait(30):
        is_over.set()
        raise TimeoutError("the clients could not log in")
    try:
        yield
    finally:
        is_over.set()
        thread.join(30)


def _later(taken: Tour) -> None:
    window = taken.window
    # the server counts who is here anew within 15 seconds
    window.wait_for("2 here now", 40)
    taken.shoot("menu")
    _open(window, "Status")
    window.read(6)
    taken.shoot("status")
    window.press("\x1b", 1)
    _open(window, "People and invitations")
    window.read(3)
    taken.shoot("people")
    window.press("\x1b", 1)
    _open(window, "Security")
    window.read(2)
    taken.shoot("form")
    window.press("\x1b", 1)


def _open(window: Window, row: str) -> None:
    """Go to a row of the menu and open it."""
    for _ in range(12):
        if any(line.startswith("»") and row in line for line in (text.strip() for text in window.screen.display)):
            window.press("\r", 1)
            return
        window.press("\x1b[B", 0.3)
    for _ in range(24):
        if any(line.startswith("»") and row in line for line in (text.strip() for text in window.screen.display)):
            window.press("\r", 1)
            return
        window.press("\x1b[A", 0.3)
    raise LookupError("\n".join(window.screen.display))
