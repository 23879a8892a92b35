"""What went wrong with a certificate, in plain words: what happened, what to do, and when it is tried again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xmpp_wizard.core.acme import rules_authority, rules_checks, rules_here, rules_tls
from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.acme.rule import Blame, Retry, Rule
from xmpp_wizard.core.text import Text, say

RULES: tuple[Rule, ...] = (
    *rules_authority.RULES,
    *rules_tls.RULES,
    *rules_checks.RULES,
    *rules_here.RULES,
)
"""Let's Encrypt's own texts, from its source code, are what the patterns fit; the first rule that fits counts."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One problem, explained."""

    key: str
    """Stable, for scripts, tests and logs."""
    name: str
    """The name that it is about; empty where it is about all of them."""
    what: Text
    do: Text
    retry: Retry
    blame: Blame
    """Whose it is: a name's, our request's, the authority's, this machine's or its line's."""
    wait_seconds: float | None = None
    """How long the authority asks us to wait."""


def explain(problem: Problem, name: str = "") -> tuple[Advice, ...]:
    """Return advice for a problem: one for each name that it is about, or one for all of them."""
    if problem.parts:
        return tuple(advice for part in problem.parts for advice in explain(part, part.name or name))
    named = re.search(r'(?:for|of) "([^"]+)"', problem.detail)
    return (_explained(problem, problem.name or name or (named.group(1) if named else "")),)


def explain_once(problem: Problem) -> tuple[Text, Text]:
    """Return what happened and what to do, for what a person asks for and no timer does, such as a revocation."""
    advice = explain(problem)[0]
    if advice.retry in ("now", "backoff", "at"):
        return advice.what, say("It was not done, and nothing does it later by itself: run the command again.")
    return advice.what, advice.do


def _explained(problem: Problem, name: str) -> Advice:
    rule = next((rule for rule in RULES if _fits(rule, problem)), None)
    if rule is None:
        what = say("the certificate authority said: {detail}", detail=problem.detail or problem.type)
        later = say("It is tried again later.")
        return Advice("unknown", name, what, later, "backoff", "request", problem.retry_after_seconds)
    what = Text(rule.what.message, tuple((field, _value(field, problem, name)) for field in _fields(rule.what)))
    do = Text(rule.do.message, tuple((field, _value(field, problem, name)) for field in _fields(rule.do)))
    wait = problem.retry_after_seconds
    # a wait that the authority asks for counts, whatever the rule says
    retry = "at" if wait is not None and rule.retry == "backoff" else rule.retry
    return Advice(rule.key, name, what, do, retry, rule.blame, wait)


def _fits(rule: Rule, problem: Problem) -> bool:
    is_about_it = rule.type == problem.type and rule.method in ("", problem.method)
    return is_about_it and re.search(rule.pattern, problem.detail) is not None


def _fields(text: Text) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"\{(\w+)\}", text.message)))


def _value(field: str, problem: Problem, name: str) -> str:
    if field == "address":
        found = re.search(r"^(?:During secondary validation: )?([0-9a-fA-F:.]+): ", problem.detail)
        return found.group(1) if found else "?"
    return {"name": name or "your domain", "detail": problem.detail}[field]
