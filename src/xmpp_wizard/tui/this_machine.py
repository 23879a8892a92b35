"""What this machine is, as far as a set-up has to know: checks that nothing waits for, each in a line of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import ClassVar

from textual import on, work
from textual.containers import Grid
from textual.message import Message
from textual.widget import Widget

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.asking import detect
from xmpp_wizard.engine.asking.detect import Check, Finding
from xmpp_wizard.tui.finding_line import FindingLine
from xmpp_wizard.tui.widgets import words_of

_WAITING: Mapping[str, Text] = {
    "machine": say("what machine is this?"),
    "ports": say("are the ports free?"),
    "disk": say("how much room is there?"),
    "earlier": say("was there an earlier set-up?"),
    "network": say("is the internet reached?"),
}


class ThisMachine(Grid):
    """Looks once, and shows in its next life what was found in the one before."""

    class Found(Message):
        """A check has ended."""

        bubble: ClassVar[bool] = False

        def __init__(self, finding: Finding) -> None:
            """Carry what was found."""
            super().__init__()
            self.finding = finding

    def __init__(self, checks: Mapping[str, Check], findings: MutableMapping[str, Finding]) -> None:
        """``findings`` are those of earlier; new ones are put there, too."""
        super().__init__(id="machine-grid")
        self._checks, self._findings = checks, findings

    def compose(self) -> Iterable[Widget]:
        """Return a line for each check."""
        for name in _WAITING:
            yield FindingLine(id=f"host-{name}")

    def on_mount(self) -> None:
        """Show what is known, and look for the rest."""
        for name, waiting in _WAITING.items():
            self._show(self._findings.get(name, Finding(name, "wait", waiting)))
        self._look({name: check for name, check in self._checks.items() if name not in self._findings})

    @work(thread=True, group="look")
    def _look(self, checks: Mapping[str, Check]) -> None:
        detect.run(checks, lambda finding: self.post_message(self.Found(finding)))

    @on(Found)
    def _found(self, event: Found) -> None:
        self._findings[event.finding.id] = event.finding
        self._show(event.finding)

    def _show(self, finding: Finding) -> None:
        line = self.query_one(f"#host-{finding.id}", FindingLine)
        line.show(finding.word, words_of(self)(finding.text))
