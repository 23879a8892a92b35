"""Changing DNS and seeing that it is done: on every name server of the zone, whatever the provider says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xmpp_wizard.core.dns.account import Access, DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.reply import DECIDED, SILENCE, STATES, Kind, Question, Reply
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError, NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.secret_files import NamedSecret
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.dns.keeper import Keeper
from xmpp_wizard.engine.dns.made import adopt, bare, forget, remember
from xmpp_wizard.engine.secret_files import read_secret

_ASK_SECONDS = 5.0
_WAIT_SECONDS = 120.0
_PAUSE_SECONDS = 1.0


def access_to(world: World, account: DnsAccount) -> Access:
    """Return the account with its secrets.

    Raises:
        DnsProviderError: a file of a secret is not there, or empty, or holds what cannot be a token.
        DiskError: it cannot be read.
    """
    more = ((name, NamedSecret(path, "dns.secret_options")) for name, path in account.secret_options)
    secrets = tuple((name, Secret(_text(world, secret))) for name, secret in more)
    return Access(account, _secret(world, account) if account.secret_file else Secret(""), secrets)


def _secret(world: World, account: DnsAccount) -> Secret:
    """Return the key, whose file may have many lines, or the token, which is alone on the first."""
    if account.provider == "rfc2136":
        return Secret(_text(world, NamedSecret(account.secret_file, "dns.key_file")))
    secret = NamedSecret(account.secret_file, "dns.token_file")
    token = _text(world, secret).splitlines()[0].rstrip()
    # it becomes part of a request, whose lines nothing in it may end
    if not token.isascii() or not token.isprintable() or " " in token:
        raise DnsProviderError(
            say("{file} holds no token", file=str(secret)),
            say("Copy the token once more from your DNS provider's page: alone, on the first line of the file."),
        )
    return Secret(token)


def _text(world: World, secret: NamedSecret) -> str:
    how = say("Put the key or token into it; only root should be able to read it: chmod 600 {path}", path=secret.path)
    try:
        content = read_secret(world, secret)
    except NeedsPersonError as error:
        raise DnsProviderError(error.text, how) from error
    if content is None:
        raise DnsProviderError(
            say("{file}, which should hold the key or token for DNS, is not there", file=str(secret)), how
        )
    return content.decode("utf-8-sig").strip()


def publish(
    world: World, layout: Layout, keeper: Keeper, changes: Sequence[Change], *, is_passing: bool = False
) -> None:
    """Make all changes, then wait until every name server has them; if ``is_passing``, until one of them has.

    What is to be made is remembered first, so that a run that is cut off leaves nothing that nobody knows of.

    What was refused, and what was not even sent then, is not ours: somebody else may enter it.

    Raises:
        DnsProviderError: refused, or not published in time; a later run goes on where this one stopped.
    """
    fresh = remember(world, layout, keeper, [record for change in changes for record in change.add])
    for number, change in enumerate(changes):
        try:
            world.dns_providers.apply(_at_server(world, keeper, change.zone), change)
        except DnsProviderError as error:
            unmade = changes[number if isinstance(error, DnsRefusedError) else number + 1 :]
            forget(world, layout, fresh & {bare(record) for change in unmade for record in change.add})
            raise
    wait_until_there(world, keeper, changes, is_passing=is_passing)
    forget(world, layout, [record for change in changes for record in change.remove])
    adopt(world, layout, keeper, {change.zone for change in changes})


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
    """Which servers do not have everything, each with a name that it lacks, and how many know their zone."""

    late: Mapping[str, str]
    answered: int


def wait_until_there(
    world: World, keeper: Keeper, changes: Sequence[Change], *, is_passing: bool = False, is_strict: bool = False
) -> None:
    """Return once every name server has the changes; if ``is_passing``, once one of them has.

    Servers that do not know the zone just now are only waited for if ``is_strict``.

    Raises:
        DnsProviderError: not in time.
    """
    deadline = world.clock.monotonic() + _WAIT_SECONDS
    while True:
        seen = _look(world, keeper, changes, is_strict=is_strict)
        if not seen.late or (is_passing and len(seen.late) < seen.answered):
            return
        if world.clock.monotonic() >= deadline:
            raise _not_there(seen)
        world.clock.sleep(_PAUSE_SECONDS)


def _look(world: World, keeper: Keeper, changes: Sequence[Change], *, is_strict: bool) -> _Seen:
    asked: dict[Question, Change] = {}
    for change in changes:
        for server in keeper.servers(change.zone) or ("",):
            for record in (*change.add, *change.remove):
                asked[Question(record.name, record.kind, server)] = change
    replies = world.resolver.ask(tuple(asked), keeper.resolvers, _ASK_SECONDS)
    silent = {"TIMEOUT"} if is_strict else STATES - DECIDED
    heard = {question.server for question in asked if replies.get(question, SILENCE).state not in silent}
    late: dict[str, str] = {}
    for question, change in asked.items():
        # who never answers, or does not know the zone, is not waited for while somebody else does
        if (question.server in heard or not heard) and not _has(replies.get(question, SILENCE), question, change):
            late[question.server] = question.name
    return _Seen(late, len(heard))


def _has(reply: Reply, question: Question, change: Change) -> bool:
    coming = {item.value for item in change.add if (item.name, item.kind) == (question.name, question.kind)}
    going = {item.value for item in change.remove if (item.name, item.kind) == (question.name, question.kind)}
    there = set(() if reply.chain and question.kind != "TXT" else reply.values)
    return reply.state in DECIDED and coming <= there and not going & there


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
