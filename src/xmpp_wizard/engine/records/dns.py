"""DNS of a server: asked all at once, judged, told as findings. Nothing is changed by it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from xmpp_wizard.core.acme.issuer import issuer_of
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.caa import Issuer
from xmpp_wizard.core.dns.checks import Expected, check
from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.dns.host_meta import PLACE, WebPage, judge_page
from xmpp_wizard.core.dns.keepers import where_to_enter
from xmpp_wizard.core.dns.outside import what_was_not_seen
from xmpp_wizard.core.dns.record import Own, Record, own_addresses, wanted
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import ascii_name, is_at_home
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import NOTHING, Text
from xmpp_wizard.core.wanted.desired import Desired, desired
from xmpp_wizard.core.wanted.sites import sites
from xmpp_wizard.engine.acme.account import account_url
from xmpp_wizard.engine.acme.outside import unproven_ipv6
from xmpp_wizard.engine.dns.look import look_at
from xmpp_wizard.engine.dns.places import aliases
from xmpp_wizard.engine.memory.dns import last_line
from xmpp_wizard.engine.records import pinning

_WEBSITE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DnsReport:
    """What DNS says about a server: ``is_right`` if everybody reaches it."""

    domain: str
    is_right: bool
    findings: tuple[Finding, ...]
    where: Text = NOTHING
    """Where a person enters records, where it is known who keeps them."""
    outside: Text = NOTHING
    """Why it is not known how others see the records, if it is not."""


def report(world: World, layout: Layout, answers: Answers, *, looks_at_website: bool = False) -> DnsReport:
    """Check all records of the server that the answers describe.

    ``looks_at_website``: also whether a website on another machine leads web apps here.

    Raises:
        AnswersError: the answers contradict each other.
    """
    server = desired(answers)
    found = expected(world, layout, answers, server)
    network, outside = answers.network.resolvers, answers.dns.public_resolvers
    view = look_at(world, found.records, found.domains, network, found.certified, outside)
    findings = check(found, view)
    if answers.dns.pins and not view.is_signed(server.host):
        findings = (*findings, pinning.unprotected(server))
    if looks_at_website:
        findings = (*findings, *_website(world, answers, server))
    where = where_to_enter(view.name_servers(view.zone(ascii_name(answers.domain))))
    unseen = what_was_not_seen(view, found.domains)
    return DnsReport(answers.domain, all(item.level != "!" for item in findings), findings, where, unseen)


def website_url(answers: Answers, server: Desired) -> str:
    """Return the ``https://name/`` that the domain's website has to lead web apps to; empty where it need not."""
    site = sites(answers)[0]
    has_web = any(step.name == "host_meta" for step in server.proofs)
    return site.web_url if site.is_elsewhere and has_web else ""


def _website(world: World, answers: Answers, server: Desired) -> tuple[Finding, ...]:
    url, domain = website_url(answers, server), ascii_name(answers.domain)
    if not url:
        return ()
    page: WebPage | None = None
    with suppress(EffectError):
        page = world.web_pages.get(f"https://{domain}{PLACE}.json", _WEBSITE_SECONDS)
    return (judge_page(domain, url, page),)


def records(world: World, layout: Layout, answers: Answers) -> tuple[Record, ...]:
    """Return the records of the server that the answers describe.

    Raises:
        AnswersError: the answers contradict each other.
    """
    return expected(world, layout, answers, desired(answers)).records


def expected(world: World, layout: Layout, answers: Answers, server: Desired) -> Expected:
    """Return what DNS should say about ``server``."""
    own = own_here(world, layout, answers)
    issuer = issuer_of(server.certificate_source.acme)
    pins = pinning.pins_to_publish(world, layout, answers, server)
    records = wanted(server, own, caa=_caa(world, layout, answers, server, issuer), pins=pins)
    return Expected(
        records=(*aliases(world, layout, server.certificate_source.acme, server.certificates), *records),
        own=own,
        domains=tuple(ascii_name(domain) for domain in server.domains),
        issuer=issuer,
        certified=tuple(dict.fromkeys(name for request in server.certificates for name in request.names)),
        is_at_home=is_at_home(answers.domain),
    )


def _caa(world: World, layout: Layout, answers: Answers, server: Desired, issuer: Issuer | None) -> str:
    """Return the value of the CAA record, if there is to be one."""
    source = server.certificate_source.acme
    if issuer is None or source is None or answers.dns.caa == "off":
        return ""
    account = account_url(world, layout, source) if answers.dns.caa == "account" else ""
    return replace(issuer, account=account).record


def own_here(world: World, layout: Layout, answers: Answers) -> Own:
    """Return the addresses that lead to this machine."""
    network, machine = answers.network, world.sockets.addresses()
    chosen, unproven = network.public_addresses, unproven_ipv6(world, layout)
    if answers.dns.follows_address and not chosen:
        chosen = tuple(address for address in last_line(world, layout).addresses if address not in unproven)
    at_home = is_at_home(answers.domain)
    return own_addresses(chosen, network.listen, machine, is_at_home=at_home, unproven=unproven)
