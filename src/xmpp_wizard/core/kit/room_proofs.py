"""Proof steps in rooms (XEP-0045): open one as apps do, come in, talk, and leave nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias
from xml.etree.ElementTree import Element

from xmpp_wizard.core.errors import RefusedError
from xmpp_wizard.core.kit.bench import Account, Bench, Session
from xmpp_wizard.core.kit.feature import ProofStep, Site
from xmpp_wizard.core.kit.proofs import DISCO_ITEMS, LOGS, failed, features_of, form, has_feature
from xmpp_wizard.core.kit.stanzas import CLIENT, bare, element, error_words, is_message, is_presence, message, presence
from xmpp_wizard.core.names import prosody_name
from xmpp_wizard.core.text import Text, say

MUC = "http://jabber.org/protocol/muc"
ARCHIVE = "urn:xmpp:mam:2"
STABLE_ID = "urn:xmpp:sid:0"
PUBSUB = "http://jabber.org/protocol/pubsub"
BOOKMARKS = "urn:xmpp:bookmarks:1"


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a proof, seen by the one who has opened it."""

    address: str
    owner: Session

    async def configure(self, settings: Mapping[str, str]) -> None:
        """Change what ``settings`` name below ``muc#roomconfig_``; all else stays as it is for new rooms."""
        named = {f"muc#roomconfig_{name}": value for name, value in settings.items()}
        await self._own(form(f"{MUC}#roomconfig", named))

    async def make(self, account: Account, affiliation: str) -> None:
        """Make somebody a ``member`` or ``admin`` of the room, or an ``outcast``."""
        item = element(f"{{{MUC}#admin}}item", {"jid": account.jid, "affiliation": affiliation})
        await self.owner.request("set", element(f"{{{MUC}#admin}}query", {}, item), self.address)

    async def destroy(self) -> None:
        """End it; nothing is kept of rooms that were not to stay."""
        await self._own(element(f"{{{MUC}#owner}}destroy"))

    async def _own(self, wish: Element) -> None:
        await self.owner.request("set", element(f"{{{MUC}#owner}}query", {}, wish), self.address)


@asynccontextmanager
async def a_room(bench: Bench, host: str) -> AsyncIterator[Room]:
    """Open a room as alice, with what the service ``host`` has for new rooms; at the end it is gone, with all in it."""
    async with bench.log_in(bench.alice) as alice:
        service = await listed(alice, bench.domain, host)
        # one for each log-in: several steps have rooms at the same time
        room = Room(f"{bare(alice.jid).partition('@')[0]}-{alice.jid.rpartition('/')[2].lower()}@{service}", alice)
        await join(alice, room.address)
        # not to be kept: should the proof be killed, the room ends with it
        await room.configure({"persistentroom": "0"})
        try:
            yield room
        finally:
            await room.destroy()


async def join(session: Session, room: str) -> None:
    """Enter a room.

    Raises:
        RefusedError: the room, or its service, does not let them in; with its words.
    """
    seat = f"{room}/{nickname(session)}"

    def is_answer(stanza: Element) -> bool:
        return is_presence(seat)(stanza) or is_presence(room, "error")(stanza)

    await session.send(presence(seat, "", element(f"{{{MUC}}}x")))
    answer = await session.wait_for(is_answer, say("own presence in the room"))
    if answer.get("type") == "error":
        raise RefusedError(say("the room lets nobody in: {reason}", reason=error_words(answer)), LOGS)


async def speak(session: Session, room: str, words: str) -> str:
    """Say something in a room; return the number that its archive gives it (XEP-0359), empty if it is not kept."""
    await session.send(message(room, words, "groupchat"))
    heard = await session.wait_for(is_message(words, room), say("what was said in the room"))
    return next((item.get("id", "") for item in heard.iter(f"{{{STABLE_ID}}}stanza-id") if item.get("by") == room), "")


async def archive(session: Session, room: str) -> list[Element]:
    """Return all messages that the room's archive has (XEP-0313), oldest first."""
    before = len(session.received())
    await session.request("set", element(f"{{{ARCHIVE}}}query"), room)
    # results come before the end of the query that was waited for
    found = (stanza.find(f"{{{ARCHIVE}}}result//{{{CLIENT}}}message") for stanza in session.received()[before:])
    return [kept for kept in found if kept is not None]


def first_rooms_proof(step: str, what: Text, names: Sequence[str], host: ServiceOf) -> ProofStep:
    """Return the step that finds rooms that are always there: in a new account's list, and on the service."""

    async def run(bench: Bench) -> Text:
        addresses = [f"{name}@{prosody_name(host(bench.domain))}" for name in names]
        async with bench.log_in(bench.bob) as newcomer:
            await check_bookmarks(newcomer, addresses)
            # only looked at: people in it are not to meet the accounts of a proof
            for address in addresses:
                await features_of(newcomer, address)
        return say("{count} rooms are there, and in a new account's list", count=len(addresses))

    return ProofStep(step, what, run)


async def check_bookmarks(newcomer: Session, addresses: Sequence[str]) -> None:
    """See that somebody's bookmarks (XEP-0402) have these rooms.

    Raises:
        ProofFailedError: one is missing.
    """
    wish = element(f"{{{PUBSUB}}}items", {"node": BOOKMARKS})
    found = await newcomer.request("get", element(f"{{{PUBSUB}}}pubsub", {}, wish))
    marked = {item.get("id") for item in found.iter(f"{{{PUBSUB}}}item")}
    for address in addresses:
        if address not in marked:
            raise failed(say("{room} is not among the rooms of a new account", room=address))


def creation_proof(step: str, host: ServiceOf) -> ProofStep:
    """Return the step that tries to open a room where only admins may, as the accounts of a proof never are."""

    async def run(bench: Bench) -> Text:
        async with bench.log_in(bench.alice) as alice:
            service = await listed(alice, bench.domain, host(bench.domain))
            try:
                await join(alice, f"{bare(alice.jid).partition('@')[0]}@{service}")
            except RefusedError:
                return say("refused to somebody who is no admin")
        raise failed(say("somebody who is no admin could open a room"))

    return ProofStep(step, say("Only admins open rooms"), run)


def nickname(session: Session) -> str:
    """Return what somebody is called in rooms of a proof; services allow short names only."""
    return f"proof-{bare(session.jid).partition('@')[0][-6:]}"


ServiceOf: TypeAlias = Callable[[str], str]
"""Says under which name a service is found on a domain."""


def service_of(label: str, chosen: str | None, site: Site) -> ServiceOf:
    """Return what knows the service's name on every domain of the server, as each is proven by the same steps."""
    return lambda domain: replace(site, domain=domain).service_host(label, chosen)


async def listed(session: Session, domain: str, host: str) -> str:
    """Return the address of the service ``host``, once the domain lists it as one for rooms, so that apps find it."""
    address = prosody_name(host)
    items = await session.request("get", element(f"{{{DISCO_ITEMS}}}query"), domain)
    if address not in {item.get("jid") for item in items.iter(f"{{{DISCO_ITEMS}}}item")}:
        raise failed(say("{domain} does not list {host}, so no app finds it", domain=domain, host=host))
    if not has_feature(await features_of(session, address), MUC):
        raise failed(say("{host} is no service for rooms", host=host))
    return address
