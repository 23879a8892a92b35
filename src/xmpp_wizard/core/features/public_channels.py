"""Public channels (XEP-0045): rooms that everybody finds and enters, with limits, moderation and a block list."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, Field

from xmpp_wizard.core.addresses import LocalPart
from xmpp_wizard.core.kit import room_proofs, rooms, web
from xmpp_wizard.core.kit.bench import Bench, Session
from xmpp_wizard.core.kit.feature import (
    Component,
    Contribution,
    Feature,
    Modules,
    Preset,
    ProofStep,
    Set,
    Settings,
    Site,
)
from xmpp_wizard.core.kit.merging import joined
from xmpp_wizard.core.kit.proofs import DISCO_ITEMS, failed, form
from xmpp_wizard.core.kit.records import address_record, federation_records
from xmpp_wizard.core.kit.stanzas import bare, element, is_message, is_presence
from xmpp_wizard.core.model import OrByLevel, OrChosen, Switchable
from xmpp_wizard.core.names import OwnDomain, ascii_name, parse_domain, prosody_name
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset(("public",))


def parse_block_list(text: str) -> str:
    """Return ``text``, the domain of a service that lists pests, or nothing.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    return parse_domain(text) if text.strip() else ""


class PublicChannelsAnswers(Switchable):
    """Rooms for everybody, also from other servers."""

    host: OrChosen[OwnDomain] = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: channels. below it.",
        examples=["talk.example.org"],
    )
    history_days: OrByLevel[int] = Field(
        default=None,
        ge=0,
        le=3650,
        title="Keep channel history (days)",
        description="0 keeps none; left out, the security level decides.",
        examples=[30],
    )
    who_may_create: rooms.Creators = Field(
        default="everyone", title="Who may open channels", description=rooms.CREATORS
    )
    channels: tuple[LocalPart, ...] = Field(
        default=(),
        title="First channels",
        description="These are always there, owned by the admins; new accounts find them in their app.",
        examples=[["lobby"]],
    )
    messages_per_minute: int = Field(
        default=60,
        ge=6,
        le=6000,
        title="A guest may write (messages a minute)",
        description="In one channel, each who is not its member; what is more is sent back.",
    )
    block_list: Annotated[str, AfterValidator(parse_block_list)] = Field(
        default="xmppbl.org",
        title="Block list",
        description="A service that lists known pests, who are kept out of channels; empty: none. Needs other servers.",
    )
    web_logs: bool = Field(
        default=False,
        title="Pages on the web",
        description="Everybody can read what is said in channels, without an account, as long as history is kept.",
    )


def contribute(answers: PublicChannelsAnswers, site: Site) -> Contribution:
    """Return one service of listed, open rooms where addresses stay hidden from other guests."""
    host = site.service_host("channels", answers.host)
    has_history = answers.history_days != 0
    has_logs = answers.web_logs and has_history
    first, marks = rooms.first_rooms([f"{name}@{prosody_name(host)}" for name in answers.channels])
    return Contribution(
        modules=first,
        settings=web.https_settings(site) if has_logs else {},
        host_settings=marks,
        components=(_service(answers, site, host),),
        ports=(web.https_port(site),) if has_logs else (),
        records=(address_record(host), *federation_records(site, host)),
        proofs=_proofs(answers, room_proofs.service_of("channels", answers.host, site), site),
    )


def _service(answers: PublicChannelsAnswers, site: Site, host: str) -> Component:
    creators, creation = rooms.creation(answers.who_may_create)
    keepers, kept = rooms.house_rooms(answers.channels, site)
    days = answers.history_days
    guards, limits = _guards(answers)
    archive = Modules(core=() if days == 0 else ("muc_mam",))
    logs: Settings = {**web.host_settings(site, host), "http_paths": Set({"muc_log": "/logs"})}
    has_logs = answers.web_logs and days != 0
    return Component(
        host=host,
        module=rooms.SERVICE,
        title=str(say("Public channels")),
        modules=joined(archive, guards, creators, keepers, Modules(community=("http_muc_log",) if has_logs else ())),
        settings={
            **creation,
            **kept,
            **limits,
            **(logs if has_logs else {}),
            "muc_room_default_members_only": Set(value=False),
            "muc_room_default_public": Set(value=True),
            "muc_room_default_persistent": Set(value=True),
            "muc_room_default_public_jids": Set(value=False),
            **({"muc_log_expires_after": Set(f"{days}d")} if days else {}),
        },
    )


def _guards(answers: PublicChannelsAnswers) -> tuple[Modules, Settings]:
    """Return what keeps channels in order: moderation, limits for guests, a list of pests, and search."""
    community = (
        "muc_moderation",
        "muc_restrict_avatars",
        "muc_restrict_media",
        "room_search",
    )
    limiting, settings = rooms.guest_limits(answers.messages_per_minute)
    if not answers.block_list:
        return joined(limiting, Modules(community=community)), settings
    # subscribes to the list through pubsub_subscription
    listed = Modules(community=(*community, "muc_rtbl", "pubsub_subscription"))
    return joined(limiting, listed), {**settings, "muc_rtbl_jid": Set(ascii_name(answers.block_list))}


WORDS = "proof: hello, everybody"
SEARCH = "https://xmlns.zombofant.net/muclumbus/search/1.0"


async def prove_channel(host: room_proofs.ServiceOf, bench: Bench) -> Text:
    """One opens a channel; another finds it by list and search, comes in, talks, and sees no real address."""
    async with room_proofs.a_room(bench, host(bench.domain)) as room, bench.log_in(bench.bob) as bob:
        name, _, service = room.address.partition("@")
        shown = await bob.request("get", element(f"{{{DISCO_ITEMS}}}query"), service)
        if room.address not in {item.get("jid") for item in shown.iter(f"{{{DISCO_ITEMS}}}item")}:
            raise failed(say("a new channel is not in the list of channels"))
        if room.address not in await _search(bob, service, name):
            raise failed(say("a new channel is not found by a search for its name"))
        await room_proofs.join(bob, room.address)
        await room_proofs.speak(bob, room.address, WORDS)
        await room.owner.wait_for(is_message(WORDS, room.address), say("what was said in the channel"))
        await room.owner.wait_for(
            is_presence(f"{room.address}/{room_proofs.nickname(bob)}"), say("that somebody came into the channel")
        )
        if any(bench.alice.jid == bare(item.get("jid", "")) for stanza in bob.received() for item in stanza.iter()):
            raise failed(say("guests of a channel see the real addresses of others"))
    return say("found, entered and heard, with addresses hidden")


async def _search(session: Session, service: str, words: str) -> set[str]:
    """Return the addresses of the channels that the search of the service finds."""
    wish = form(f"{SEARCH}#params", {"q": words, "sinname": "1", "sindescription": "0", "sinaddr": "1"})
    found = await session.request("set", element(f"{{{SEARCH}}}search", {}, wish), service)
    return {item.get("address", "") for item in found.iter(f"{{{SEARCH}}}item")}


async def prove_web_log(host: room_proofs.ServiceOf, site: Site, bench: Bench) -> Text:
    """Say something in a channel, and read it on the web as somebody without an account."""
    async with room_proofs.a_room(bench, host(bench.domain)) as room:
        await room_proofs.speak(room.owner, room.address, WORDS)
        name, _, service = room.address.partition("@")
        pages = f"{site.url(service)}logs/{name}/"
        last = await bench.http("GET", f"{pages}latest")
        day = last.headers.get("Location", "").rpartition("/")[2]
        page = await bench.http("GET", pages + day) if day else last
        if page.status != HTTPStatus.OK:
            raise failed(say("{url} answers with status {status}", url=pages + day, status=page.status))
        if WORDS not in page.body.decode("utf-8", "replace"):
            raise failed(say("what was said in a channel is not on its page"))
    return say("what was said stands on the page of the day")


def _proofs(answers: PublicChannelsAnswers, host: room_proofs.ServiceOf, site: Site) -> tuple[ProofStep, ...]:
    if answers.who_may_create == "admins":
        return (room_proofs.creation_proof("channel_creation", host),)
    steps = [ProofStep("channel", say("Find and enter a channel"), partial(prove_channel, host))]
    if answers.web_logs and answers.history_days != 0:
        steps.append(ProofStep("web_log", say("Read a channel on the web"), partial(prove_web_log, host, site)))
    if answers.channels:
        steps.append(room_proofs.first_rooms_proof("first_channels", say("First channels"), answers.channels, host))
    return tuple(steps)


FEATURE = Feature(
    name="public_channels",
    title=say("Public channels"),
    summary=say("Rooms that everybody can find and enter, also from other servers."),
    settings=PublicChannelsAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0045", "XEP-0153", "XEP-0313", "XEP-0421", "XEP-0424", "XEP-0425", "XEP-0433", "XEP-0486"),
)
