"""Asking a real authority as the program does, without a chat server: real disk, port 80, name server and clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from tests.e2e.acme.pebble import Pebble

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.certificates.certificate import CertificateRequest
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import CertificateSource, Target
from xmpp_wizard.effects.clock import SystemClock
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.acme.report import Lack, lacks
from xmpp_wizard.engine.acme.upkeep import obtain
from xmpp_wizard.wiring import world


class ImpatientClock(SystemClock):
    """The machine's clock, for an authority beside it: nobody need wait for it as long as it says."""

    def sleep(self, seconds: float) -> None:
        """Wait a little."""
        super().sleep(min(seconds, 0.03))


class Asking:
    """One machine that asks for one certificate; ``world`` may be given other clocks and such."""

    def __init__(self, root: Path, pebble: Pebble, names: tuple[str, ...], **source: Any) -> None:  # noqa: ANN401 fields of AcmeSource
        """Ask for ``names``, by default over port 80 of the address that all names lead to."""
        self.world: World = replace(world(), clock=ImpatientClock())
        self.layout = Layout(PurePosixPath(root), "case")
        self.source = replace(
            AcmeSource(pebble.url, "", str(pebble.roots), challenge="http-01", addresses=(pebble.host,)),
            **{"resolvers": (pebble.resolver,), **source},
        )
        self.names = names
        Path(self.layout.state).mkdir(parents=True, exist_ok=True)

    @property
    def request(self) -> CertificateRequest:
        """What is wished."""
        return CertificateRequest(self.names[0], self.names)

    def ask(self, *, force: bool = False) -> dict[str, Lack]:
        """Ask once, by ``force`` also for what is not due; return what people are told, by the name it is about."""
        obtain(self.world, self.layout, self.source, (self.request,), lambda _line: None, force=force)
        source = CertificateSource("acme", acme=self.source)
        target = Target((self.names[0],), (), (), (), (), (self.request,), source, (), (), {})
        return {lack.name: lack for lack in lacks(self.world, self.layout, target)}

    def had(self) -> tuple[str, ...]:
        """Return the names in the certificate that there is."""
        pair = store.obtained(self.world, self.layout, self.source, self.request)
        return pair[0].names if pair is not None else ()

    def wait_seconds(self) -> float:
        """Return how long after the last attempt the next one comes."""
        state = store.load_state(self.world, self.layout).certificates[self.names[0]]
        assert state.last_attempt is not None
        assert state.next_attempt is not None
        return (state.next_attempt - state.last_attempt).total_seconds()


def words(lack: Lack) -> str:
    """Return all that a person is told of one thing."""
    return str(lack.sentence)
