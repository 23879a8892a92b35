"""The running server as somebody watches it: each value with the time at which it was read.

A value that cannot be read keeps its last one and says since when, so that a picture made of them never empties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.surroundings import Disk
from xmpp_wizard.core.text import NOTHING, Text
from xmpp_wizard.engine import status
from xmpp_wizard.engine.applying.picture import picture
from xmpp_wizard.engine.memory import journal
from xmpp_wizard.engine.people import everybody, head_count
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.people.everybody import Crowd
from xmpp_wizard.engine.people.head_count import HeadCount
from xmpp_wizard.engine.proving.proven import Proof, last_proof
from xmpp_wizard.engine.status import Status

T = TypeVar("T")
_LOG_LINES = 1000
_PROOF_SECONDS = 60
_ELSEWHERE_SECONDS = 60
_DATA_SECONDS = 300
"""Adding up what the data take reads every folder of them."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """The last value that could be read, ``at`` when, and why there is no newer one since ``failing_since``."""

    value: T | None = None
    at: float = 0.0
    problem: Text = NOTHING
    hint: Text = NOTHING
    failing_since: float = 0.0

    def again(self, read: Callable[[], T], now: float) -> Reading[T]:
        """Return the reading after another try."""
        try:
            return Reading(read(), now)
        except WizardError as error:
            return replace(self, problem=error.text, hint=error.hint, failing_since=self.failing_since or now)

    def due(self, read: Callable[[], T], now: float, seconds: float | None) -> Reading[T]:
        """Return the reading after another try if it is older than ``seconds`` or failed; None: as it is."""
        is_due = seconds is not None and (self.problem or not 0 <= now - self.at < seconds)
        return self.again(read, now) if is_due else self


Examined = tuple[Status, Mapping[str, tuple[Text, ...]]]


@dataclass(frozen=True, slots=True)
class View:
    """All that is watched."""

    at: float = 0.0
    """When it was looked at last."""
    server: Reading[Examined] = field(default_factory=Reading)
    crowd: Reading[Crowd] = field(default_factory=Reading)
    elsewhere: Reading[Text] = field(default_factory=Reading)
    """How accounts begin, where that is outside this server; read with the crowd."""
    heads: Reading[HeadCount | None] = field(default_factory=Reading)
    """None where the server does not count yet."""
    data_bytes: Reading[int] = field(default_factory=Reading)
    proof: Reading[Proof | None] = field(default_factory=Reading)
    """None where there was none lately."""
    cut_off: Reading[tuple[int, int] | None] = field(default_factory=Reading)
    """The step of how many at which the last change stopped, if it was cut off and it is known."""
    can_start_engine: bool = False
    disk: Reading[Disk] = field(default_factory=Reading)
    draft: Reading[Draft] = field(default_factory=Reading)
    log: Reading[tuple[str, ...]] = field(default_factory=Reading)

    @property
    def status(self) -> Status | None:
        """How the server is, as far as it is known."""
        return self.server.value[0] if self.server.value else None

    @property
    def needs(self) -> tuple[Text, ...]:
        """What needs somebody, one sentence for each thing; what only follows from another one is left out."""
        if self.server.problem:
            return (self.server.problem,)
        first = self.about("chat") or self.about("ports")
        others = (self.about(what) for what in ("certificates", "disk", "changes"))
        return tuple(texts[0] for texts in (first, *others) if texts)

    def about(self, what: str) -> tuple[Text, ...]:
        """Return what is wrong with chat, ports, certificates, disk or changes."""
        return self.server.value[1].get(what, ()) if self.server.value else ()


def look(
    world: World, layout: Layout, before: View, crowd_seconds: float | None = None, *, has_log: bool = False
) -> View:
    """Read everything that is due again; what fails keeps what it was in ``before``.

    Every question to the server leaves two lines in its log, so who is on it is asked only where ``crowd_seconds``
    says how old that may be. The log is as large as all else together, so it is read only where ``has_log``.
    """
    now = world.clock.timestamp()
    view = replace(
        before,
        at=now,
        server=_server(world, layout, before.server, now),
        heads=before.heads.again(lambda: head_count.head_count(world, layout), now),
        data_bytes=before.data_bytes.due(lambda: world.files.used_bytes(str(layout.data(""))), now, _DATA_SECONDS),
        proof=before.proof.due(lambda: last_proof(world, layout), now, _PROOF_SECONDS),
        disk=before.disk.again(lambda: world.surroundings.disk(str(layout.state)), now),
        draft=before.draft.again(lambda: _draft(world, layout), now),
    )
    view = replace(view, cut_off=before.cut_off.again(lambda: _cut_off(world, layout, view), now))
    if view.server.problem:
        # no engine, no containers: asking them would only take time
        silence = view.server
        crowd = replace(before.crowd, problem=silence.problem, failing_since=silence.failing_since)
        return replace(view, crowd=crowd, can_start_engine=world.containers.can_start_engine())
    return replace(
        view,
        can_start_engine=False,
        crowd=before.crowd.due(lambda: everybody.look(world, layout), now, crowd_seconds),
        elsewhere=before.elsewhere.due(
            lambda: People(world, layout).elsewhere, now, None if crowd_seconds is None else _ELSEWHERE_SECONDS
        ),
        log=before.log.again(lambda: _log(world, layout), now) if has_log else before.log,
    )


def _server(world: World, layout: Layout, before: Reading[Examined], now: float) -> Reading[Examined]:
    """Read how the server is; while nothing is known yet and the engine is silent, what can be known without it."""
    found = before.again(lambda: status.examine(world, layout), now)
    if not found.problem or found.at:
        return found
    with suppress(WizardError):
        return replace(found, value=status.examine(world, layout, asks_engine=False))
    return found


def _cut_off(world: World, layout: Layout, view: View) -> tuple[int, int] | None:
    last = journal.latest(world, layout) if view.about("changes") else None
    return picture(journal.events(world, last)).step if last else None


def _draft(world: World, layout: Layout) -> Draft:
    return Draft((world.files.read(str(layout.answers)) or b"").decode(errors="replace"))


def _log(world: World, layout: Layout) -> tuple[str, ...]:
    return tuple(world.containers.logs(layout.container("prosody"), lines=_LOG_LINES, follow=False))
