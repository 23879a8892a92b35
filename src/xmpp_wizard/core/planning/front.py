"""When the web server in front has to read its files again: after another file of ours, or other certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from xmpp_wizard.core.network.front import PROGRAMS, WEB_PORTS
from xmpp_wizard.core.observed import Loaded, Observed
from xmpp_wizard.core.planning.actions import ReloadFront
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say

_KEY = "front:"
_NOTHING = Loaded("", "", 0)
"""What is remembered of a web server that has read that there is nothing of ours any more."""


def front_key(kind: str) -> str:
    """Return under which name it is remembered what a web server in front has read."""
    return f"{_KEY}{kind}"


def steps(target: Target, observed: Observed, before: tuple[str, ...]) -> Iterator[Step]:
    """Yield a step for each web server that reads our file and has read another one, or none."""
    for kind, load in _to_load(target, observed, will_publish="certificates" in before).items():
        if observed.loaded.get(front_key(kind), _NOTHING) != load:
            yield _step(kind, load, tuple(name for name in before if not name.startswith("container")))


def farewells(target: Target, observed: Observed, before: tuple[str, ...]) -> Iterator[Step]:
    """Yield a step for each web server that has read a file of ours which goes: it has to let go of our ports."""
    frees = tuple((opening.address, opening.port) for opening in target.openings if opening.port in WEB_PORTS)
    yield from (_step(kind, _NOTHING, before, frees) for kind in leaving(target, observed))


def leaving(target: Target, observed: Observed) -> tuple[str, ...]:
    """Return the web servers that have read a file of ours and get none any more."""
    stay = {file.reader for file in target.files}
    known = {name.removeprefix(_KEY): have for name, have in observed.loaded.items() if name.startswith(_KEY)}
    return tuple(kind for kind, have in known.items() if kind not in stay and have != _NOTHING)


def _step(kind: str, load: Loaded, needs: tuple[str, ...], frees: tuple[tuple[str, int], ...] = ()) -> Step:
    title = say("Let {program} read its files again", program=PROGRAMS[kind].title)
    cause = say("what it passes on to this server differs from what it has read")
    return Step(front_key(kind), ReloadFront(kind, load, frees), needs, title, cause)


def rereads(observed: Observed, before: tuple[str, ...], *, will_publish: bool) -> Iterator[Step]:
    """Yield a step for each web server that has read other certificates than there are; nothing else is new for it."""
    wanted = observed.certificate_generation + will_publish
    for key, have in observed.loaded.items():
        if key.startswith(_KEY) and have.certificates not in (_NOTHING.certificates, wanted):
            kind = key.removeprefix(_KEY)
            title = say("Let {program} read its files again", program=PROGRAMS[kind].title)
            action = ReloadFront(kind, replace(have, certificates=wanted))
            yield Step(key, action, before, title, say("new certificates"))


def _to_load(target: Target, observed: Observed, *, will_publish: bool) -> dict[str, Loaded]:
    generation = observed.certificate_generation + will_publish
    return {
        file.reader: Loaded("", sha256(file.text.encode()).hexdigest()[:16], _certificates(file.reader, generation))
        for file in target.files
        if file.reader
    }


def _certificates(kind: str, generation: int) -> int:
    return _NOTHING.certificates if PROGRAMS[kind].has_own_certificates else generation
