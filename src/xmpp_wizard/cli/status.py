"""``xmpp-wizard status``: exit status 0 if all is well, 3 if not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded, mark, waiting
from xmpp_wizard.core.errors import EffectError, HealthError
from xmpp_wizard.core.moments import minute
from xmpp_wizard.core.network.firewall import closed_doors
from xmpp_wizard.core.network.router import refused
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.certificates.renewal import Renewal, in_words
from xmpp_wizard.engine.hairpin import in_words as hairpin_in_words
from xmpp_wizard.engine.memory.router import RouterStatus
from xmpp_wizard.engine.people.head_count import head_count
from xmpp_wizard.engine.records.memory import DnsMemory
from xmpp_wizard.engine.status import Status, status

_EXAMPLES = """
sudo xmpp-wizard status
sudo xmpp-wizard status --json | jq .healthy
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    add_command(subparsers, "status", COMMANDS["status"].summary, run, examples=_EXAMPLES)


def run(arguments: argparse.Namespace) -> int:
    """Print how the server is."""
    context: Context = arguments.context
    with waiting(say("Looking at the server")):
        found = status(context.world, context.layout)
    if context.as_json:
        print_json(found)
    else:
        for line in (*_lines(found, context.world.clock.now()), *_people(context)):
            print(line)
    return 0 if found.healthy else HealthError.exit_status


def _lines(found: Status, now: datetime) -> Iterator[str]:
    state = "well" if found.healthy else f"{len(found.problems)} problem{'s' if len(found.problems) > 1 else ''}"
    yield f"{found.domain}: {state}"
    yield ""
    for problem in found.problems:
        yield _row("!", "", str(problem))
    for note in found.notes:
        yield _row("!", "Secret", note)
    for container in found.containers:
        is_up = container.state == "running" and container.health != "unhealthy"
        words = f"{container.state}{f', {container.health}' if container.health else ''}, {container.image}"
        yield _row("ok" if is_up else "FAIL", "Container", f"{container.name}  {words}")
    for certificate in found.certificates:
        days = certificate.days_left(now.timestamp())
        source = "local" if certificate.is_local else certificate.issuer
        words = f"{certificate.name}  {_counted(len(certificate.names), 'name')}, {days} days left, {source}"
        yield _row("ok" if days >= 0 else "FAIL", "Cert", words)
    for name in found.missing_certificates:
        yield _row("FAIL", "Cert", f"{name}  missing")
    yield _row(_renewal_word(found.renewal), "Renewal", in_words(found.renewal))
    for port in found.ports:
        where = f"{port.address or 'all addresses'} port {port.ports}/{port.protocol}"
        yield _row("ok" if port.is_open else "FAIL", "Port", f"{where}  {port.purpose}")
    for text in closed_doors(found.firewall) if found.firewall else ():
        yield _row("!", "Firewall", text)
    yield from _router_rows(found)
    if found.dns is not None:
        yield _dns_row(found.dns)
    yield _row("", "Domains", ", ".join(found.domains))
    yield _row("", "Addresses", ", ".join(found.addresses))
    last = found.last_apply
    yield _row("", "Last", f"generation {last.number} ({last.state}), {minute(last.at)} by {last.user}: {last.cause}")
    if found.applying_pid is not None:
        yield _row("now", "Apply", f"going on (process {found.applying_pid}): xmpp-wizard apply --attach")


def _router_rows(found: Status) -> Iterator[str]:
    """Return what the router was told, and what a phone in this network finds."""
    if found.router is not None:
        text = say("forwards {doors} to this machine ({language})", **_told(found.router))
        yield from _told_rows(found.router, text, "!")
    if found.pinholes is not None:
        text = say("lets people in over IPv6 at {address} to {doors} ({language})", **_told(found.pinholes))
        # one way in is enough
        yield from _told_rows(found.pinholes, text, "todo" if found.router and found.router.doors else "!")
    if found.inside is not None and found.inside.state:
        text, hint = hairpin_in_words(found.inside)
        word = "ok" if found.inside.state == "leads here" else "!"
        yield _row(word, "At home", say("{text}. {hint}", text=text, hint=hint) if hint else text)


def _told(found: RouterStatus) -> dict[str, str]:
    return {"doors": ", ".join(map(str, found.doors)), "language": found.language, "address": found.address}


def _told_rows(found: RouterStatus, text: Text, word: str) -> Iterator[str]:
    if found.doors:
        yield _row("ok", "Router", text)
    if found.refused:
        why, hint = refused(found.refused)
        yield _row(word, "Router", say("{text}. {hint}", text=why, hint=hint))


def _dns_row(found: DnsMemory) -> str:
    if not found.wrong:
        return _row("ok", "DNS", f"all records are right ({minute(found.at)})")
    more = f" and {len(found.wrong) - 1} more" if found.wrong[1:] else ""
    return _row(
        "todo" if found.is_right else "!", "DNS", f"{found.wrong[0]}{more}: xmpp-wizard dns check ({minute(found.at)})"
    )


def _renewal_word(found: Renewal) -> str:
    return "FAIL" if found.problem else "!" if found.note else "ok"


def _people(context: Context) -> Iterator[str]:
    """Return who is here, as far as the server has written it down lately."""
    with suppress(EffectError):
        heads = head_count(context.world, context.layout)
        if heads is not None and not heads.is_late(context.world.clock.timestamp()):
            devices, servers = _counted(heads.devices, "device"), _counted(heads.servers, "other server")
            yield _row("", "People", f"{heads.people} here now, {devices}; linked to {servers}")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _row(word: str, title: str, text: Any) -> str:  # noqa: ANN401 whatever can be printed
    return f"{mark(word, sys.stdout)} {title:<10}" + folded(text, 16).lstrip()
