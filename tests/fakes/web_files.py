"""Files on web servers of others."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.recorder import Recorder

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say


@dataclass
class FakeWebFiles(Recorder):
    """``there`` are the files by their address; what is not there answers as web servers do."""

    there: dict[str, bytes] = field(default_factory=dict)

    def fetch(self, url: str, most_bytes: int, seconds: float) -> bytes:
        self.hit("fetch", url)
        assert seconds > 0
        if url not in self.there:
            raise EffectError(say("the web server answers with HTTP {status}", status=404), say("Open it."))
        if len(self.there[url]) > most_bytes:
            raise EffectError(say("it is larger than {most} kB", most=most_bytes // 1000), say("Too large."))
        return self.there[url]
