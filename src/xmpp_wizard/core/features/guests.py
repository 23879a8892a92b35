"""Guests without an account (RFC 4505), on a host of their own: they talk in open rooms here, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from http import HTTPStatus
from re import fullmatch
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field

from xmpp_wizard.core.addresses import parse_party
from xmpp_wizard.core.errors import RefusedError
from xmpp_wizard.core.kit import chat_page, room_proofs, web
from xmpp_wizard.core.kit.bench import Account, Bench, Session
from xmpp_wizard.core.kit.feature import (
    Contribution,
    Feature,
    Modules,
    Preset,
    ProofStep,
    Set,
    Settings,
    SideHost,
    Site,
)
from xmpp_wizard.core.kit.proofs import DISCO_INFO, DISCO_ITEMS, failed, features_of, has_feature
from xmpp_wizard.core.kit.records import address_record, service_record
from xmpp_wizard.core.kit.stanzas import CLIENT, Matcher, element, is_message, message
from xmpp_wizard.core.model import LeftOut, OrChosen, Switchable
from xmpp_wizard.core.names import OwnDomain, ascii_name, prosody_name, shown
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import Text, WrongValueError, say

PRESETS: frozenset[Preset] = frozenset()
Proof: TypeAlias = Callable[[tuple[str, ...], room_proofs.ServiceOf, Bench], Awaitable[Text]]
CLIENT_PORT = 5222
SHARED = (
    "bosh",
    "csi_simple",
    "disco",
    "http",
    "http_altconnect",
    "iq",
    "limits",
    "message",
    "ping",
    "presence",
    "saslauth",
    "smacks",
    "tls",
    "websocket",
    *chat_page.MODULES,
)
"""Modules that guests get, too, where people have them; no other, whatever is switched on."""


def parse_rooms(text: str) -> str:
    """Return ``text`` as the address of a room, or as the domain of a whole service.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    if fullmatch(r"[\w-]+", text.strip()):
        raise WrongValueError(
            say("{given} is no whole address; a room has one such as lobby@groups.example.org", given=shown(text))
        )
    return parse_party(text)


class GuestsAnswers(Switchable):
    """Where guests may go, and how many."""

    host: OrChosen[OwnDomain] = Field(
        default=None,
        title="Name of the guests' host",
        description="On the main domain; left out: guests. below it.",
        examples=["visitors.example.org"],
    )
    rooms: Annotated[tuple[Annotated[str, AfterValidator(parse_rooms)], ...], LeftOut(say("every open room"))] = Field(
        default=(),
        title="Rooms for guests",
        description="Addresses of rooms of this server, or of a whole service; left out: every room here that is "
        "listed, open to everybody and without a password.",
        examples=[["lobby@groups.example.org"]],
    )
    at_once: int = Field(
        default=50, ge=1, le=10000, title="Guests at once", description="Who comes when it is full has to wait."
    )
    per_address: int = Field(
        default=5,
        ge=1,
        le=1000,
        title="Guests from one address",
        description="At once; a household or an office often has one address for all.",
    )


def contribute(answers: GuestsAnswers, site: Site) -> Contribution:
    """Return a virtual host where nobody needs a password, and where nothing is kept."""
    host = site.service_host("guests", answers.host)
    port = site.client_port
    return Contribution(
        hosts=(SideHost(host, SHARED, Modules(community=("guest_house",)), _settings(answers, site, host)),),
        brings_strangers=True,
        needs_rooms=True,
        relies_on=tuple(dict.fromkeys(party.rpartition("@")[2] for party in answers.rooms)),
        records=(
            address_record(host),
            service_record("xmpp-client", host, 10, port, is_required=port != CLIENT_PORT),
        ),
        proofs=(_step("guests", say("Guests come in and stay in"), prove_guests, answers, site),),
        guest_page=f"{site.url(host).rstrip('/')}{chat_page.PATH}",
        chat_proofs=(_step("guest_page", say("Guests chat in the browser"), prove_page, answers, site),),
    )


def _settings(answers: GuestsAnswers, site: Site, host: str) -> Settings:
    return {
        **web.host_settings(site, host),
        "site_name": Set(site.title),
        "authentication": Set("anonymous"),
        "allow_anonymous_s2s": Set(value=False),
        "default_user_role": Set("prosody:guest"),
        # nothing else is offered on this host, whatever the security level says of passwords
        "disable_sasl_mechanisms": Set(()),
        "storage": Set("memory"),
        "guests_of": Set(site.domain),
        "guests_at_once": Set(answers.at_once),
        "guests_per_address": Set(answers.per_address),
        **({"guest_rooms": Set([_party(party) for party in answers.rooms])} if answers.rooms else {}),
    }


def _party(party: str) -> str:
    local, at, domain = party.rpartition("@")
    return f"{local}{at}{prosody_name(domain)}"


WORDS, SECRETLY = "proof: a guest says hello", "proof: no guest may say this"
ROSTER = "jabber:iq:roster"


async def prove_guests(rooms: tuple[str, ...], host: room_proofs.ServiceOf, bench: Bench) -> Text:
    """Come in without an account, talk where that is allowed, and try everything else."""
    guest_account = Account(host(bench.domain), Secret(""))
    async with bench.log_in(guest_account, mechanism="ANONYMOUS") as guest:
        seen = await _see(guest, rooms) if rooms else await _talk(guest, bench)
        await _stay_out(guest, bench)
    return seen


async def _see(guest: Session, rooms: tuple[str, ...]) -> Text:
    """Look at the rooms; people in them are not to meet the guests of a proof."""
    for room in rooms:
        try:
            info = await features_of(guest, _party(room))
        except RefusedError as error:
            raise failed(say("guests cannot enter {room}: {reason}", room=room, reason=error.text)) from error
        if has_feature(info, "muc_membersonly") or has_feature(info, "muc_passwordprotected"):
            raise failed(
                say("guests cannot enter {room}: it is for members only, or has a password", room=room),
                say("Open the room in its own settings, or take it out of features.guests.rooms."),
            )
    return say("{count} rooms are open to guests, all else is not", count=len(rooms))


async def _talk(guest: Session, bench: Bench) -> Text:
    """Talk in a room that is open; a guest cannot open one."""
    async with _room(bench) as room:
        await room.configure({"persistentroom": "0", "publicroom": "1", "membersonly": "0"})
        await room_proofs.join(guest, room.address)
        await room_proofs.speak(guest, room.address, WORDS)
        await room.owner.wait_for(is_message(WORDS, room.address), say("what a guest said in the room"))
        try:
            await room_proofs.join(guest, f"guests-{room.address}")
        except RefusedError:
            return say("heard in an open room, and refused everywhere else")
    raise failed(say("a guest could open a room"))


@asynccontextmanager
async def _room(bench: Bench) -> AsyncIterator[room_proofs.Room]:
    """Open a room on the first service that lets people do so."""
    for service in await _services(bench):
        async with AsyncExitStack() as stack:
            try:
                room = await stack.enter_async_context(room_proofs.a_room(bench, service))
            except RefusedError:
                continue
            yield room
            return
    raise failed(
        say("there is no service where people may open a room that guests could enter"),
        say("Switch on group chat or public channels, or name the rooms in features.guests.rooms."),
    )


async def _services(bench: Bench) -> list[str]:
    async with bench.log_in(bench.alice) as alice:
        items = await alice.request("get", element(f"{{{DISCO_ITEMS}}}query"), bench.domain)
        found = [item.get("jid", "") for item in items.iter(f"{{{DISCO_ITEMS}}}item")]
        return [jid for jid in found if has_feature(await features_of(alice, jid), room_proofs.MUC)]


async def _stay_out(guest: Session, bench: Bench) -> None:
    """Try to reach somebody here and elsewhere, to have contacts, and to use the people's host."""
    for other in (bench.bob.jid, f"somebody@elsewhere-{bench.domain}"):
        await guest.send(message(other, SECRETLY))
        await guest.wait_for(_is_refusal(other), say("the refusal of a message to {address}", address=other))
    for payload, to in ((f"{{{ROSTER}}}query", ""), (f"{{{DISCO_INFO}}}query", bench.domain)):
        try:
            await guest.request("get", element(payload), to)
        except RefusedError:
            continue
        raise failed(say("a guest may use what is for people with an account: {what}", what=payload))


def _is_refusal(address: str) -> Matcher:
    return lambda stanza: (
        stanza.tag == f"{{{CLIENT}}}message" and stanza.get("type") == "error" and stanza.get("from") == address
    )


async def prove_page(rooms: tuple[str, ...], host: room_proofs.ServiceOf, bench: Bench) -> Text:
    """Open the page of a room as a browser does, come in where and as it does, and leave; another room has none."""
    name = host(bench.domain)
    async with AsyncExitStack() as stack:
        own = None if rooms else await stack.enter_async_context(_room(bench))
        if own is not None:
            await own.configure({"persistentroom": "0", "publicroom": "1", "membersonly": "0"})
        address = own.address if own else next((_party(room) for room in rooms if "@" in room), "")
        page = await chat_page.open_page(bench, ascii_name(name), address)
        await _no_other_room(bench, page, f"none-{address}")
        if not address:
            return say("it lists the rooms that are open")
        _check_entry(page, prosody_name(name), address)
        count = await chat_page.check_parts(bench, page)
        async with bench.log_in(Account(name, Secret("")), "websocket", mechanism="ANONYMOUS") as guest:
            if own is not None:
                await room_proofs.join(guest, own.address)
                await room_proofs.speak(guest, own.address, WORDS)
        return say("{count} files of its own, and guests get in", count=count)


def _check_entry(page: chat_page.ChatPage, host: str, room: str) -> None:
    told = page.settings
    if (told.get("authentication"), told.get("jid")) != ("anonymous", host):
        raise failed(say("the page logs in to {domain}", domain=str(told.get("jid"))))
    if told.get("auto_join_rooms") != [room]:
        raise failed(say("the page leads into {room}", room=str(told.get("auto_join_rooms"))))


async def _no_other_room(bench: Bench, page: chat_page.ChatPage, room: str) -> None:
    answer = await bench.http("GET", page.url + chat_page.query_for(room))
    if answer.status != HTTPStatus.NOT_FOUND:
        raise failed(say("{url} answers with status {status}", url=page.url, status=answer.status))


def _step(name: str, title: Text, run: Proof, answers: GuestsAnswers, site: Site) -> ProofStep:
    return ProofStep(name, title, partial(run, answers.rooms, room_proofs.service_of("guests", answers.host, site)))


FEATURE = Feature(
    name="guests",
    title=say("Guests"),
    summary=say("Visitors talk in open rooms without an account; they reach nobody else."),
    settings=GuestsAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 4505", "XEP-0175"),
)
