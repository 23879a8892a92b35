"""A name of somebody else's domain for those who have none: said, looked at before anything is changed, and had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.account import Access
from xmpp_wizard.core.dns.free_names import DESEC, claimed_zone, free_names_of, provider_title
from xmpp_wizard.core.dns.reply import Question
from xmpp_wizard.core.draft import Draft, Key
from xmpp_wizard.core.errors import AnswersError, DnsRefusedError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.asking.detect import Check, Finding, Word, domain_checks
from xmpp_wizard.engine.asking.session import Entry, Session, parse_entry
from xmpp_wizard.engine.dns.publish import access_to

_PROVIDER, _TOKEN_FILE, _ZONE = ("dns", "provider"), ("dns", "token_file"), ("dns", "zone")
_ENTERS, _FOLLOWS, _ADDRESS = ("dns", "enters_records"), ("dns", "follows_address"), ("dns", "address_url")
_API, _CHALLENGE = ("dns", "api_url"), ("certificates", "acme", "challenge")
_ALL = (_PROVIDER, _TOKEN_FILE, _ZONE, _ENTERS, _FOLLOWS, _ADDRESS, _CHALLENGE)
_ASK_SECONDS = 2.0
_BY_ITSELF = say("All records are entered by themselves, now and when your address changes")


@dataclass(frozen=True, slots=True)
class FreeName:
    """What was typed. ``provider`` is only needed for names that are not deSEC's."""

    entry: Entry
    token: Secret
    provider: str = ""


def parse_free_entry(typed: str, user: str, provider: str = "") -> Entry:
    """Return the address that was meant; a single word becomes a name of deSEC's.

    Raises:
        AnswersError: it is none, or nobody is known to give such a name away.
    """
    local, at, domain = typed.strip().rpartition("@")
    if domain and "." not in domain:
        domain = f"{domain}.{DESEC.domain}"
    entry = parse_entry(f"{local}{at}{domain}", user)
    given = free_names_of(entry.domain)
    values = {"domain": entry.domain, "given": DESEC.domain, "title": DESEC.title}
    if given is None and not provider:
        raise AnswersError(
            say("{domain} does not end in .{given}, which {title} gives away.", **values),
            say("Other providers: enter who keeps the name, as dns-lexicon calls it, such as dynu."),
        )
    if given is not None and ascii_name(entry.domain).count(".") != given.domain.count(".") + 1:
        raise AnswersError(say("A free name is one word before .{given}, such as chat.{given}", **values))
    return entry


def with_free_name(session: Session, layout: Layout, free_name: FreeName | None) -> Session:
    """Return the session for a server with this name, or again for one with a domain of its own.

    What was said before of how the provider is reached stays.
    """
    draft = session.draft
    plain = {key: value for key, value in draft.changes.items() if key not in _ALL}
    draft = replace(draft, changes=plain) if session.typed else draft
    if free_name is None:
        return replace(session, draft=draft, typed=())
    session = replace(session, draft=draft).at(free_name.entry)
    draft = session.draft
    for key, value in _said(free_name, layout, draft):
        draft = draft.with_change(key, value)
    return replace(session, draft=draft, typed=((str(layout.dns_token), free_name.token),))


def _said(free_name: FreeName, layout: Layout, draft: Draft) -> Iterator[tuple[Key, object]]:
    given = free_names_of(free_name.entry.domain)
    yield _PROVIDER, given.provider if given else free_name.provider
    yield _TOKEN_FILE, str(layout.dns_token)
    yield _ZONE, free_name.entry.domain
    yield _ENTERS, True
    yield _FOLLOWS, True
    if given is None:
        return
    # its names need no open port then, nor any address
    yield _CHALLENGE, "dns-01"
    if draft.said(_ADDRESS) is None and draft.said(_API) is None:
        yield _ADDRESS, given.address_url


def token_of(session: Session) -> Secret:
    """Return the token that was typed; empty where none was."""
    return session.typed[0][1] if session.typed else Secret("")


def name_checks(world: World, answers: Answers, token: Secret) -> Mapping[str, Check]:
    """Return the checks that follow from the domain, be it free or one's own."""
    if not answers.dns.enters_records:
        return domain_checks(world, answers)
    return {"domain": lambda: look(world, answers, token)}


def look(world: World, answers: Answers, token: Secret) -> Finding:
    """Say whether the name can be had with this token, which is used at once; nothing is changed by it.

    Raises:
        DnsProviderError: the token is refused, or nobody answers.
    """
    account, zone = answers.dns.account, ascii_name(answers.dns.zone or answers.domain)
    if account is None:
        return Finding("domain", "todo", NOTHING)
    access = Access(account, token) if token.reveal() else access_to(world, account)
    values = {"name": answers.domain, "provider": provider_title(answers.dns)}
    if _is_there(world, access, zone, is_typed=bool(token.reveal())):
        return Finding(
            "domain", "ok", say("The token is right, and {name} is yours at {provider}", **values), _BY_ITSELF
        )
    if not claimed_zone(answers.dns):
        text = say("{name} is not in your account at {provider}", **values)
        return Finding("domain", "!", text, say("Make it on the provider's web page first."))
    return Finding("domain", *_chance(world, answers, zone, values))


def _is_there(world: World, access: Access, zone: str, *, is_typed: bool) -> bool:
    try:
        return world.dns_providers.has(access, zone)
    except DnsRefusedError as error:
        if not is_typed:
            raise
        # there is no file yet that the usual hint could speak of
        hint = say(
            "Make a new token on the provider's page, with the right to change {name}; enter it here.", name=zone
        )
        raise type(error)(error.text, hint) from error


def _chance(world: World, answers: Answers, zone: str, values: dict[str, str]) -> tuple[Word, Text, Text]:
    """Return whether somebody has the name, which only the name servers tell before one asks for it in earnest."""
    is_taken = _is_taken(world, zone, answers.network.resolvers)
    if is_taken:
        return "!", say("{name} belongs to somebody else: choose another name", **values), NOTHING
    if is_taken is None:
        return "todo", say("The token is right; whether {name} is free shows when you apply", **values), NOTHING
    return "ok", say("The token is right, and {name} is free: Apply makes it yours", **values), _BY_ITSELF


def _is_taken(world: World, zone: str, resolvers: tuple[str, ...]) -> bool | None:
    """Ask the servers of the zone above, and no resolver: it would remember for long that the name is missing."""
    above = zone.partition(".")[2]
    servers = world.resolver.ask([Question(above, "NS")], resolvers, _ASK_SECONDS)[Question(above, "NS")].values
    asked = [Question(name.rstrip("."), "A") for name in servers]
    replies = world.resolver.ask(asked, resolvers, _ASK_SECONDS) if asked else {}
    direct = [Question(zone, "SOA", address) for reply in replies.values() for address in reply.values]
    states = {reply.state for reply in world.resolver.ask(direct, (), _ASK_SECONDS).values()} if direct else set()
    known = states - {"TIMEOUT", "REFUSED", "SERVFAIL"}
    return "NXDOMAIN" not in known if known else None
