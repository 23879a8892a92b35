"""All that can be wrong with the records of a server, from what was asked: findings in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from xmpp_wizard.core.dns import caa
from xmpp_wizard.core.dns.caa import Issuer
from xmpp_wizard.core.dns.finding import FAILURES, Finding, Level
from xmpp_wizard.core.dns.judge import Wish, judge
from xmpp_wizard.core.dns.outside import is_cut_off, seen_outside, time_left
from xmpp_wizard.core.dns.record import Own, Record, is_public
from xmpp_wizard.core.dns.reply import DECIDED, Question, Reply
from xmpp_wizard.core.dns.view import ADDRESS_KINDS, Server, View
from xmpp_wizard.core.text import say


def wishes(records: Sequence[Record], *, is_at_home: bool = False) -> tuple[Wish, ...]:
    """Return the records by name and kind; a name with an address has a wish for each kind of address."""
    found: dict[tuple[str, str], Wish] = {}
    for (name, kind), group in groupby(records, key=lambda record: (record.name, record.kind)):
        same = tuple(group)
        before = found[name, kind].values if (name, kind) in found else ()
        values = (*before, *(record.value for record in same))
        required = any(record.is_required for record in same)
        found[name, kind] = Wish(name, kind, values, required, is_at_home)
    for wish in tuple(found.values()):
        for kind in ADDRESS_KINDS if wish.kind in ADDRESS_KINDS else ():
            found.setdefault((wish.name, kind), Wish(wish.name, kind, (), wish.is_required, is_at_home))
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Expected:
    """What DNS should say, and for whom."""

    records: tuple[Record, ...]
    own: Own
    domains: tuple[str, ...]
    """The virtual hosts (A-labels)."""
    issuer: Issuer | None = None
    certified: tuple[str, ...] = ()
    """The names that ``issuer`` shall issue certificates for."""
    is_at_home: bool = False
    """Whether only a network of one's own looks the names up."""


def check(expected: Expected, view: View) -> tuple[Finding, ...]:
    """Return a finding for each name and kind of the records, then what else stands in the way."""
    records, domains = expected.records, expected.domains
    asked = wishes(records, is_at_home=expected.is_at_home)
    found = [_record(wish, view, expected.own, domains) for wish in asked]
    # a missing address of the other kind is no news
    found = [item for item in found if item.want or item.have or item.level != "ok"]
    told = {item.name for item in found if item.level != "ok"}
    found += _forbidden(expected, view, told)
    found += [*_aliases(records, view, domains), *_servers(records, view)]
    return tuple(_once(found, domains))


def _once(findings: Sequence[Finding], domains: Sequence[str]) -> Iterator[Finding]:
    """Leave out what is said already: no answer for both kinds of address, or for one of many names of a domain."""
    said: set[tuple[object, ...]] = set()
    for item in findings:
        mark: tuple[object, ...] = (item.name, item.text) if item.level != "ok" else (item.name, item.kind)
        if item.key in FAILURES:
            below = (domain for domain in domains if item.name == domain or item.name.endswith(f".{domain}"))
            mark = (item.key, next(below, item.name))
        if mark not in said:
            said.add(mark)
            yield item


def _record(wish: Wish, view: View, own: Own, domains: Sequence[str]) -> Finding:
    """Judge what each server says; where they do not agree, say what that means."""
    direct = {
        server: judge(wish, reply, own)
        for server, reply in view.authoritative(wish.name, wish.kind).items()
        if reply.state in DECIDED and not reply.is_alias
    }
    circles = [reply for reply in view.authoritative(wish.name, wish.kind).values() if reply.state == "LOOP"]
    recursive = circles[0] if circles else view.recursive(wish.name, wish.kind)
    seen = judge(wish, recursive, own)
    outside = seen_outside(wish, view, own)
    if recursive.state == "BOGUS" or not direct:
        return outside if outside and seen.level == "ok" else _masked(seen, wish, view, domains)
    good = [finding for finding in direct.values() if finding.level == "ok"]
    bad = {server: finding for server, finding in direct.items() if finding.level != "ok"}
    if bad and good:
        return _lag(wish, bad)
    if bad:
        return _masked(next(iter(bad.values())), wish, view, domains)
    if seen.level != "ok" and not (outside and outside.level == "!"):
        return _behind(wish, recursive, good[0])
    return outside or good[0]


def _lag(wish: Wish, bad: dict[Server, Finding]) -> Finding:
    named = ", ".join(sorted({server.name for server in bad}))
    text = say("some name servers still have something else for {name}: {servers}", name=wish.name, servers=named)
    advice = say("Usually they follow within minutes. If it stays so, ask your DNS provider.")
    one = next(iter(bad.values()))
    return Finding("todo", "lag", wish.name, wish.kind, text, advice, one.have, one.want)


def _behind(wish: Wish, recursive: Reply, truth: Finding) -> Finding:
    """Return what it means that the zone is right and the resolver here says something else."""
    addresses = wish.kind in ADDRESS_KINDS and recursive.values
    if addresses and not any(is_public(value) for value in recursive.values):
        text = say(
            "in your own network {name} leads to {address}, elsewhere it is right",
            name=wish.name,
            address=recursive.values[0],
        )
        advice = say(
            "Your router or own DNS answers for {name} itself. Correct or remove that entry there.", name=wish.name
        )
        return Finding("todo", "split", wish.name, wish.kind, text, advice, recursive.values, truth.want)
    if recursive.state not in DECIDED:
        text = say("{name} is right in DNS, but this machine's resolver does not find it", name=wish.name)
        advice = say("Look at the resolver of this network, or name another one in network.resolvers.")
        return Finding("todo", "resolver", wish.name, wish.kind, text, advice, (), truth.want)
    text = say("{name} is right in DNS, but this network still remembers the old answer", name=wish.name)
    advice = say("Nothing to do: it is forgotten in at most {time}.", time=time_left(recursive.ttl_seconds))
    if not recursive.values and not recursive.ttl_seconds:
        advice = say("Nothing to do: resolvers remember for some minutes, at most a day, that a name was missing.")
    return Finding("todo", "stale", wish.name, wish.kind, text, advice, recursive.values, truth.want)


def _masked(finding: Finding, wish: Wish, view: View, domains: Sequence[str]) -> Finding:
    """Return the finding, or that a wildcard answers in the place of the record."""
    if finding.level == "ok":
        return finding
    kind = wish.kind if wish.kind in ADDRESS_KINDS else "A"
    for domain in domains:
        wildcard = view.recursive(f"{view.label}.{domain}", kind)
        reply = view.recursive(wish.name, wish.kind)
        is_its = bool(reply.chain and reply.chain == wildcard.chain) or (
            wish.kind == kind and bool(reply.values) and reply.values == wildcard.values
        )
        if is_its and wish.name.endswith(f".{domain}"):
            return _from_wildcard(finding.level, wish, domain, reply, wildcard)
    return finding


def _from_wildcard(level: Level, wish: Wish, domain: str, reply: Reply, wildcard: Reply) -> Finding:
    text = say(
        "{name} has no record of its own: *.{domain} answers and leads to {address}",
        name=wish.name,
        domain=domain,
        address=next(iter(wildcard.values), next(iter(wildcard.chain), "")),
    )
    # where none of this kind is wanted, one of the other kind keeps the wildcard away
    kind = wish.kind if wish.values or wish.kind != "AAAA" else "A"
    advice = say("Add {kind} {name} with its own value; it goes before the wildcard.", kind=kind, name=wish.name)
    return Finding(level, "wildcard", wish.name, wish.kind, text, advice, reply.values, wish.values)


def _forbidden(expected: Expected, view: View, told: set[str]) -> Iterator[Finding]:
    """Find names that ``issuer`` may not issue for; ``told`` are those about which something worse is said already."""
    issuer = expected.issuer
    verdicts = [caa.decide(name, issuer, view.replies) for name in expected.certified] if issuer else []
    for verdict in dict.fromkeys(verdict for verdict in verdicts if not verdict.is_allowed):
        right = issuer.record if issuer else ""
        if verdict.is_answered:
            advice = say("At your DNS provider, add CAA {name} with: {value}", name=verdict.where, value=right)
            yield Finding("!", "caa-forbids", verdict.where, "CAA", verdict.text, advice, verdict.have, (right,))
        elif verdict.where not in told:
            advice = say("Old DNS software does not answer for records that it does not know: ask your DNS provider.")
            yield Finding("!", "caa-unknown", verdict.where, "CAA", verdict.text, advice, (), (right,))


def _aliases(records: Sequence[Record], view: View, domains: Sequence[str]) -> Iterator[Finding]:
    """Find CNAMEs where none may be: at the top of a zone, and behind an SRV record (RFC 1034 3.6.2, RFC 2782)."""
    for domain in domains:
        reply = view.recursive(domain, "A")
        direct = view.authoritative(domain, "A").values()
        is_cut = bool(direct) and all(item.state == "LAME" for item in direct)
        if reply.chain and (view.zone(domain) == domain or is_cut):
            text = say(
                "{name} itself is an alias (CNAME) of {target}, which hides all other records of it",
                name=domain,
                target=reply.chain[0],
            )
            advice = say("Replace the CNAME of {name} with A and AAAA records.", name=domain)
            yield Finding("!", "alias-at-top", domain, "CNAME", text, advice, reply.chain)
    targets = dict.fromkeys(record.value.split()[3].rstrip(".") for record in records if record.kind == "SRV")
    for target in targets:
        chain = view.recursive(target, "A").chain
        if chain and target not in domains:
            text = say(
                "the SRV records lead to {name}, which is only an alias (CNAME) of {target}",
                name=target,
                target=chain[0],
            )
            advice = say("Give {name} its own A and AAAA records: some apps and servers do not follow.", name=target)
            yield Finding("!", "service-alias", target, "CNAME", text, advice, chain)


def _servers(records: Sequence[Record], view: View) -> Iterator[Finding]:
    """Find name servers that are dead, or do not know the zone that they are named for."""
    zones = () if is_cut_off(view) else dict.fromkeys(view.zone(record.name) for record in records)
    for zone in (zone for zone in zones if "." in zone):
        states: dict[str, set[str]] = {name: set() for name in view.name_servers(zone)}
        for server in view.servers(zone):
            asked = [reply for question, reply in view.replies.items() if _is_for(question, server, zone, view)]
            # who leads on to a zone below knows this one
            states[server.name] |= {reply.state for reply in asked if not reply.referral.endswith(f".{zone}")}
        for name, seen in states.items():
            yield from _server(zone, name, seen)


def _server(zone: str, name: str, seen: set[str]) -> Iterator[Finding]:
    """Find what is wrong with a name server of ``zone``, by all states of its answers."""
    if not seen:
        return
    if seen <= {"TIMEOUT"}:
        text = say("{server}, a name server of {zone}, does not answer", server=name, zone=zone)
        yield Finding("todo", "dead-server", zone, "NS", text, _SERVER_ADVICE, (name,))
    elif seen <= {"LAME", "REFUSED", "TIMEOUT"}:
        text = say("{server} is named for {zone}, but does not know it", server=name, zone=zone)
        yield Finding("todo", "lame-server", zone, "NS", text, _SERVER_ADVICE, (name,))
    elif not seen & DECIDED and "LOOP" not in seen:
        text = say("{server}, a name server of {zone}, fails", server=name, zone=zone)
        yield Finding("todo", "failing-server", zone, "NS", text, _FAILING_ADVICE, (name,))


_SERVER_ADVICE = say("At your registrar, name only the servers that your DNS provider shows.")
_FAILING_ADVICE = say(
    "Often its copy of the zone has run out, as it no longer gets it from the first: ask who runs it."
)


def _is_for(question: Question, server: Server, zone: str, view: View) -> bool:
    return question.server == server.address and view.zone(question.name) == zone
