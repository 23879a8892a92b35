"""One of many people on a server: talks, sends files, calls, and loses the network, all by a seed."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from xml.etree.ElementTree import Element

from tests.e2e.day.record import Record
from tests.e2e.server.machine import PASSWORD, PORTS, Server
from tests.e2e.server.phone import CLIENT, Phone
from tests.e2e.server.web import exchange

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.features.calls import EXTERNAL_SERVICES
from xmpp_wizard.core.kit.bench import RelayOffer
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.turn import open_relay

MUC = "http://jabber.org/protocol/muc"
UPLOAD = "urn:xmpp:http:upload:0"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
AWAY = (OSError, TimeoutError)


class Person:
    """Lives until the day is over; whatever the server refuses meanwhile is tried again later, as people do."""

    def __init__(self, server: Server, number: int, people: int, trust: ssl.SSLContext, record: Record) -> None:
        """Be somewhere else."""
        self.server, self.number, self.people, self.record = server, number, people, record
        self.phone = Phone(
            (server.address, PORTS["client"]),
            name(number, server.domain),
            PASSWORD,
            trust,
            hear=self._hear,
            acknowledged=record.taken.add,
        )
        self._count = 0

    async def live(self, random: Random, rooms: list[str], is_over: asyncio.Event) -> None:
        """Do one thing after the other."""
        deeds: list[tuple[int, Callable[[Random], Awaitable[None]]]] = [
            (50, self._chat),
            (25, lambda found: self._chat_in_room(found, rooms)),
            (8, self._upload),
            (6, self.call),
            (8, self._lose_network),
            (3, self._log_out),
        ]
        weights, actions = zip(*deeds, strict=True)
        while not is_over.is_set():
            with suppress(*AWAY):
                if not self.phone.is_online:
                    await self.arrive(rooms)
                await random.choices(actions, weights)[0](random)
            await asyncio.sleep(random.uniform(0.5, 2.5))

    async def arrive(self, rooms: list[str]) -> None:
        """Go online, and into the rooms where the session is a new one."""
        if await self.phone.come():
            self.record.deeds["resumed"] += 1
            return
        self.record.deeds["came"] += 1
        for room in rooms:
            # what was said before lies in the archive
            history = f"<x xmlns='{MUC}'><history maxstanzas='0'/></x>"
            self.phone.send(f"<presence to='{room}/{name(self.number)}'>{history}</presence>")

    async def _chat(self, random: Random) -> None:
        other = random.choice([number for number in range(self.people) if number != self.number])
        self._say(name(other, self.server.domain), "chat")

    async def _chat_in_room(self, random: Random, rooms: list[str]) -> None:
        self._say(random.choice(rooms), "groupchat")

    def _say(self, to: str, kind: str) -> None:
        self._count += 1
        number = f"{name(self.number)}-{self._count}"
        self.record.sent[number] = to
        self.record.deeds[kind] += 1
        self.phone.say(to, f"This is {number}.", number, kind)

    async def _upload(self, random: Random) -> None:
        content = random.randbytes(random.randrange(10_000, 300_000))
        host = f"share.{self.server.domain}"
        wish = f"<request xmlns='{UPLOAD}' filename='a.bin' size='{len(content)}' content-type='a/b'/>"
        found = await self.phone.ask(wish, to=host)
        put, get = found.find(f".//{{{UPLOAD}}}put"), found.find(f".//{{{UPLOAD}}}get")
        if put is None or get is None:
            self.record.deeds["no upload now"] += 1
            return
        headers = {item.get("name", ""): item.text or "" for item in put}
        status, _ = await asyncio.to_thread(exchange, self.server, "PUT", put.get("url", ""), headers, content)
        self.record.deeds[f"upload {status}"] += 1
        if status == 201:
            self.record.uploads[get.get("url", "")] = hashlib.sha256(content).digest()

    async def call(self, random: Random) -> None:
        """Get relays as for a call, and hear through them what the other end says."""
        found = await self.phone.ask(f"<services xmlns='{EXTERNAL_SERVICES}'/>", to=self.server.domain)
        services = found.iter(f"{{{EXTERNAL_SERVICES}}}service")
        offers = [item for item in services if item.get("type") == "turn" and item.get("password")]
        if not offers:
            self.record.deeds["no call now"] += 1
            return
        try:
            await self._hear_each_other(_read(random.choice(offers)))
        except ProofFailedError:
            # coturn may just be restarted; what has to work in the end is called in the evening
            self.record.deeds["call failed"] += 1
        else:
            self.record.deeds["call"] += 1

    async def _hear_each_other(self, offer: RelayOffer) -> None:
        context = ssl.create_default_context(cadata=self.server.authority())
        where = self.server.address
        async with open_relay(offer, where, context) as one, open_relay(offer, where, context) as other:
            await one.allow(other.place[0])
            await other.allow(one.place[0])
            await one.send(b"hello", other.place)
            assert await other.receive(10) == (b"hello", one.place)

    async def _lose_network(self, random: Random) -> None:
        await self.phone.vanish()
        await asyncio.sleep(random.uniform(0.5, 5))

    async def _log_out(self, random: Random) -> None:
        await self.phone.leave()
        await asyncio.sleep(random.uniform(0.5, 5))

    def _hear(self, stanza: Element) -> None:
        number = stanza.get("id", "")
        if stanza.tag != f"{{{CLIENT}}}message" or number not in self.record.sent:
            return
        error = stanza.find(f"{{{CLIENT}}}error")
        if error is not None:
            self.record.refused[number] = error[0].tag.rpartition("}")[2]
        elif stanza.get("type") == "chat":
            own = [item.get("id", "") for item in stanza.iter(STANZA_ID) if item.get("by") == self.phone.jid]
            self.record.heard[number].update(own or ["never archived"])


def name(number: int, domain: str = "") -> str:
    """Return somebody's name, or address."""
    return f"p{number}@{domain}" if domain else f"p{number}"


def _read(item: Element) -> RelayOffer:
    return RelayOffer(
        host=item.get("host", ""),
        port=int(item.get("port", "0")),
        transport="udp" if item.get("transport") == "udp" else "tcp",
        is_encrypted=False,
        username=item.get("username", ""),
        password=Secret(item.get("password", "")),
    )
