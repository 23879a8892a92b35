"""Private group chat (XEP-0045): rooms for members, with message history (XEP-0313) and moderation (XEP-0425)."""

from __future__ import annotations

from functools import partial
from xml.etree.ElementTree import Element

from pydantic import Field

from xmpp_wizard.core.addresses import LocalPart
from xmpp_wizard.core.errors import RefusedError
from xmpp_wizard.core.kit import room_proofs, rooms
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Component, Contribution, Feature, Modules, ProofStep, Set, Site
from xmpp_wizard.core.kit.merging import joined
from xmpp_wizard.core.kit.proofs import DISCO_ITEMS, failed
from xmpp_wizard.core.kit.records import address_record, federation_records
from xmpp_wizard.core.kit.stanzas import CLIENT, Matcher, body, element, is_message
from xmpp_wizard.core.model import OrByLevel, OrChosen, Switchable
from xmpp_wizard.core.names import OwnDomain, prosody_name
from xmpp_wizard.core.text import Text, say

GUEST_MESSAGES_PER_MINUTE = 60
"""So much somebody may write who is no member of a room that its owner has opened to everybody."""


class GroupChatAnswers(Switchable):
    """Rooms for your people."""

    host: OrChosen[OwnDomain] = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: groups. below it.",
        examples=["rooms.example.org"],
    )
    history_days: OrByLevel[int] = Field(
        default=None,
        ge=0,
        le=3650,
        title="Keep room history (days)",
        description="0 keeps none; left out, the security level decides.",
        examples=[30],
    )
    who_may_create: rooms.Creators = Field(default="everyone", title="Who may open rooms", description=rooms.CREATORS)
    rooms_for_all: tuple[LocalPart, ...] = Field(
        default=(),
        title="Rooms for everybody here",
        description="These are always there: all accounts of the domain may enter, new ones find them in their app.",
        examples=[["family"]],
    )


def contribute(answers: GroupChatAnswers, site: Site) -> Contribution:
    """Return one service of private rooms: for members only, not listed, real addresses visible for OMEMO."""
    days = answers.history_days
    host = site.service_host("groups", answers.host)
    creators, creation = rooms.creation(answers.who_may_create)
    keepers, kept = rooms.house_rooms(answers.rooms_for_all, site)
    first, marks = rooms.first_rooms([f"{name}@{prosody_name(host)}" for name in answers.rooms_for_all])
    basic = Modules(core=() if days == 0 else ("muc_mam",), community=("muc_moderation",))
    limiting, limits = rooms.guest_limits(GUEST_MESSAGES_PER_MINUTE)
    return Contribution(
        modules=first,
        host_settings=marks,
        components=(
            Component(
                host=host,
                module=rooms.SERVICE,
                title=str(say("Groups")),
                modules=joined(basic, limiting, creators, keepers),
                settings={
                    **creation,
                    **kept,
                    **limits,
                    "muc_room_default_members_only": Set(value=True),
                    "muc_room_default_public": Set(value=False),
                    "muc_room_default_persistent": Set(value=True),
                    "muc_room_default_public_jids": Set(value=True),
                    "muc_room_default_allow_member_invites": Set(value=True),
                    **({"muc_log_expires_after": Set(f"{days}d")} if days else {}),
                },
            ),
        ),
        records=(address_record(host), *federation_records(site, host)),
        proofs=_proofs(answers, room_proofs.service_of("groups", answers.host, site)),
    )


WORDS = "proof: hello, room"
MODERATE = "urn:xmpp:message-moderate:1"
RETRACT = "urn:xmpp:message-retract:1"
VCARD = "vcard-temp"
HINTS = "urn:xmpp:hints"


async def prove_room(host: room_proofs.ServiceOf, bench: Bench) -> Text:
    """One opens a room that nobody else sees or enters, makes the other a member, and talks to them in it."""
    async with room_proofs.a_room(bench, host(bench.domain)) as room, bench.log_in(bench.bob) as bob:
        service = room.address.partition("@")[2]
        shown = await bob.request("get", element(f"{{{DISCO_ITEMS}}}query"), service)
        if room.address in {item.get("jid") for item in shown.iter(f"{{{DISCO_ITEMS}}}item")}:
            raise failed(say("a new room is listed for everybody"))
        try:
            await room_proofs.join(bob, room.address)
        except RefusedError:
            pass
        else:
            raise failed(say("somebody who is no member came into a new room"))
        await room.make(bench.bob, "member")
        async with bench.log_in(bench.bob) as member:
            await room_proofs.join(member, room.address)
            await room_proofs.speak(room.owner, room.address, WORDS)
            await member.wait_for(is_message(WORDS, room.address), say("what was said in the room"))
    return say("closed to others; the member heard it")


async def prove_room_history(host: room_proofs.ServiceOf, bench: Bench) -> Text:
    """Say something in a room; somebody who comes later reads it back from the room's archive."""
    async with room_proofs.a_room(bench, host(bench.domain)) as room:
        await room.make(bench.bob, "member")
        await room_proofs.speak(room.owner, room.address, WORDS)
        async with bench.log_in(bench.bob) as bob:
            await room_proofs.join(bob, room.address)
            if WORDS not in map(body, await room_proofs.archive(bob, room.address)):
                raise failed(say("what was said in the room is not in its archive"))
    return say("read back by somebody who came later")


async def prove_moderation(host: room_proofs.ServiceOf, bench: Bench) -> Text:
    """A member takes a message back; the owner takes another one away, which is then gone from the archive, too."""
    async with room_proofs.a_room(bench, host(bench.domain)) as room, bench.log_in(bench.bob) as bob:
        await room.make(bench.bob, "member")
        await room_proofs.join(bob, room.address)
        regretted = await room_proofs.speak(bob, room.address, "proof: regretted")
        wish = element(f"{{{RETRACT}}}retract", {"id": regretted})
        attributes = {"to": room.address, "type": "groupchat"}
        await bob.send(element(f"{{{CLIENT}}}message", attributes, wish, element(f"{{{HINTS}}}store")))
        await room.owner.wait_for(_takes_back(regretted), say("a message taken back by its author"))
        bad = await room_proofs.speak(bob, room.address, "proof: unwanted")
        order = element(f"{{{MODERATE}}}moderate", {"id": bad}, element(f"{{{RETRACT}}}retract"))
        await room.owner.request("set", order, room.address)
        await bob.wait_for(_takes_back(bad), say("a message taken away by the owner"))
        kept = await room_proofs.archive(bob, room.address)
        if "proof: unwanted" in map(body, kept):
            raise failed(say("a message that the owner took away is still in the archive"))
        if not any(map(_takes_back(regretted), kept)):
            raise failed(say("that a message was taken back is not in the archive"))
    return say("taken back by its author, taken away by the owner")


def _takes_back(number: str) -> Matcher:
    return lambda stanza: any(item.get("id") == number for item in stanza.iterfind(f"{{{RETRACT}}}retract"))


async def prove_room_picture(host: room_proofs.ServiceOf, bench: Bench) -> Text:
    """The owner gives a room a picture, which the others see; a member cannot change it."""
    async with room_proofs.a_room(bench, host(bench.domain)) as room, bench.log_in(bench.bob) as bob:
        await room.make(bench.bob, "member")
        await room_proofs.join(bob, room.address)
        await room.owner.request("set", _card("cHJvb2Y="), room.address)
        seen = await bob.request("get", element(f"{{{VCARD}}}vCard"), room.address)
        if seen.findtext(f"{{{VCARD}}}PHOTO/{{{VCARD}}}BINVAL") != "cHJvb2Y=":
            raise failed(say("the picture of the room did not come back"))
        try:
            await bob.request("set", _card("b3RoZXI="), room.address)
        except RefusedError:
            return say("seen by a member, who cannot change it")
        raise failed(say("somebody who does not own the room changed its picture"))


def _card(picture: str) -> Element:
    photo = (element(f"{{{VCARD}}}TYPE", text="image/png"), element(f"{{{VCARD}}}BINVAL", text=picture))
    return element(f"{{{VCARD}}}vCard", {}, element(f"{{{VCARD}}}PHOTO", {}, *photo))


def _proofs(answers: GroupChatAnswers, host: room_proofs.ServiceOf) -> tuple[ProofStep, ...]:
    if answers.who_may_create == "admins":
        return (room_proofs.creation_proof("room_creation", host),)
    steps = [
        ProofStep("room", say("Talk in a room"), partial(prove_room, host)),
        ProofStep("room_picture", say("Picture of a room"), partial(prove_room_picture, host)),
    ]
    if answers.history_days != 0:
        steps += [
            ProofStep("room_history", say("Read a room's history"), partial(prove_room_history, host)),
            # what is taken away is found by its number in the archive
            ProofStep("room_moderation", say("Take messages back"), partial(prove_moderation, host)),
        ]
    if answers.rooms_for_all:
        steps.append(
            room_proofs.first_rooms_proof("rooms_for_all", say("Rooms for everybody"), answers.rooms_for_all, host)
        )
    return tuple(steps)


FEATURE = Feature(
    name="group_chat",
    title=say("Group chat"),
    summary=say("Rooms for your people, with history for who was away; nobody else gets in."),
    settings=GroupChatAnswers,
    contribute=contribute,
    xeps=(
        "XEP-0045",
        "XEP-0153",
        "XEP-0249",
        "XEP-0313",
        "XEP-0410",
        "XEP-0421",
        "XEP-0424",
        "XEP-0425",
        "XEP-0486",
    ),
)
