"""The plan as decisions, each with its value and why: what the page with the plan and plain mode show.

A first set-up shows every decision; later only what changes is shown, as old -> new, destroying things first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

from xmpp_wizard.core.acme.source import authority_name
from xmpp_wizard.core.answer_fields import questions
from xmpp_wizard.core.answer_template import toml_value
from xmpp_wizard.core.answers import Answers
from xmpp_wizard.core.desired import Desired
from xmpp_wizard.core.draft import Key
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.plan import (
    BuildImage,
    CreateContainer,
    MakeFolder,
    Plan,
    ReplaceContainer,
    StartContainer,
    Step,
    WriteFile,
)
from xmpp_wizard.core.security import LEVELS
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.detect import Finding
from xmpp_wizard.engine.session import Session
from xmpp_wizard.engine.setup import Prepared

Opens = Literal["", "address", "form", "dns", "router", "obstacle", "edits"]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One decision. ``keys`` are the answers behind it; ``opens`` says what Enter leads to."""

    id: str
    title: Text
    value: Text
    why: Text
    mark: str = ""
    keys: tuple[Key, ...] = ()
    opens: Opens = "form"


def rows(session: Session, prepared: Prepared, findings: Mapping[str, Finding]) -> tuple[PlanRow, ...]:
    """Return the rows of the page with the plan."""
    hindrances = tuple(_hindrances(prepared.plan))
    if not session.is_first or session.other is not None:
        return (*hindrances, *_changes(session), *_steps(prepared.plan))
    answers, wanted = session.answers(), prepared.desired
    if wanted is None:
        return hindrances
    return (*hindrances, *_decisions(session, answers, wanted), *_outside(prepared, answers, wanted, findings))


def _hindrances(plan: Plan) -> Iterator[PlanRow]:
    if not plan.steps:
        return
    for number, obstacle in enumerate(plan.obstacles):
        keys: tuple[Key, ...] = (("network",),)
        yield PlanRow(f"obstacle-{number}", say("In the way"), obstacle.text, obstacle.hint, "!", keys, "obstacle")
    if plan.edits:
        paths = ", ".join(edit.path for edit in plan.edits)
        why = say("Enter: keep your changes, or take ours; yours are saved first then.")
        yield PlanRow("edits", say("Hand edits"), say("changed by hand: {paths}", paths=paths), why, "!", (), "edits")


def _decisions(session: Session, answers: Answers, wanted: Desired) -> Iterator[PlanRow]:
    entry = session.entry
    if entry is not None:
        you = say("{address}, admin; you choose the password on your phone", address=entry.address)
        yield PlanRow("you", say("You"), you, say("The address that you typed."), opens="address")
    services = [host.name.partition(".")[0] for host in wanted.hosts if host.name not in answers.domains]
    names = say("{domain}, and below it: {services}", domain=", ".join(answers.domains), services=", ".join(services))
    why_names = say("Services have names of their own, so that other servers find them.")
    yield PlanRow("names", say("Names"), names, why_names, keys=(("extra_domains",), ("title",)))
    yield PlanRow("join", say("Who may join"), *_joining(answers), keys=(("features", "invitations"),))
    yield _features(answers)
    level = LEVELS[answers.security.level]
    text = say("{level}. {shuts_out}", level=level.title, shuts_out=level.shuts_out)
    why_level = say("Fits nearly all apps of today; Enter shows what the other levels shut out.")
    yield PlanRow("security", say("Security"), text, why_level, keys=(("security",),))
    yield _certificates(answers)
    yield from _history(answers)
    why_storage = say("Right up to a few hundred people, with nothing to look after.")
    yield PlanRow("storage", say("Storage"), _storage(answers), why_storage, keys=(("storage",),))
    ports = " ".join(str(port.number) for port in wanted.ports if port.is_public)
    where = ", ".join(answers.network.listen)
    network = say("{ports} on {addresses}", ports=ports, addresses=where) if where else say("{ports}", ports=ports)
    why_ports = say("The ports that apps and servers expect.")
    yield PlanRow("network", say("Network"), network, why_ports, keys=(("network",), ("features", "federation")))


def _joining(answers: Answers) -> tuple[Text, Text]:
    is_on = next((answers.features.is_on(f) for f in all_features() if f.name == "invitations"), False)
    if is_on:
        return say("people you invite"), say("An open server is found and misused by strangers within days.")
    return say("people whose accounts you make"), say("Invitations are switched off.")


def _features(answers: Answers) -> PlanRow:
    optional = [feature for feature in all_features() if issubclass(feature.settings, Switchable)]
    chosen = [feature for feature in optional if answers.features.is_on(feature)]
    titles = ", ".join(str(feature.title).lower() for feature in chosen[:4])
    value = say(
        "{preset}: {titles} and more   {count} of {all} on",
        preset=answers.features.preset.capitalize(),
        titles=titles,
        count=len(chosen),
        all=len(optional),
    )
    why = say("A preset chooses for you; each feature can be switched on and off.")
    return PlanRow("features", say("Features"), value, why, keys=(("features",),))


def _certificates(answers: Answers) -> PlanRow:
    if answers.certificates.source == "files":
        value, why = say("your own certificate files"), say("You named them in the answers.")
    elif answers.certificates.source == "acme":
        who = authority_name(answers.certificates.acme.directory_url)
        value = say("from {who}, renewed by themselves", who=who)
        why = say("All apps trust them. What cannot be had yet is tried again by itself. Apply accepts its terms.")
    else:
        value = say("from an authority on this machine, which each phone trusts once")
        why = say("Nobody else is needed for it; your own certificates can be put in its place.")
    return PlanRow("certificates", say("Certificates"), value, why, keys=(("certificates",),))


def _history(answers: Answers) -> Iterator[PlanRow]:
    days = _said(answers, ("features", "multi_device", "history_days"))
    size = _said(answers, ("features", "file_sharing", "max_file_mb"))
    keep = _said(answers, ("features", "file_sharing", "keep_days"))
    keys: tuple[Key, ...] = (("features", "multi_device"), ("features", "file_sharing"), ("features", "group_chat"))
    known = tuple(key for key in keys if key in questions())
    if isinstance(days, int) and isinstance(size, int):
        value = say("{days} days; files up to {size} MB, kept {keep} days", days=days, size=size, keep=keep)
    elif isinstance(size, int):
        value = say("files up to {size} MB, kept {days} days", size=size, days=keep)
    else:
        return
    why = say("New devices get what came before; old things make room by themselves.")
    yield PlanRow("history", say("History"), value, why, keys=known)


def _said(answers: Answers, key: Key) -> object:
    node: object = answers
    for part in key:
        node = getattr(node, part, None)
    return node


def _storage(answers: Answers) -> Text:
    if answers.storage.backend == "sqlite":
        return say("SQLite: one database file on this machine")
    return say("plain files on this machine")


def _outside(
    prepared: Prepared, answers: Answers, wanted: Desired, findings: Mapping[str, Finding]
) -> Iterator[PlanRow]:
    """Return what somebody has to do elsewhere; none of it stops the set-up."""
    names = [finding for finding in (findings.get("domain"), findings.get("names")) if finding is not None]
    if is_at_home(answers.domain):
        text = say("your router must lead {domain} to this machine", domain=answers.domain)
        yield PlanRow("dns", say("Names at home"), text, say("Enter: what to enter in the router."), "!", opens="dns")
    elif names and names[-1].word == "!" and names[-1].id == "names":
        yield PlanRow("dns", say("DNS"), names[-1].text, names[-1].hint, "!", opens="dns")
    elif any(finding.word != "ok" for finding in names) or not names:
        count = sum(record.is_required for record in wanted.records)
        text = say(
            "{count} records needed to start, {more} more are better", count=count, more=len(wanted.records) - count
        )
        yield PlanRow("dns", say("DNS"), text, say("Enter: the list to copy. It can be done later."), "!", opens="dns")
    else:
        yield PlanRow("dns", say("DNS"), say("right"), say("Enter: all records."), opens="dns")
    line = findings.get("line")
    if line is not None and line.word == "!":
        yield PlanRow("router", say("Router"), line.text, line.hint, "!", opens="router")
        return
    own = [address for address in prepared.observed.addresses if ":" not in address]
    if own and all(ip_address(address).is_private for address in own) and not is_at_home(answers.domain):
        ports = " ".join(str(port.number) for port in wanted.ports if port.is_public)
        text = say("forward {ports} to {address}", ports=ports, address=own[0])
        yield PlanRow("router", say("Router"), text, say("Enter: the table for your router."), "!", opens="router")


def _changes(session: Session) -> Iterator[PlanRow]:
    """Return each answer that changes, as old -> new."""
    before = type(session.draft)(session.draft.text)
    for key, new in session.draft.changes.items():
        old, now = before.value(key), session.draft.value(key) if new is None else new
        value = say("{old} -> {new}", old=_shown(old), new=_shown(now))
        # "Switched on" alone would not say what
        named = questions()[key[:-1] if key[-1] == "enabled" else key]
        title = named.field.title or key[-1]
        why = say("In the answer file: {key}", key=".".join(key))
        yield PlanRow("change-" + "-".join(key), say("{title}", title=title), value, why, keys=(key,))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(say("on") if value else say("off"))
    return str(say("decided by the level or preset")) if value is None else toml_value(value)


def _steps(plan: Plan) -> Iterator[PlanRow]:
    ordered = sorted(plan.steps, key=lambda step: not step.destroys)
    folders = sum(isinstance(step.action, MakeFolder) for step in ordered)
    for number, step in enumerate(step for step in ordered if not isinstance(step.action, MakeFolder)):
        mark = "!" if step.destroys else ""
        yield PlanRow(f"step-{number}", _effect(step), step.title, step.cause, mark, opens="")
    if folders:
        value = say("make or correct {count} folders", count=folders)
        yield PlanRow("folders", say("Folders"), value, NOTHING, opens="")


def _effect(step: Step) -> Text:
    if step.destroys:
        return say("DELETES")
    return say("interrupts") if step.interrupts else say("does")


_NO_HARM = say("Interrupts nothing. Deletes nothing.")


def summary(plan: Plan) -> Text:
    """Return in two sentences what Apply does."""
    builds = sum(isinstance(step.action, BuildImage) for step in plan.steps)
    starts = sum(isinstance(step.action, CreateContainer | ReplaceContainer | StartContainer) for step in plan.steps)
    files = sum(isinstance(step.action, WriteFile) for step in plan.steps)
    interrupts = any(step.interrupts for step in plan.steps)
    if not plan.steps:
        return say("Nothing to do: all is as the answers say.")
    values = {"builds": builds, "starts": starts, "files": files, "deletes": len(plan.destroys)}
    if plan.destroys:
        return say("Apply writes {files} files. {deletes} steps DELETE something or shut people out.", **values)
    if interrupts:
        return say("Apply writes {files} files and interrupts for about half a second. Deletes nothing.", **values)
    return _quiet(builds, starts, files)


def _quiet(builds: int, starts: int, files: int) -> Text:
    """Return the summary of a plan that disturbs nobody."""
    values = {"builds": builds, "starts": starts, "files": files, "harm": _NO_HARM}
    if builds == 1 and starts == 1:
        return say("Apply builds an image (about 4 min), starts a container, writes {files} files. {harm}", **values)
    if builds:
        return say("Apply builds {builds} images (about 4 min each), writes {files} files. {harm}", **values)
    if not starts and not files:
        return _NO_HARM
    if starts == 1:
        return say("Apply starts a container, writes {files} files. {harm}", **values)
    return say("Apply starts {starts} containers, writes {files} files. {harm}", **values)


def dns_lines(wanted: Desired, address: str) -> tuple[str, ...]:
    """Return the records as a zone file has them; ``address`` is what the machine's name leads to."""
    lines = []
    for record in sorted(wanted.records, key=lambda record: (not record.is_required, record.name, record.kind)):
        kind = ("AAAA" if ":" in address else "A") if record.kind == "A/AAAA" else record.kind
        content = record.content.replace("{host}", address if record.kind == "A/AAAA" else wanted.domains[0] + ".")
        name = record.name if record.name.endswith(".") else record.name + "."
        lines.append(f"{name:<36} {kind:<5} {content}")
    return tuple(lines)
