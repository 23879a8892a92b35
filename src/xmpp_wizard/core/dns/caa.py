"""Who may issue certificates for a name (RFC 8659), with a method and an account (RFC 8657)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from xmpp_wizard.core.dns.reply import DECIDED, SILENCE, Question, Replies, ancestors
from xmpp_wizard.core.text import NOTHING, Text, say

_KNOWN_TAGS = frozenset(("issue", "issuewild", "iodef", "contactemail", "contactphone", "issuemail", "issuevmc"))
_CRITICAL = 128
_RECORD = re.compile(r'^(\d+)\s+(\S+)\s+"?(.*?)"?$')


@dataclass(frozen=True, slots=True)
class Issuer:
    """A certificate authority as CAA records name it, and what of ours a record may be bound to."""

    identities: tuple[str, ...]
    """Such as ``letsencrypt.org``; the first one is written."""
    account: str = ""
    """The URL of the account, if the record is to be bound to it."""
    method: str = ""
    """The challenge in use, such as ``dns-01``."""

    @property
    def record(self) -> str:
        """The value of the record that lets this authority issue."""
        bound = f"; accounturi={self.account}" if self.account else ""
        return f'0 issue "{self.identities[0]}{bound}"'


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the authority may issue; where not, what stands against it and at which name."""

    is_allowed: bool
    where: str = ""
    text: Text = NOTHING
    have: tuple[str, ...] = ()
    is_answered: bool = True
    """Whether it was found out at all; an authority must not issue either where it was not."""


def questions(names: Iterable[str]) -> tuple[Question, ...]:
    """Return all that has to be asked for :func:`decide`."""
    return tuple(dict.fromkeys(Question(parent, "CAA") for name in names for parent in ancestors(name)))


def decide(name: str, issuer: Issuer, replies: Replies) -> Verdict:
    """Climb from ``name`` to the first name that has CAA records, and read them as an authority must."""
    for parent in ancestors(name):
        reply = replies.get(Question(parent, "CAA"), SILENCE)
        if reply.state not in DECIDED:
            text = say("nobody answers for the CAA records of {name}, and then no authority may issue", name=parent)
            return Verdict(is_allowed=False, where=parent, text=text, is_answered=False)
        if reply.values:
            return _read(reply.values, parent, issuer, is_wildcard=name.startswith("*."))
    return Verdict(is_allowed=True)


def _read(values: tuple[str, ...], where: str, issuer: Issuer, *, is_wildcard: bool) -> Verdict:
    tags: dict[str, list[str]] = {}
    for value in values:
        found = _RECORD.match(value)
        flags, tag, text = (int(found[1]), found[2].lower(), found[3]) if found else (_CRITICAL, "?", "")
        if tag not in _KNOWN_TAGS and flags & _CRITICAL:
            said = say(
                "a CAA record at {name} has the unknown rule {tag}, which forbids everybody", name=where, tag=tag
            )
            return Verdict(is_allowed=False, where=where, text=said, have=values)
        tags.setdefault(tag, []).append(text)
    rules = tags.get("issuewild") if is_wildcard and "issuewild" in tags else tags.get("issue")
    if not rules:
        return Verdict(is_allowed=True, where=where, have=values)
    refusals = [_refusal(rule, where, issuer) for rule in rules]
    if not all(refusals):
        return Verdict(is_allowed=True, where=where, have=values)
    return Verdict(is_allowed=False, where=where, text=_nearest(refusals, rules, where, issuer), have=values)


def _refusal(rule: str, where: str, issuer: Issuer) -> Text:
    """Return why ``rule`` does not let the authority issue, or nothing if it does."""
    authority, *parameters = (part.strip() for part in rule.split(";"))
    if authority.lower() not in issuer.identities:
        return say("the CAA records of {name} do not name {authority}", name=where, authority=issuer.identities[0])
    bound = dict(part.split("=", 1) for part in parameters if "=" in part)
    methods = [method.strip() for method in bound.get("validationmethods", "").split(",") if method.strip()]
    if methods and issuer.method and issuer.method not in methods:
        listed = ", ".join(methods)
        return say(
            "the CAA record of {name} allows {authority} only by {methods}",
            name=where,
            authority=authority,
            methods=listed,
        )
    account = bound.get("accounturi", "")
    if account and issuer.account and account != issuer.account:
        return say(
            "the CAA record of {name} allows {authority} only for another account", name=where, authority=authority
        )
    return NOTHING


def _nearest(refusals: list[Text], rules: list[str], where: str, issuer: Issuer) -> Text:
    """Return the refusal that says most: one of a rule for this authority, else who is named instead."""
    for refusal, rule in zip(refusals, rules, strict=True):
        if rule.split(";")[0].strip().lower() in issuer.identities:
            return refusal
    named = sorted({rule.split(";")[0].strip() for rule in rules} - {""})
    if not named:
        return say("a CAA record of {name} forbids all certificates", name=where)
    values = {"name": where, "named": ", ".join(named), "authority": issuer.identities[0]}
    return say("the CAA records of {name} allow {named}, not {authority}", **values)
