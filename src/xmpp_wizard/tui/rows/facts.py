"""The rows of the status page, made from what is watched: each with its word, its value, its checks and its remedy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from xmpp_wizard.core.states import CONTAINERS
from xmpp_wizard.core.text import NOTHING, Text, say, say_as
from xmpp_wizard.engine.certificates.live import CertificateStatus
from xmpp_wizard.engine.certificates.renewal import in_words
from xmpp_wizard.engine.status import Status
from xmpp_wizard.engine.watch import View
from xmpp_wizard.tui import when

_GIB = 1024**3
_PORT_WORDS = {True: say_as("column", "ok   "), False: say_as("column", "FAIL ")}
_ALL = say_as("column", "all             ")
"""Words that keep the columns below each other straight: 5 and 16 signs in every language."""
_BAR = 20

Remedy = Literal["", "plan", "start"]
"""What ``r`` does: show a plan that puts it right, or start the container engine."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row; ``problems`` and ``checks`` are its details."""

    id: str
    title: Text
    word: Literal["ok", "!", "FAIL"]
    value: Text
    problems: tuple[Text, ...] = ()
    checks: tuple[Text, ...] = ()
    remedy: Remedy = ""


def facts_of(view: View) -> tuple[Fact, ...]:
    """Return the rows; those that need somebody first, all others in a fixed order."""
    status = view.status
    running = (_chat(view, status), _ports(view, status)) if status and view.server.at else ()
    lasting = (_certificates(view, status), _disk(view), _changes(view, status)) if status else (_disk(view),)
    facts = [fact for fact in (_engine(view), *running, *lasting) if fact is not None]
    return tuple(sorted(facts, key=lambda fact: fact.word == "ok"))


def _engine(view: View) -> Fact | None:
    """Return the row on the engine, which is there only while it does not answer."""
    reading = view.server
    if not reading.problem:
        return None
    said = {"problem": reading.problem, "time": when.clock(reading.failing_since)}
    if view.can_start_engine:
        value = say("{problem} since {time}: r starts it", **said)
        return Fact("engine", say("Engine"), "FAIL", value, (reading.problem,), (reading.hint,), "start")
    value = say("{problem} since {time}. {hint}", **said, hint=reading.hint)
    return Fact("engine", say("Engine"), "FAIL", value, (reading.problem,), (reading.hint,))


def _aged(view: View, value: Text) -> Text:
    """Say how old a value is that can no longer be read."""
    if not view.server.problem or not view.server.at:
        return value
    return say("{value}; as of {time}", value=value, time=when.clock(view.server.at))


def _chat(view: View, status: Status) -> Fact:
    problems, now = view.about("chat"), view.server.at
    checks = tuple(
        say("{name}: {state}, {image}", name=item.name, image=item.image,
            state=say("{state}{since}", state=CONTAINERS[item.state],
                      since=_since(item.started_at, now) if item.state == "running" else NOTHING))
        for item in status.containers
    )  # fmt: skip
    well = say("answers{since}", since=_since(status.containers[0].started_at, now) if status.containers else NOTHING)
    value = problems[0] if problems else say("{well}{proof}", well=well, proof=_proven(view))
    return Fact(
        "chat", say("Chat"), "FAIL" if problems else "ok", _aged(view, value),
        problems, (*checks, *_proof_check(view)), "plan" if problems else "",
    )  # fmt: skip


def _proven(view: View) -> Text:
    proof = view.proof.value
    if proof is None:
        return NOTHING
    return say("; proven {day}: {green} of {all}", day=when.day(proof.at), green=proof.green, all=proof.all)


def _proof_check(view: View) -> tuple[Text, ...]:
    proof = view.proof.value
    if proof is None:
        return ()
    said = {"day": when.day(proof.at), "green": proof.green, "all": proof.all}
    return (say("Proven {day} by real clients: {green} of {all} checks ok", **said),)


def _since(started_at: str, now: float) -> Text:
    """Return for how long it has run; the engine tells more digits of a second than Python reads."""
    whole, _, _ = started_at.partition(".")
    try:
        started = datetime.fromisoformat(f"{whole.rstrip('Z')}+00:00").timestamp()
    except ValueError:
        return NOTHING
    return say(", up {span}", span=when.span(now - started))


def _ports(view: View, status: Status) -> Fact:
    problems = view.about("ports")
    is_open = sum(port.is_open for port in status.ports)
    value = say("{open} of {all} open on this machine", open=is_open, all=len(status.ports))
    checks = tuple(
        say("{word} {port} {protocol}  {address} {purpose}", word=_PORT_WORDS[port.is_open],
            port=f"{port.ports:>6}", protocol=port.protocol, address=f"{port.address:<16}" if port.address else _ALL,
            purpose=Text(port.purpose))
        for port in status.ports
    )  # fmt: skip
    return Fact(
        "ports", say("Ports"), "FAIL" if problems else "ok", _aged(view, value), (), checks, "plan" if problems else ""
    )


def _certificates(view: View, status: Status) -> Fact | None:
    problems = view.about("certificates")
    if not status.certificates and not problems:
        return None
    checks = tuple(
        say("{name}: until {day}, renewed after {renewal}; {names}", name=item.name, day=item.not_after.date(),
            renewal=item.renewal_at.date(), names=", ".join(item.names))
        for item in status.certificates
    )  # fmt: skip
    checks = (*checks, say("Renewal: {how}", how=in_words(status.renewal)))
    value = problems[0] if problems else _certificates_well(view, status)
    return Fact(
        "certificates", say("Certs"), "FAIL" if problems else "ok", _aged(view, value),
        problems, checks, "plan" if problems else "",
    )  # fmt: skip


def _certificates_well(view: View, status: Status) -> Text:
    first, names, days = first_to_end(status, view.at)
    source = say("this machine's own authority") if first.is_local else say("{issuer}", issuer=first.issuer)
    return say("{count} names, {days} days left; {source}", count=names, days=days, source=source)


def first_to_end(status: Status, at: float) -> tuple[CertificateStatus, int, int]:
    """Return the certificate that ends first, how many names all of them have, and the days left for it at ``at``."""
    first = min(status.certificates, key=lambda item: item.not_after)
    return first, sum(len(item.names) for item in status.certificates), first.days_left(at)


def _disk(view: View) -> Fact | None:
    disk = view.disk.value
    if disk is None or not disk.total_bytes:
        return None
    percent = used_percent(disk.free_bytes, disk.total_bytes)
    bar = "#" * round(percent * _BAR / 100)
    value = say(
        "[{bar}] {percent} %   {free} of {all} GB free",
        bar=f"{bar:.<{_BAR}}",
        percent=percent,
        free=f"{disk.free_bytes / _GIB:.1f}",
        all=f"{disk.total_bytes / _GIB:.1f}",
    )
    problems = view.about("disk")
    data = view.data_bytes
    checks = (value, say("People's data take {size}; added up at {time}", size=when.size(data.value or 0),
                         time=when.clock(data.at))) if data.at else (value,)  # fmt: skip
    return Fact("disk", say("Disk"), "!" if problems else "ok", problems[0] if problems else value, problems, checks)


def used_percent(free: int, total: int) -> int:
    """Return how full a disk is."""
    return round((1 - free / total) * 100) if total else 0


def _changes(view: View, status: Status) -> Fact:
    problems = view.about("changes")
    last = status.last_apply
    value = say("{day} by {user}: {cause}", day=when.day(last.at), user=last.user, cause=last.cause)
    word: Literal["!", "ok"] = "!" if problems else "ok"
    shown = problems[0] if problems else value
    return Fact("changes", say("Changes"), word, shown, problems, (value,), "plan" if problems else "")
