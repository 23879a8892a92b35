"""Prosody's log, taken apart."""

from __future__ import annotations

from xmpp_wizard.core.log_lines import chosen, parse

LINES = [
    "2026-01-01T12:00:00 admin55e28d98d3b0                         info\tAdmin client disconnected: closed",
    "2026-01-01T12:00:01 usermanager                               info\tUser account enabled: bob@a.example",
    "2026-01-01T12:00:02 s2sout55e28db67900                        warn\tchat.example: certificate ended",
    "Loading the entrypoint",
]


def test_a_line_has_time_source_level_and_text() -> None:
    line = parse(LINES[2])
    assert (line.time, line.source, line.level) == ("12:00:02", "s2sout", "warn")
    assert str(line) == "12:00:02  s2sout: chat.example: certificate ended"


def test_the_filters_let_more_and_more_through() -> None:
    assert [line.source for line in chosen(LINES, "warnings")] == ["s2sout"]
    assert [line.source for line in chosen(LINES, "people")] == ["usermanager", "s2sout"]
    assert len(chosen(LINES, "all")) == len(LINES)


def test_a_restart_is_no_warning_but_is_told() -> None:
    restart = "2026-01-01T12:00:03 mod_posix warn\tReceived SIGTERM"
    assert chosen([restart], "warnings") == []
    assert [line.text for line in chosen([restart], "people")] == ["Received SIGTERM"]
    assert chosen([restart.replace("Received", "No SIGTERM: received")], "warnings"), "only these very words"


def test_a_line_cannot_command_the_terminal() -> None:
    assert "\x1b" not in str(parse("2026-01-01T12:00:00 x info \x1b[2Jgone"))
