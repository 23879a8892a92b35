"""Which names have no public certificate yet, why, and when they are tried again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from xmpp_wizard.core.acme.source import authority_name
from xmpp_wizard.core.certificates.renewal import missing_names
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.acme import store


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that keeps names from a public certificate."""

    certificate: str
    name: str
    """The name that it is about; empty where it is about all that are lacking."""
    key: str
    """Stable, for scripts."""
    what: Text
    do: Text
    next_attempt: datetime | None
    """None: not before a person has done something."""
    needs_person: bool
    attempts: int = 0
    """How many there were in a row that came to nothing."""
    also: tuple[str, ...] = ()
    """Other names that the very same keeps from one (:func:`together`)."""

    @property
    def sentence(self) -> Text:
        """All of it, for a list of problems."""
        if self.also:
            others = ", ".join(self.also)
            return say("{what}. {do} The same goes for: {names}", what=self.what, do=self.do, names=others)
        return say("{what}. {do}", what=self.what, do=self.do)


def together(found: Iterable[Lack]) -> tuple[Lack, ...]:
    """Return one for all names that lack the same: a domain without records would be told of once for each service."""
    alike: dict[tuple[str, ...], list[Lack]] = {}
    for lack in found:
        what, do = (str(text).replace(lack.name or "\0", "\0") for text in (lack.what, lack.do))
        alike.setdefault((lack.key, what, do), []).append(lack)
    return tuple(replace(first, also=tuple(lack.name for lack in others)) for first, *others in alike.values())


def lacks(world: World, layout: Layout, target: Target) -> tuple[Lack, ...]:
    """Return what is in the way; nothing where all names have what was wished for."""
    source = target.certificate_source.acme
    if source is None:
        return ()
    state = store.load_state(world, layout)
    found = []
    for request in target.certificates:
        known = state.certificates.get(request.name)
        if known is None or known.directory_url != source.directory_url:
            continue
        found += [
            Lack(
                request.name,
                trouble.name,
                trouble.key,
                trouble.what,
                trouble.do,
                known.next_attempt,
                trouble.retry in {"user", "never"},
                known.failures,
            )
            for trouble in known.troubles
        ]
        # a record that was lost, or a run that was cut off, leaves names without a reason
        if not known.troubles and known.failures == 0 and known.last_attempt is None:
            pair = store.obtained(world, layout, source, request)
            lacking = missing_names(pair[0], request.names) if pair else request.names
            if lacking:
                found.append(_unasked(request.name, lacking))
    return tuple(found)


def public_authority(target: Target) -> str:
    """Return how the public authority is called; empty where none was chosen."""
    source = target.certificate_source.acme
    return authority_name(source.directory_url) if source is not None else ""


def _unasked(certificate: str, names: tuple[str, ...]) -> Lack:
    what = say("{names} have no public certificate yet", names=", ".join(names))
    return Lack(certificate, "", "not-asked", what, NOTHING, None, needs_person=False)
