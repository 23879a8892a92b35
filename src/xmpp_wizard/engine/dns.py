"""DNS of a server: asked all at once, judged, told as findings. Nothing is changed by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from xmpp_wizard.core.answers import Answers
from xmpp_wizard.core.desired import Desired, desired
from xmpp_wizard.core.dns import caa
from xmpp_wizard.core.dns.caa import Issuer
from xmpp_wizard.core.dns.checks import Expected, check
from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.dns.record import Own, Record, own_addresses, wanted
from xmpp_wizard.core.dns.reply import Question, Reply
from xmpp_wizard.core.dns.view import View, direct_questions, first_questions, server_questions
from xmpp_wizard.core.names import ascii_name, is_at_home
from xmpp_wizard.core.ports import World

_RECURSIVE_SECONDS = 5.0
"""A resolver that knows nothing yet has to ask its way down from the root."""
_DIRECT_SECONDS = 3.0
"""With servers that answer it takes a fraction of a second; dead ones are not waited for longer."""
_LABEL_BYTES = 9


@dataclass(frozen=True, slots=True)
class DnsReport:
    """What DNS says about a server: ``is_right`` if everybody reaches it."""

    domain: str
    is_right: bool
    findings: tuple[Finding, ...]


def report(world: World, answers: Answers, *, issuer: Issuer | None = None, pins: Sequence[str] = ()) -> DnsReport:
    """Check all records of the server that the answers describe.

    ``issuer`` is who issues its certificates, ``pins`` the sums of the keys that it serves.

    Raises:
        AnswersError: the answers contradict each other.
    """
    server = desired(answers)
    found = expected(world, answers, server, issuer=issuer, pins=pins)
    findings = check(found, look(world, found, answers.network.resolvers))
    return DnsReport(answers.domain, all(item.level != "!" for item in findings), findings)


def records(
    world: World, answers: Answers, *, issuer: Issuer | None = None, pins: Sequence[str] = ()
) -> tuple[Record, ...]:
    """Return the records of the server that the answers describe; nobody is asked.

    Raises:
        AnswersError: the answers contradict each other.
    """
    return expected(world, answers, desired(answers), issuer=issuer, pins=pins).records


def expected(
    world: World, answers: Answers, server: Desired, *, issuer: Issuer | None = None, pins: Sequence[str] = ()
) -> Expected:
    """Return what DNS should say about ``server``."""
    own = own_here(world, answers)
    return Expected(
        records=wanted(server, own, issuer=issuer, pins=pins),
        own=own,
        domains=tuple(ascii_name(domain) for domain in server.domains),
        issuer=issuer,
        certified=tuple(dict.fromkeys(name for request in server.certificates for name in request.names)),
        is_at_home=is_at_home(answers.domain),
    )


def own_here(world: World, answers: Answers) -> Own:
    """Return the addresses that lead to this machine."""
    machine = world.sockets.addresses()
    network = answers.network
    return own_addresses(network.public_addresses, network.listen, machine, is_at_home=is_at_home(answers.domain))


def look(world: World, expected: Expected, resolvers: Sequence[str]) -> View:
    """Ask for everything that :func:`~xmpp_wizard.core.dns.checks.check` wants to know."""
    return look_at(world, expected.records, expected.domains, resolvers, certified=expected.certified)


def look_at(
    world: World,
    records: Sequence[Record],
    domains: Sequence[str],
    resolvers: Sequence[str],
    certified: Sequence[str] = (),
) -> View:
    """Ask for the records, what lies above them and who keeps them, in three rounds."""
    label = "w" + "".join(filter(str.isalnum, world.entropy.token(_LABEL_BYTES))).lower()
    first = [*first_questions(records, domains, label), *caa.questions(certified)]
    replies = world.resolver.ask(tuple(dict.fromkeys(first)), resolvers, _RECURSIVE_SECONDS)
    view = View(replies, {}, label, has_ipv6=_has_ipv6(world))
    names = tuple(dict.fromkeys((*domains, *(record.name for record in records))))
    view = _with(view, _ask(world, server_questions(view, names), resolvers))
    return _with(view, _ask(world, direct_questions(view, records), resolvers))


def _ask(world: World, questions: Sequence[Question], resolvers: Sequence[str]) -> Mapping[Question, Reply]:
    return world.resolver.ask(questions, resolvers, _DIRECT_SECONDS) if questions else {}


def _with(view: View, more: Mapping[Question, Reply]) -> View:
    return replace(view, replies={**view.replies, **more})


def _has_ipv6(world: World) -> bool:
    return any(":" in address and ip_address(address).is_global for address in world.sockets.addresses())
