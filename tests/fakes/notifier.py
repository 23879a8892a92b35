"""Ways to a person that end in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes.recorder import Recorder

from xmpp_wizard.core.notify import Letter, MailServer
from xmpp_wizard.core.secret import Secret


@dataclass
class FakeNotifier(Recorder):
    """``letters`` are those that were taken, with their way."""

    letters: list[tuple[str, Letter]] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)

    def mail(
        self, server: MailServer, password: Secret | None, to: Sequence[str], letter: Letter, timeout_seconds: float
    ) -> None:
        assert timeout_seconds > 0
        self.hit("mail", f"{server.host}:{server.port} {' '.join(to)}")
        self.passwords += [password.reveal()] if password else []
        self.letters.append(("mail", letter))

    def post(self, url: str, letter: Letter, timeout_seconds: float) -> None:
        assert timeout_seconds > 0
        self.hit("post", url)
        self.letters.append(("webhook", letter))
