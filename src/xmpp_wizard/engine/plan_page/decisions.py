"""The decisions of a first set-up, each with its value and why it is so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xmpp_wizard.core.acme.source import authority_name, rehearsal_of
from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.draft import Key
from xmpp_wizard.core.features import all_features, optional_features
from xmpp_wizard.core.planning.acme import is_last_resort
from xmpp_wizard.core.storage.backends import all_backends
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.core.wanted.security import LEVELS
from xmpp_wizard.engine.asking.session import Session
from xmpp_wizard.engine.plan_page import forecast
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.setup import Prepared

_BEST_KNOWN = ("calls", "file_sharing", "group_chat")
"""Features that people know by name; they stand for all others."""


def decisions(session: Session, prepared: Prepared, answers: Answers, wanted: Desired) -> Iterator[PlanRow]:
    """Yield every decision with its value and why."""
    entry = session.entry
    if entry is not None:
        you = say("{address}, admin; the password comes on your phone", address=entry.address)
        yield PlanRow("you", say("You"), you, say("The address that you typed."), opens="address")
    services = [host.name.partition(".")[0] for host in wanted.hosts if host.name not in answers.domains]
    services += [request.name.partition(".")[0] for request in wanted.certificates[len(answers.domains) :]]
    names = say("{domain}, and below it: {services}", domain=", ".join(answers.domains), services=", ".join(services))
    why_names = say("Services have names of their own, so that other servers find them.")
    yield PlanRow("names", say("Names"), names, why_names, keys=(("extra_domains",), ("title",)))
    yield PlanRow("join", say("Who may join"), *_joining(answers), keys=_JOINING)
    yield _features(answers)
    level = LEVELS[answers.security.level]
    text = say("{level}. {shuts_out}", level=level.title, shuts_out=level.shuts_out)
    why_level = say("Fits nearly all apps of today; Enter shows what the other levels shut out.")
    yield PlanRow("security", say("Security"), text, why_level, keys=(("security",),))
    yield _certificates(answers, prepared)
    yield from _history(answers, wanted)
    yield _storage(answers, wanted, prepared)
    ports = " ".join(wanted.outside_numbers)
    where = ", ".join(answers.network.listen)
    network = say("{ports} on {addresses}", ports=ports, addresses=where) if where else say("{ports}", ports=ports)
    why_ports = say("The ports that apps and servers expect.")
    yield PlanRow("network", say("Network"), network, why_ports, keys=(("network",), ("features", "federation")))


_JOINING = (("features", "invitations"), ("features", "sign_up"))


def _joining(answers: Answers) -> tuple[Text, Text]:
    on = {feature.name for feature in all_features() if answers.features.is_on(feature)}
    if "sign_up" in on:
        return say("anybody, on a page of yours"), say("Guards keep programs and spammers out: see Open sign-up.")
    if "invitations" in on:
        return say("people you invite"), say("An open server is found and misused by strangers within days.")
    return say("people whose accounts you make"), say("Invitations are switched off.")


_PRESETS: Mapping[str, Text] = {
    "minimal": say("Minimal"),
    "family": say("Family"),
    "company": say("Company"),
    "public": say("Public"),
}


def _features(answers: Answers) -> PlanRow:
    optional = optional_features()
    chosen = [feature for feature in optional if answers.features.is_on(feature)]
    best = sorted(chosen, key=lambda feature: (feature.name not in _BEST_KNOWN, feature.name))
    value = say(
        "{preset}, {count} of {all} on: {titles} ...",
        preset=_PRESETS[answers.features.preset],
        count=len(chosen),
        all=len(optional),
        titles=_listed([feature.title for feature in best[:3]]),
    )
    why = say("A preset chooses for you; each feature can be switched on and off.")
    return PlanRow("features", say("Features"), value, why, keys=(("features",),))


def _listed(texts: Sequence[Text]) -> Text:
    first, *rest = texts or (NOTHING,)
    return say("{first}, {rest}", first=first, rest=_listed(rest)) if rest else first


def _certificates(answers: Answers, prepared: Prepared) -> PlanRow:
    if answers.certificates.source == "files":
        value, why = say("your own files"), say("You named them in the answers.")
    elif answers.certificates.source == "acme":
        value, why = _public_certificates(answers, prepared)
    else:
        value = say("from this machine itself; each phone trusts it once")
        why = say("Nobody else is needed for it; your own certificates can be put in its place.")
    return PlanRow("certificates", say("Certificates"), value, why, keys=(("certificates",),))


def _public_certificates(answers: Answers, prepared: Prepared) -> tuple[Text, Text]:
    """Return who gives them and how names are proven, and what Apply says yes to."""
    acme = answers.certificates.acme
    who = authority_name(acme.directory_url)
    is_rehearsed = acme.rehearse and bool(acme.rehearsal_url or rehearsal_of(acme.directory_url))
    values = {"who": who, "rehearsal": say("; every name rehearsed first") if is_rehearsed else NOTHING}
    why = say("Names without DNS get theirs later. Apply accepts {who}'s terms.", who=who)
    if acme.challenge == "dns-01":
        return say("{who} through DNS{rehearsal}", **values), why
    source = prepared.target.certificate_source.acme
    if source is not None and is_last_resort(source, prepared.observed):
        if acme.challenge == "auto":
            why = say("Another program has port 80. Apply accepts {who}'s terms.", who=who)
        return say("{who} through port 443{rehearsal}", **values), why
    return say("{who} through port 80{rehearsal}", **values), why


def _history(answers: Answers, wanted: Desired) -> Iterator[PlanRow]:
    days = forecast.history_days(wanted)
    size = _said(answers, ("features", "file_sharing", "max_file_mb"))
    keep = _said(answers, ("features", "file_sharing", "keep_days"))
    keys: tuple[Key, ...] = (("features", "multi_device"), ("features", "file_sharing"), ("features", "group_chat"))
    known = tuple(key for key in keys if key in questions())
    if not isinstance(size, int):
        return
    if days:
        value = say("{days} days; files up to {size} MB, kept {keep} days", days=days, size=size, keep=keep)
    else:
        value = say("none; files up to {size} MB, kept {keep} days", size=size, keep=keep)
    why = say("New devices get what came before; old things make room by themselves.")
    yield PlanRow("history", say("History"), value, why, keys=known)


def _said(answers: Answers, key: Key) -> object:
    node: object = answers
    for part in key:
        node = getattr(node, part, None)
    return node


def _where(answers: Answers) -> Text:
    match answers.storage.backend:
        case "internal":
            return say("plain files")
        case "external":
            return say("a database at {host}", host=answers.storage.external.host)
        case backend:
            return all_backends()[backend].title


def _storage(answers: Answers, wanted: Desired, prepared: Prepared) -> PlanRow:
    where = answers.storage.place.titled(_where(answers))
    guess = forecast.forecast(answers, wanted, prepared.observed.free_bytes)
    value = say("{where}; {forecast}", where=where, forecast=forecast.in_words(guess))
    mark = "!" if guess.days_until_full else ""
    return PlanRow("storage", say("Storage"), value, forecast.reckoned_with(guess), mark, keys=(("storage",),))
