"""Proofs by an acme-dns server: a place there for each name, to which a person leads the proof's name once (CNAME)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.acme.source import AcmeSource, asked_names
from xmpp_wizard.core.certificates.certificate import CertificateRequest
from xmpp_wizard.core.dns.account import Access, DnsAccount, Registration
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.reply import SILENCE, Question, Replies
from xmpp_wizard.core.dns.view import View
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.engine.dns.keeper import Keeper
from xmpp_wizard.engine.dns.look import look_at
from xmpp_wizard.engine.dns.publish import wait_until_there
from xmpp_wizard.engine.memory.memo import Memo

CHALLENGE = "_acme-challenge"
_PLACES = Memo(dict[str, dict[str, Registration]])
"""By the address of the server, then by the proof's name."""
_ASK_SECONDS = 5.0


def aliases(
    world: World, layout: Layout, source: AcmeSource | None, requests: Iterable[CertificateRequest]
) -> tuple[Record, ...]:
    """Return the CNAME records that lead the proofs of these certificates to their places, as far as there are some."""
    if source is None or source.dns is None or source.dns.provider != "acme-dns":
        return ()
    known = _load(world, layout).get(source.dns.api_url, {})
    names = (name.removeprefix("*.") for request in requests for name in asked_names(source, request.names))
    proofs = dict.fromkeys(f"{CHALLENGE}.{name}" for name in names)
    return tuple(_alias(proof, known[proof]) for proof in proofs if proof in known)


def put(
    world: World, layout: Layout, account: DnsAccount, values: Mapping[str, Sequence[str]], resolvers: Sequence[str]
) -> Mapping[str, Problem]:
    """Publish the texts of each proof at its place; return why not for those whose name does not lead there yet.

    A name without a place is given one first, which is kept: the CNAME is set once and holds for all renewals.

    Raises:
        DnsProviderError: the server refuses, or does not answer, or does not publish them.
    """
    known = _registered(world, layout, account, values)
    records = [_alias(proof, place) for proof, place in known.items()]
    texts = [Record(known[proof].place, "TXT", value) for proof, these in values.items() for value in these]
    view = look_at(world, [*records, *texts], (), resolvers)
    chains = world.resolver.ask([Question(proof, "TXT") for proof in known], resolvers, _ASK_SECONDS)
    strayed = {record.name: record for record in records if not _leads(record, view, chains)}
    changes = []
    for proof in (proof for proof in values if proof not in strayed):
        place = known[proof]
        change = Change(view.zone(place.place), tuple(Record(place.place, "TXT", value) for value in values[proof]))
        world.dns_providers.apply(_access(layout, account, place), change)
        changes.append(change)
    wait_until_there(world, Keeper(Access(account, Secret("")), view, tuple(resolvers)), changes)
    return {name: Problem("noAlias", f"{name} CNAME {record.value}") for name, record in strayed.items()}


def _leads(record: Record, view: View, chains: Replies) -> bool:
    """Say whether a proof's name leads to its place, at once or over other names."""
    if record.value in view.truth(record.name, "CNAME").values:
        return True
    return record.value.rstrip(".") in chains.get(Question(record.name, "TXT"), SILENCE).chain


def _access(layout: Layout, account: DnsAccount, place: Registration) -> Access:
    named = (("user", place.user), ("subdomain", place.subdomain))
    full = DnsAccount(account.provider, api_url=account.api_url, secret_file=str(_path(layout)), options=named)
    return Access(full, Secret(place.password))


def _alias(proof: str, place: Registration) -> Record:
    return Record(proof, "CNAME", f"{place.place}.", is_required=True)


def _registered(world: World, layout: Layout, account: DnsAccount, proofs: Iterable[str]) -> Mapping[str, Registration]:
    """Return the places; each new one is kept before the next is asked for."""
    everything = _load(world, layout)
    known = everything.setdefault(account.api_url, {})
    for proof in proofs:
        if proof not in known:
            known[proof] = world.dns_providers.register(account)
            world.files.make_folder(str(layout.acme), 0o700, (0, 0))
            _PLACES.save(world, _path(layout), everything)
    return {proof: known[proof] for proof in proofs}


def _load(world: World, layout: Layout) -> dict[str, dict[str, Registration]]:
    # where it is damaged, new places are made, and the check tells of the new CNAME records
    return _PLACES.load(world, _path(layout)) or {}


def _path(layout: Layout) -> PurePosixPath:
    return layout.acme / "acme-dns.json"
