"""Group chat (XEP-0045) with message history (XEP-0313)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from xml.etree.ElementTree import Element

from pydantic import Field

from xmpp_wizard.core.bench import Bench, Session
from xmpp_wizard.core.feature import Component, Contribution, Feature, Modules, ProofStep, Set, Site
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import OwnDomain
from xmpp_wizard.core.proofs import failed, form, service_with
from xmpp_wizard.core.records import address_record, federation_records
from xmpp_wizard.core.stanzas import bare, body, element, is_message, is_presence, message, presence
from xmpp_wizard.core.text import Text, say


class GroupChatAnswers(Switchable):
    """Rooms for your people."""

    host: OwnDomain | None = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: groups. below it.",
        examples=["rooms.example.org"],
    )
    history_days: int | None = Field(
        default=None,
        ge=0,
        le=3650,
        title="Keep room history (days)",
        description="0 keeps none; left out, the security level decides.",
        examples=[30],
    )


def contribute(answers: GroupChatAnswers, site: Site) -> Contribution:
    """Return one service of private rooms: for members only, not listed, real addresses visible for OMEMO."""
    days = answers.history_days
    host = site.service_host("groups", answers.host)
    return Contribution(
        components=(
            Component(
                host=host,
                module="muc",
                title=str(say("Groups")),
                modules=Modules(core=() if days == 0 else ("muc_mam",), community=("muc_moderation", "muc_limits")),
                settings={
                    "restrict_room_creation": Set("local"),
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
        proofs=PROOFS if days == 0 else (*PROOFS, HISTORY),
    )


MUC = "http://jabber.org/protocol/muc"
ARCHIVE = "urn:xmpp:mam:2"
WORDS = "proof: hello, room"


async def prove_room(bench: Bench) -> Text:
    """One opens a room for members, makes the other a member, and talks to them in it."""

    async def talk(alice: Session, room: str) -> None:
        async with bench.log_in(bench.bob) as bob:
            await _join(bob, room)
            await alice.send(message(room, WORDS, "groupchat"))
            await bob.wait_for(is_message(WORDS, room), say("what was said in the room"))

    await _in_a_room(bench, talk)
    return say("the other one heard it")


async def prove_room_history(bench: Bench) -> Text:
    """Say something in a room; somebody who comes later reads it back from the room's archive."""

    def is_kept(stanza: Element) -> bool:
        return any(body(kept) == WORDS for kept in stanza.iterfind(f"{{{ARCHIVE}}}result//{{jabber:client}}message"))

    async def read_later(alice: Session, room: str) -> None:
        await alice.send(message(room, WORDS, "groupchat"))
        await alice.wait_for(is_message(WORDS, room), say("what was said in the room"))
        async with bench.log_in(bench.bob) as bob:
            await _join(bob, room)
            await bob.request("set", element(f"{{{ARCHIVE}}}query"), room)
            # results come before the end of the query that was waited for
            if not any(map(is_kept, bob.received())):
                raise failed(say("what was said in the room is not in its archive"))

    await _in_a_room(bench, read_later)
    return say("read back by somebody who came later")


async def _in_a_room(bench: Bench, work: Callable[[Session, str], Awaitable[None]]) -> None:
    """Open a room for members, do ``work``, destroy the room; it is not kept, so that nothing at all stays of it."""
    async with bench.log_in(bench.alice) as alice:
        service = await service_with(alice, bench.domain, MUC, say("rooms"))
        # one for each log-in: several steps have rooms at the same time
        room = f"{bare(bench.alice.jid).partition('@')[0]}-{alice.jid.rpartition('/')[2].lower()}@{service}"
        await _join(alice, room)
        settings = {"muc#roomconfig_persistentroom": "0", "muc#roomconfig_membersonly": "1"}
        await _own(alice, room, form(f"{MUC}#roomconfig", settings))
        member = element(f"{{{MUC}#admin}}item", {"jid": bench.bob.jid, "affiliation": "member"})
        await alice.request("set", element(f"{{{MUC}#admin}}query", {}, member), room)
        await work(alice, room)
        await _own(alice, room, element(f"{{{MUC}#owner}}destroy"))


async def _join(session: Session, room: str) -> None:
    seat = f"{room}/{bare(session.jid).partition('@')[0]}"
    await session.send(presence(seat, "", element(f"{{{MUC}}}x")))
    await session.wait_for(is_presence(seat), say("own presence in the room"))


async def _own(session: Session, room: str, wish: Element) -> None:
    await session.request("set", element(f"{{{MUC}#owner}}query", {}, wish), room)


HISTORY = ProofStep("room_history", say("Read a room's history"), prove_room_history)
PROOFS = (ProofStep("room", say("Talk in a room"), prove_room),)


FEATURE = Feature(
    name="group_chat",
    title=say("Group chat"),
    summary=say("Rooms for your people, with history for those who were away."),
    settings=GroupChatAnswers,
    contribute=contribute,
    xeps=("XEP-0045", "XEP-0249", "XEP-0313", "XEP-0410", "XEP-0421", "XEP-0425"),
)
