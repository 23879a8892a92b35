"""Changing DNS and seeing that it is done: on every name server of the zone, whatever the provider says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from xmpp_wizard.core.dns.account import Access, DnsAccount
from xmpp_wizard.core.dns.change import Change, Made
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.reply import SILENCE, Kind, Question, Reply
from xmpp_wizard.core.dns.view import View
from xmpp_wizard.core.dns.zone_file import is_in
from xmpp_wizard.core.errors import DnsProviderError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import say
from xmpp_wizard.engine import state

_ASK_SECONDS = 5.0
_WAIT_SECONDS = 120.0
_PAUSE_SECONDS = 1.0
_MOST_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps the records: the access to change them, and what was seen of the zones."""

    access: Access
    view: View
    resolvers: tuple[str, ...] = ()

    def zone(self, name: str) -> str:
        """Return the zone that ``name`` is changed in; empty where it may not be."""
        only = self.access.account.zone
        if only:
            return only if is_in(name, only) else ""
        return self.view.zone(name)

    def servers(self, zone: str) -> tuple[str, ...]:
        """Return the addresses of all name servers that must have a change; empty: the resolvers are asked."""
        # a zone that was only just made is not seen yet, but usually kept by the servers of the one above it
        seen = self.view.servers(zone) or self.view.servers(self.view.zone(zone))
        known = tuple(server.address for server in seen)
        return tuple(dict.fromkeys((*known, *filter(None, (self.access.account.server,)))))


def access_to(world: World, account: DnsAccount) -> Access:
    """Return the account with its secrets.

    Raises:
        DnsProviderError: a file of a secret is not there, or empty.
        DiskError: it cannot be read.
    """
    secrets = tuple((name, _secret(world, path)) for name, path in account.secret_options)
    return Access(account, _secret(world, account.secret_file) if account.secret_file else Secret(""), secrets)


def _secret(world: World, path: str) -> Secret:
    text = (world.files.read(path, _MOST_BYTES) or b"").decode(errors="replace").strip()
    if not text:
        raise DnsProviderError(
            say("the file {path}, which should hold the key or token for DNS, is empty or not there", path=path),
            say("Put the key or token into it; only root should be able to read it: chmod 600 {path}", path=path),
        )
    return Secret(text)


def publish(
    world: World, layout: Layout, keeper: Keeper, changes: Sequence[Change], *, is_passing: bool = False
) -> None:
    """Make all changes, then wait until every name server has them; if ``is_passing``, until one of them has.

    What is to be made is remembered first, so that a run that is cut off leaves nothing that nobody knows of.

    Raises:
        DnsProviderError: refused, or not published in time; a later run goes on where this one stopped.
    """
    _remember(world, layout, keeper, added=[record for change in changes for record in change.add])
    for change in changes:
        world.dns_providers.apply(_at_server(world, keeper, change.zone), change)
    wait_until_there(world, keeper, changes, is_passing=is_passing)
    _remember(world, layout, keeper, removed=[record for change in changes for record in change.remove])


def _remember(
    world: World, layout: Layout, keeper: Keeper, added: Iterable[Record] = (), removed: Iterable[Record] = ()
) -> None:
    made = dict.fromkeys(state.dns_made(world, layout).records)
    made |= dict.fromkeys(map(_bare, added))
    for record in map(_bare, removed):
        made.pop(record, None)
    state.save_dns_made(world, layout, Made(tuple(made), keeper.access.account, keeper.resolvers))


def _bare(record: Record) -> Record:
    return Record(record.name, record.kind, record.value)


def _at_server(world: World, keeper: Keeper, zone: str) -> Access:
    """Return the access with the address of the zone's first server, where none is chosen."""
    access = keeper.access
    if access.account.provider != "rfc2136" or access.account.server:
        return access
    question = Question(zone, "SOA")
    values = world.resolver.ask([question], keeper.resolvers, _ASK_SECONDS)[question].values
    name = values[0].split()[0].rstrip(".") if values else ""
    kinds: tuple[Kind, ...] = ("A", "AAAA")
    asked = [Question(name, kind) for kind in kinds] if name else []
    replies = world.resolver.ask(asked, keeper.resolvers, _ASK_SECONDS)
    address = next((value for question in asked for value in replies[question].values), "")
    if not address:
        raise DnsProviderError(
            say("the name server that {zone} is changed on is not found", zone=zone),
            say("Set dns.server to its address."),
        )
    return replace(access, account=replace(access.account, server=address))


@dataclass(frozen=True, slots=True)
class _Seen:
    """Which servers do not have everything, each with a name that it lacks, and how many answered."""

    late: Mapping[str, str]
    answered: int


def wait_until_there(world: World, keeper: Keeper, changes: Sequence[Change], *, is_passing: bool = False) -> None:
    """Return once every name server has the changes; if ``is_passing``, once one of them has.

    Raises:
        DnsProviderError: not in time.
    """
    deadline = world.clock.monotonic() + _WAIT_SECONDS
    while True:
        seen = _look(world, keeper, changes)
        if not seen.late or (is_passing and len(seen.late) < seen.answered):
            return
        if world.clock.monotonic() >= deadline:
            raise _not_there(seen)
        world.clock.sleep(_PAUSE_SECONDS)


def _look(world: World, keeper: Keeper, changes: Sequence[Change]) -> _Seen:
    asked: dict[Question, Change] = {}
    for change in changes:
        for server in keeper.servers(change.zone) or ("",):
            for record in (*change.add, *change.remove):
                asked[Question(record.name, record.kind, server)] = change
    replies = world.resolver.ask(tuple(asked), keeper.resolvers, _ASK_SECONDS)
    heard = {question.server for question in asked if replies.get(question, SILENCE).state != "TIMEOUT"}
    late: dict[str, str] = {}
    for question, change in asked.items():
        # who never answers is not waited for while somebody else does
        if (question.server in heard or not heard) and not _has(replies.get(question, SILENCE), question, change):
            late[question.server] = question.name
    return _Seen(late, len(heard))


def _has(reply: Reply, question: Question, change: Change) -> bool:
    coming = {item.value for item in change.add if (item.name, item.kind) == (question.name, question.kind)}
    going = {item.value for item in change.remove if (item.name, item.kind) == (question.name, question.kind)}
    there = set(() if reply.chain and question.kind != "TXT" else reply.values)
    return reply.state in ("OK", "NODATA", "NXDOMAIN") and coming <= there and not going & there


def _not_there(seen: _Seen) -> DnsProviderError:
    name = next(iter(seen.late.values()))
    if len(seen.late) >= seen.answered:
        return DnsProviderError(
            say("the DNS provider took the change, but its name servers do not have it: {name}", name=name),
            say("Is it the right zone, may the key or token change it, and does the domain use this provider?"),
        )
    servers = ", ".join(sorted(seen.late))
    return DnsProviderError(
        say("{name} is not yet on all name servers; it is missing on {servers}", name=name, servers=servers),
        say("They copy from each other, which can take long at some providers. Run it again later."),
    )
