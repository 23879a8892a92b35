"""What follows from the first thing that is asked: the address, and whose domain it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from xmpp_wizard.core.dns.free_names import DESEC, provider_title
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking import detect
from xmpp_wizard.engine.asking.detect import Check, Finding
from xmpp_wizard.engine.asking.free_name import FreeName, name_checks, parse_free_entry, with_free_name
from xmpp_wizard.engine.asking.session import Entry, Session, parse_entry

Way: TypeAlias = Literal["own", "home", "free"]
"""A domain of one's own; none, and only this network is reached; or a free name."""
AT_HOME = say("At home only: works in this network, not from outside, with no other servers")
TOKEN_FIRST = say("Make an account at {page}, and a token there; enter it below", page=DESEC.page)


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed; ``token`` and ``provider`` are for a free name."""

    typed: str
    way: Way = "own"
    token: Secret = field(default_factory=lambda: Secret(""))
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What it means: what can be said at once, and what is to be looked at. Without an entry it is no address yet."""

    findings: tuple[Finding, ...]
    session: Session
    entry: Entry | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    lacks_token: bool = False


def meaning(world: World, layout: Layout, session: Session, said: Said) -> Meaning:
    """Return what follows; nobody is asked anything yet."""
    if not said.typed.strip():
        return Meaning((Finding("you", "todo", say("For instance you@example.org")),), session)
    try:
        if said.way == "free":
            return _free(world, layout, session, said)
        entry = parse_entry(said.typed, session.user)
        return _own(world, with_free_name(session, layout, None), entry, is_wanted_at_home=said.way == "home")
    except AnswersError as error:
        return Meaning((Finding("you", "!", error.text), Finding("domain", "todo", error.hint)), session)


def _you(entry: Entry) -> Finding:
    text = say("You are {name}, the admin. All others will be name@{domain}", name=entry.local, domain=entry.domain)
    return Finding("you", "ok", text)


def _own(world: World, session: Session, entry: Entry, *, is_wanted_at_home: bool) -> Meaning:
    found = session.at(entry, is_at_home=is_wanted_at_home)
    if is_wanted_at_home or is_at_home(entry.domain):
        must = say("Your router must lead {domain} here; each phone trusts this server once", domain=entry.domain)
        lines = (_you(entry), Finding("domain", "ok", AT_HOME), Finding("names", "todo", must))
        return Meaning(lines, found, entry)
    wait = say("asking DNS for {domain}", domain=entry.domain)
    names = Finding("names", "wait", say("asking DNS for names of services"))
    # whose answers are wrong in themselves is told by the plan
    checks = {} if found.problem() else detect.domain_checks(world, found.answers())
    return Meaning(
        (_you(entry), Finding("domain", "wait", wait), names) if checks else (_you(entry),), found, entry, checks
    )


def _free(world: World, layout: Layout, session: Session, said: Said) -> Meaning:
    entry = parse_free_entry(said.typed, session.user, said.provider)
    found = with_free_name(session, layout, FreeName(entry, said.token, said.provider))
    if not said.token.reveal():
        return Meaning((_you(entry), Finding("domain", "todo", TOKEN_FIRST)), found, entry, lacks_token=True)
    answers = found.answers()
    wait = say("asking {provider} for {domain}", provider=provider_title(answers.dns), domain=entry.domain)
    checks = name_checks(world, answers, said.token)
    return Meaning((_you(entry), Finding("domain", "wait", wait)), found, entry, checks)


def proposal(way: Way, user: str, host: str) -> str:
    """Return an address for those who have no domain, made of this machine's name."""
    name = parse_entry("example.org", user).local
    return f"{name}@{_label(host)}.{DESEC.domain if way == 'free' else 'lan'}"


def _label(host: str) -> str:
    """Return the machine's name as a part of a domain."""
    signs = (sign for sign in host.partition(".")[0].lower() if (sign.isascii() and sign.isalnum()) or sign == "-")
    return "".join(signs).strip("-")[:40] or "chat"
