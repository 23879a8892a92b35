"""The line to the terminal: signals, a pulled plug, the shell's job control, resizes and rubbish that comes in."""

from __future__ import annotations

import os
import random
import signal
import termios

import pytest
from tests.tui.consoles import Terminal, terminal

CONSOLE = {"TERM": "linux", "LANG": "C.UTF-8"}
FIRST_WORDS = {"first": "Your chat address", "apply": "Write files", "tour": "Chat"}
JOB = ("bash", "--norc", "-ic", '"$@"; echo it rests; stty -a; fg; echo it ended "$?"', "-")
RUBBISH = (
    b"\x00\x01\x02\xff\xfe\xc3(\xf0\x9f",
    b"\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[999;999H",
    b"\x1bP+q544e\x1b\\\x1b_G\x1b\\\x9b5n\x1b[?6c\x1b[1;1R",
    "🎉👨‍👩‍👧 שלום \u202eend\u202c e\u0301\u0301\u0301".encode(),
    b"\x1b[M   \x1b[<0;1;1M\x1b[200~\x1b[201~\x1b[I\x1b[O",
    # last: no other one would have room beside it
    b"x" * 10_000,
)


def is_given_back(found: Terminal) -> bool:
    """Say whether a shell could go on here: echo, whole lines, Ctrl-C; the cursor shown, the other screen left."""
    flags = termios.tcgetattr(found.line)[3]
    wanted = termios.ECHO | termios.ICANON | termios.ISIG
    last = [found.raw.rfind(code) for code in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l")]
    first = [found.raw.rfind(code) for code in (b"\x1b[?1049h", b"\x1b[?25l", b"\x1b[?2004h")]
    return flags & wanted == wanted and all(at > before for at, before in zip(last, first, strict=True))


def ended(found: Terminal, seconds: float = 60) -> int:
    """Return the exit status, with all that was drawn read."""
    found.wait(lambda: found.process.poll() is not None, seconds)
    while found.read(0.2):
        pass
    return found.process.wait()


@pytest.mark.parametrize(
    ("scene", "number"),
    [
        ("first", signal.SIGTERM),
        ("apply", signal.SIGHUP),
        ("tour", signal.SIGINT),
        *(
            pytest.param(scene, number, marks=pytest.mark.long)
            for scene, number in (
                ("first", signal.SIGHUP),
                ("first", signal.SIGINT),
                ("apply", signal.SIGTERM),
                ("apply", signal.SIGINT),
                ("tour", signal.SIGTERM),
                ("tour", signal.SIGHUP),
            )
        ),
    ],
)
def test_a_signal_gives_the_terminal_back(scene: str, number: signal.Signals) -> None:
    with terminal(CONSOLE, scene) as found:
        found.wait(found.shows("xmpp-wizard •"))
        found.rest()
        found.process.send_signal(number)
        assert ended(found) == 128 + number
        assert is_given_back(found)
        assert b"Traceback" not in found.raw


@pytest.mark.parametrize("scene", FIRST_WORDS)
def test_a_closed_window_leaves_no_process_behind(scene: str) -> None:
    with terminal(CONSOLE, scene) as found:
        found.wait(found.shows("xmpp-wizard •"))
        found.rest()
        found.close()
        assert found.process.wait(60) != 0


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_picture_back() -> None:
    with terminal(CONSOLE, "first", (80, 24), *JOB) as found:
        found.wait(found.shows("Your chat address"))
        found.type("alice@a.example")
        found.wait(found.shows("You are alice"))
        found.screen.reset()
        found.type("\x1a")
        found.wait(found.shows("it rests"))
        found.wait(found.shows("You are alice"))
        assert b" echo " in found.raw
        assert b" icanon " in found.raw
        found.type("\x1b")
        found.wait(found.shows("it ended 0"))
        assert ended(found) == 0


def test_ctrl_z_says_so_where_nobody_could_bring_it_back() -> None:
    with terminal(CONSOLE) as found:
        found.wait(found.shows("Your chat address"))
        found.rest()
        found.type("\x1a")
        found.wait(found.shows("no shell waits for this program"))


def test_ctrl_c_in_the_middle_of_an_apply_asks_first() -> None:
    with terminal(CONSOLE, "apply") as found:
        found.wait(found.shows("Write files"))
        found.type("\x03")
        found.wait(found.shows("The work goes on by itself. What is to happen?"))
        found.type("\x1b[B")
        found.wait(found.shows("» [ Leave it running"))
        found.type("\r")
        assert ended(found) == 0
        assert is_given_back(found)


@pytest.mark.parametrize("scene", FIRST_WORDS)
def test_any_size_at_any_moment(scene: str) -> None:
    chance = random.Random(scene)  # noqa: S311 no secret
    with terminal(CONSOLE, scene) as found:
        found.wait(found.shows("xmpp-wizard •"))
        for _ in range(25):
            found.resize(chance.choice([1, 5, 20, 39, 40, 60, 80, 200]), chance.choice([1, 3, 5, 9, 10, 24, 60]))
            found.type(chance.choice(["a", "\t", "\x1b[B", "\x1b[A", "\x1b[6~", "\x0c"]))
            found.read(0.05)
        found.resize(20, 5)
        found.wait(found.shows("Make this window"))
        found.resize(80, 24)
        found.wait(found.shows("xmpp-wizard •"))
        found.wait(lambda: "Make this window" not in "".join(found.screen.display))
        assert found.process.poll() is None


def test_nothing_can_be_pressed_where_nothing_is_seen() -> None:
    with terminal(CONSOLE) as found:
        found.wait(found.shows("Your chat address"))
        found.type("alice@a.example")
        found.wait(found.shows("You are alice"))
        found.resize(20, 5)
        found.wait(found.shows("Make this window"))
        found.type("\rzzz")
        while found.read(1.0):
            pass
        found.resize(80, 24)
        found.wait(found.shows("█ alice@a.example "))
        found.resize(20, 5)
        found.wait(found.shows("Make this window"))
        found.type("\x03")
        assert ended(found) == 0


@pytest.mark.parametrize("is_pasted", [True, False])
def test_rubbish_breaks_nothing_and_reaches_no_screen(*, is_pasted: bool) -> None:
    with terminal(CONSOLE) as found:
        found.wait(found.shows("Your chat address"))
        found.rest()
        for rubbish in RUBBISH:
            drawn = throw(found, rubbish, is_pasted=is_pasted)
            for wrong in (b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b[2J", b"\xc2\x9b", b"\x00", "\u202e".encode()):
                assert wrong not in drawn, (rubbish, wrong)
            found.screen.reset()
            found.type("\x0c")
            found.wait(found.shows("xmpp-wizard • First set-up"))
            assert found.screen.display[0].startswith(" xmpp-wizard • First set-up"), rubbish
        found.type("\x03")
        assert ended(found) == 0
        assert is_given_back(found)


def throw(found: Terminal, rubbish: bytes, *, is_pasted: bool) -> bytes:
    """Send ``rubbish`` as keys or as one paste, and return what was drawn for it."""
    before = len(found.raw)
    data = b"\x1b[200~" + rubbish.replace(b"\x1b[201~", b"") + b"\x1b[201~" if is_pasted else rubbish
    for start in range(0, len(data), 1000):
        os.write(found.line, data[start : start + 1000])
        found.read(0.05)
    found.type("\x0c")
    found.rest(0.3)
    return found.raw[before:]


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize(("key", "status"), [("\x03", 130), ("\x04", 5)])
def test_a_conversation_may_be_left_at_any_question(key: str, status: int, *, is_late: bool) -> None:
    with terminal(CONSOLE, "plain") as found:
        found.wait(found.shows("Your chat address"))
        if is_late:
            found.type("alice@a.example\r")
            found.wait(found.shows("Enter applies this plan"))
        found.type(key)
        assert ended(found) == status
        assert b"\x1b" not in found.raw


def test_a_conversation_draws_nothing_up_to_its_end() -> None:
    with terminal({"TERM": "xterm"}, "plain") as found:
        for words, answer in (("Your chat address", "alice@a.example\r"), ("Enter applies this plan", "\r")):
            found.wait(found.shows(words))
            found.type(answer)
        ended(found)
        assert b"done" in found.raw
        assert b"\x1b" not in found.raw
        assert b"\r" not in found.raw.replace(b"\r\n", b"")


def test_ctrl_c_beside_plain_text_brings_the_picture_back() -> None:
    with terminal(CONSOLE) as found:
        found.wait(found.shows("Your chat address"))
        found.rest()
        found.type("\x1bOP")
        found.wait(found.shows("xmpp-wizard • Help"))
        found.type("c")
        found.wait(found.shows("Enter goes back."))
        found.screen.reset()
        found.type("\x03")
        found.wait(found.shows("xmpp-wizard • Help"))
        assert found.process.poll() is None


def test_ctrl_c_gets_out_of_a_paste_whose_end_was_lost() -> None:
    with terminal(CONSOLE) as found:
        found.wait(found.shows("Your chat address"))
        found.rest()
        found.type("\x1b[200~alice")
        found.read(0.5)
        found.type("\x03")
        assert ended(found) == 0
