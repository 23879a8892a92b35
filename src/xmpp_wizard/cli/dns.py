"""``xmpp-wizard dns show|check|export|push``: the records of the server, to copy, compare, hand on and enter."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from xmpp_wizard.cli import dns_push
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.sources import add_answer_options, read_answers
from xmpp_wizard.cli.terminal import folded, mark, narrate, waiting
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.dns.host_meta import PLACE, as_json, as_xml
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.zone_file import YOUR_LINE, is_in, rdata, zone_text
from xmpp_wizard.core.errors import DiskError, HealthError, UsageError
from xmpp_wizard.core.names import ascii_name, parse_domain
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text, reason, say
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.engine.records import dns
from xmpp_wizard.engine.records.memory import remember_report

_EXAMPLES = """
sudo xmpp-wizard dns show                       what to enter at your DNS provider
sudo xmpp-wizard dns check                      is it there, and right?
sudo xmpp-wizard dns export > records.zone      for those who can import a zone file
sudo xmpp-wizard dns push                       let the program enter them
sudo xmpp-wizard dns website                    what a website elsewhere needs
xmpp-wizard dns show --answers answers.toml     before anything is set up
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "dns", COMMANDS["dns"].summary, _show, examples=_EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="show|check|export|push|website")
    show = add_command(actions, "show", say("Print the records to enter, needed ones first"), _show, examples=_EXAMPLES)
    check = add_command(actions, "check", say("Compare DNS with what it should say"), _check, examples=_EXAMPLES)
    export = add_command(actions, "export", say("Print the records as a zone file"), _export, examples=_EXAMPLES)
    export.add_argument("--zone", metavar="NAME", default="", help="only what lies in this zone, below its $ORIGIN")
    export.add_argument("--file", metavar="FILE", help="write it there; left out: stdout")
    push = add_command(
        actions, "push", say("Enter the records at your DNS provider"), dns_push.push, examples=_EXAMPLES
    )
    dns_push.add_push_options(push)
    website = add_command(actions, "website", say("Print what a website elsewhere needs"), _website, examples=_EXAMPLES)
    for action in (show, check, export, push, website):
        add_answer_options(action)


def answers_from(arguments: argparse.Namespace) -> tuple[World, Answers]:
    """Return the world and the answers; those of the server here are only for root."""
    context: Context = arguments.context
    world = context.any_world if arguments.answers else context.world
    return world, read_answers(context, world, arguments).answers


def _show(arguments: argparse.Namespace) -> int:
    world, answers = answers_from(arguments)
    records = dns.records(world, arguments.context.layout, answers)
    if arguments.context.as_json:
        print_json({"domain": answers.domain, "records": records})
        return 0
    for line in _table(records):
        print(line)
    return 0


def _table(records: tuple[Record, ...]) -> Iterator[str]:
    width = max((len(record.name) for record in records), default=0)
    parts = (
        (say("Needed: without these people do not find the server"), True),
        (say("Better with: faster, safer, or right for older apps"), False),
    )
    for title, is_required in parts:
        part = [record for record in records if record.is_required == is_required]
        if part:
            yield f"{title}"
            yield from (f"  {record.name:<{width}}  {record.kind:<4}  {_value(record)}" for record in part)


def _value(record: Record) -> str:
    return rdata(record) if record.value else f"({YOUR_LINE})"


def _check(arguments: argparse.Namespace) -> int:
    world, answers = answers_from(arguments)
    with waiting(say("Asking name servers")):
        found = dns.report(world, arguments.context.layout, answers, looks_at_website=True)
    if not arguments.answers and not arguments.sets:
        remember_report(world, arguments.context.layout, found)
    if arguments.context.as_json:
        print_json(found)
    else:
        for line in _lines(found):
            print(line)
    return 0 if found.is_right else HealthError.exit_status


def _lines(found: dns.DnsReport) -> Iterator[str]:
    wrong = [item for item in found.findings if item.level != "ok"]
    for item in (*(item for item in found.findings if item.level == "ok"), *wrong):
        yield from finding_lines(item)
    yield ""
    yield folded(_summary(found, len(wrong)))
    if wrong and found.where:
        yield folded(found.where)
    if found.outside:
        yield folded(found.outside)


def finding_lines(item: Finding) -> Iterator[str]:
    """Return a finding as lines: its state, its name, what was found, what to do."""
    word = mark(item.level, sys.stdout)
    if item.level == "ok":
        yield f"{word} {item.name} {item.kind}: {item.text}"
        return
    yield f"{word} " + folded(item.text, 6).lstrip()
    if item.advice:
        yield folded(item.advice, 8)


def _summary(found: dns.DnsReport, wrong: int) -> Text:
    if found.is_right and not wrong:
        return say("{domain}: all records are right", domain=found.domain)
    if found.is_right:
        return say(
            "{domain}: people reach the server; {count} things could be better", domain=found.domain, count=wrong
        )
    return say("{domain}: not everybody reaches the server yet", domain=found.domain)


def _export(arguments: argparse.Namespace) -> int:
    world, answers = answers_from(arguments)
    records, zone = dns.records(world, arguments.context.layout, answers), _zone(arguments.zone)
    if zone and not any(is_in(record.name, zone) for record in records):
        # an empty zone file, imported, might empty the zone
        raise UsageError(
            say("none of the records lies in {zone}", zone=zone), say("Such as: --zone {zone}", zone=answers.domain)
        )
    text = zone_text(records, zone)
    if arguments.file:
        _write(Path(arguments.file), text)
        narrate(folded(say("Written to {path}.", path=arguments.file)))
    if arguments.context.as_json:
        print_json({"zone": text})
    elif not arguments.file:
        print(text, end="")
    return 0


def _zone(text: str) -> str:
    try:
        return ascii_name(parse_domain(text)) if text else ""
    except ValueError as error:
        raise UsageError(reason(error), say("Such as: --zone example.org")) from error


def _website(arguments: argparse.Namespace) -> int:
    """Print the two files by which web apps find a server whose domain leads to a website on another machine."""
    _, answers = answers_from(arguments)
    url = dns.website_url(answers, desired(answers))
    files = {f"{PLACE}.json": as_json(url), PLACE: as_xml(url)} if url else {}
    if arguments.context.as_json:
        print_json({"files": files})
        return 0
    if not files:
        narrate(folded(say("Nothing is needed: the domain itself leads to this machine, or web apps are off.")))
    for path, text in files.items():
        print(f"# https://{ascii_name(answers.domain)}{path}")
        print(text)
    if files:
        narrate(folded(say("Both need the header Access-Control-Allow-Origin: * on the website.")))
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DiskError(
            say("cannot write {path}: {reason}", path=path, reason=error.strerror or error),
            say("Is the folder there and yours, and is there room on the disk?"),
        ) from error
