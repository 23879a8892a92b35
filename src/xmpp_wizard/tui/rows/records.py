"""Records as rows of a table and as lines: how each is, how it should be, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.zone_file import YOUR_LINE, rdata
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.states import state_word
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.tui.table import Cells

Words = Callable[[Text], str]


def key(item: Finding) -> str:
    """Return what tells a row from all others."""
    return f"{item.name} {item.kind} {item.key if item.kind in ('NS', 'CNAME') else ''}"


def cells(item: Finding, words: Words) -> Cells:
    """Return state, name, and kind with what is there and what should be."""
    return f"{state_word(item.level, words):<5}", item.name, f" {item.kind:<5} {_value(item, words)}"


def _value(item: Finding, words: Words) -> str:
    have = " + ".join(item.have) or words(say("none"))
    if item.level == "ok":
        return have
    want = " + ".join(item.want)
    if want and want == " + ".join(item.have):
        return words(item.text)
    wanted = (
        say("{have}; wanted: {want}", have=have, want=want)
        if want
        else say("{have}; {text}", have=have, text=item.text)
    )
    return words(wanted)


def details(item: Finding, records: Sequence[Record], words: Words) -> Iterator[str]:
    """Yield everything about a row, with the lines to enter."""
    yield words(item.text)
    if item.advice:
        yield words(item.advice)
    yield ""
    yield words(say("Found: {have}", have=" + ".join(item.have) or say("none")))
    mine = [record for record in records if (record.name, record.kind) == (item.name, item.kind)]
    if mine:
        yield words(
            say("To be entered in the router, or in a DNS server of your own:")
            if is_at_home(item.name)
            else say("To be entered at your DNS provider:")
        )
        yield from (f"  {line}" for line in record_lines(mine, words))


def record_lines(records: Sequence[Record], words: Words) -> tuple[str, ...]:
    """Return the records as a table to copy, those that are needed first."""
    width = max((len(record.name) for record in records), default=0)
    return tuple(
        f"{record.name:<{width}}  {record.kind:<5} {rdata(record) if record.value else f'({words(YOUR_LINE)})'}"
        for record in records
    )
