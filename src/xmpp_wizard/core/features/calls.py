"""Voice and video calls: a STUN and TURN server (RFC 8489, RFC 8656) of one's own, told to apps by XEP-0215."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from xml.etree.ElementTree import Element

from pydantic import Field, ValidationInfo, field_validator

from xmpp_wizard.core.kit.bench import Bench, Relay, RelayOffer, Session
from xmpp_wizard.core.kit.feature import (
    ConfigFile,
    ContainerSpec,
    Contribution,
    Feature,
    Health,
    Modules,
    Mount,
    Port,
    Preset,
    ProofStep,
    SecretFile,
    Set,
    Site,
)
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.kit.records import address_record, service_record
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.lua import FileLine, LuaValue
from xmpp_wizard.core.model import OrChosen, Switchable
from xmpp_wizard.core.names import OwnDomain, ascii_name
from xmpp_wizard.core.network.ranges import NOT_THE_INTERNET
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import Text, WrongValueError, say
from xmpp_wizard.core.values import IpAddress

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))
CONTAINER = "turn"
"""Its name, its image's, and that of the secret it shares with Prosody."""
USER_ID = 3478
"""uid and gid in its container; fixed in the image."""
RELAYS_PER_CALL = 10
"""An app asks for one on each of its networks and for each way to the server, and keeps one."""
RELAYS_PER_LOGIN = 30
BYTES_PER_SECOND = 1_000_000
"""For one relay and direction: more than a call with the best picture takes, too little to pass files of others on."""
CREDENTIALS_SECONDS = 86400
LAST_PORT = 65535


class CallsAnswers(Switchable):
    """Calls also where phones cannot reach each other by themselves."""

    host: OrChosen[OwnDomain] = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: turn. below it.",
        examples=["calls.example.org"],
    )
    calls_at_once: int = Field(
        default=10,
        ge=1,
        le=1000,
        title="Calls at the same time",
        description="That the server passes on; 10 ports each. Phones that reach each other directly need none.",
    )
    external_address: OrChosen[IpAddress] = Field(
        default=None,
        title="Address on the internet",
        description="The router's, if this machine is behind one; left out: where the service's name leads in DNS.",
        examples=["203.0.113.7"],
    )
    plain_port: int = Field(
        default=3478, ge=1, le=LAST_PORT, title="Port for calls", description="UDP and TCP; what is sent is encrypted."
    )
    tls_port: int = Field(
        default=5349,
        ge=1,
        le=LAST_PORT,
        title="Port for calls, TLS",
        description="For networks that let little through.",
    )
    first_relay_port: int = Field(
        default=49152,
        ge=1024,
        le=LAST_PORT,
        title="First port of the relays",
        description="From here on 10 for each call, UDP; a router must forward them all.",
    )

    @field_validator("first_relay_port")
    @classmethod
    def _has_room(cls, first: int, info: ValidationInfo) -> int:
        calls = info.data.get("calls_at_once", 1)
        if first + calls * RELAYS_PER_CALL - 1 > LAST_PORT:
            raise WrongValueError(
                say("leaves too few ports up to {last} for {calls} calls of 10 ports", last=LAST_PORT, calls=calls)
            )
        return first

    @property
    def last_relay_port(self) -> int:
        """The last port of the relays."""
        return self.first_relay_port + self.calls_at_once * RELAYS_PER_CALL - 1


def contribute(answers: CallsAnswers, site: Site) -> Contribution:
    """Return the server in a container of its own, with a secret that both know and a certificate of its own."""
    host = ascii_name(answers.host or f"turn.{site.main_domain}")
    return Contribution(
        modules=Modules(core=("external_services",)),
        settings={"external_services": Set(_offers(answers, host))},
        own_certificates=(host,),
        records=(
            address_record(host),
            service_record("stun", site.domain, 10, answers.plain_port, "udp", is_required=False, target=host),
            service_record("turn", site.domain, 10, answers.plain_port, "udp", is_required=False, target=host),
            service_record("turn", site.domain, 10, answers.plain_port, is_required=False, target=host),
            service_record("turns", site.domain, 10, answers.tls_port, is_required=False, target=host),
        ),
        ports=_ports(answers, host),
        secrets=(SecretFile(CONTAINER, shared_with=(CONTAINER,)),),
        files=(_config(answers, site, host),),
        containers=(_container(answers, site, host),),
        proofs=PROOFS,
    )


def _offers(answers: CallsAnswers, host: str) -> tuple[LuaValue, ...]:
    """Return what apps are told; with Prosody's own option for TLS they would get no credentials for it (13.0.1)."""
    plain: dict[str, LuaValue] = {"host": host, "port": answers.plain_port}
    secret: dict[str, LuaValue] = {
        "secret": FileLine(f"/secrets/{CONTAINER}"),
        "ttl": CREDENTIALS_SECONDS,
        "algorithm": "turn",
    }
    return (
        {"type": "stun", "transport": "udp", **plain},
        {"type": "turn", "transport": "udp", **plain, **secret},
        {"type": "turn", "transport": "tcp", **plain, **secret},
        {"type": "turns", "transport": "tcp", "host": host, "port": answers.tls_port, **secret},
    )


def _ports(answers: CallsAnswers, host: str) -> tuple[Port, ...]:
    calls = say("calls")
    return (
        Port(answers.plain_port, calls, "udp", CONTAINER),
        Port(answers.plain_port, calls, "tcp", CONTAINER),
        Port(answers.tls_port, say("calls, TLS"), "tcp", CONTAINER, tls="direct", certificate=host),
        Port(answers.first_relay_port, say("voices and pictures"), "udp", CONTAINER, last=answers.last_relay_port),
    )


def _config(answers: CallsAnswers, site: Site, host: str) -> ConfigFile:
    return ConfigFile(
        container=CONTAINER,
        name="turnserver.conf",
        template="coturn/turnserver.conf.j2",
        values={
            "realm": ascii_name(site.main_domain),
            "port": answers.plain_port,
            "tls_port": answers.tls_port,
            "certificate": f"/certs/live/{host}/fullchain.pem",
            "key": f"/certs/live/{host}/privkey.pem",
            "first_relay_port": answers.first_relay_port,
            "last_relay_port": answers.last_relay_port,
            "relays": answers.calls_at_once * RELAYS_PER_CALL,
            "relays_per_login": RELAYS_PER_LOGIN,
            "bytes_per_second": BYTES_PER_SECOND,
            "denied": tuple(map(_range, NOT_THE_INTERNET)),
        },
    )


def _range(network: IPv4Network | IPv6Network) -> str:
    """Return a network as coturn has it; a range that begins with 0.0.0.0 or :: would mean every address to it."""
    first = network[1] if network[0].is_unspecified else network[0]
    return f"{first}-{network[-1]}"


def _container(answers: CallsAnswers, site: Site, host: str) -> ContainerSpec:
    return ContainerSpec(
        name=CONTAINER,
        image=CONTAINER,
        mounts=(Mount("config", "/etc/turn"), Mount("secrets", "/secrets"), Mount("certificates", "/certs")),
        environment={
            "TURN_LISTEN": " ".join(site.listen),
            "TURN_HOST": host,
            "TURN_EXTERNAL": answers.external_address or "",
        },
        tmpfs={"/run/turn": f"uid={USER_ID},gid={USER_ID},mode=0700,size=1m"},
        memory_mb=128,
        user_id=USER_ID,
        health=Health(site.listen[0] if site.listen else "127.0.0.1", answers.plain_port, host, "stun"),
    )


EXTERNAL_SERVICES = "urn:xmpp:extdisco:2"
WORDS = b"proof: can you hear me?"
HEARD_SECONDS = 5.0


async def prove_call_udp(bench: Bench) -> Text:
    """Have both ends of a call relayed, over UDP."""
    return await _prove(bench, "turn", "udp")


async def prove_call_tcp(bench: Bench) -> Text:
    """Have both ends of a call relayed, over TCP."""
    return await _prove(bench, "turn", "tcp")


async def prove_call_tls(bench: Bench) -> Text:
    """Have both ends of a call relayed, over TLS with the right certificate."""
    return await _prove(bench, "turns", "tcp")


async def _prove(bench: Bench, kind: str, transport: str) -> Text:
    async with bench.log_in(bench.alice) as session:
        offer = await _offer(session, bench.domain, kind, transport)
    async with bench.relay(offer) as one, bench.relay(offer) as other:
        await one.allow(other.place[0])
        await other.allow(one.place[0])
        await _say(one, other, WORDS)
        await _say(other, one, WORDS[::-1])
    return say("port {port}: both ends heard each other through the relay; without credentials none", port=offer.port)


async def _say(speaker: Relay, listener: Relay, words: bytes) -> None:
    await speaker.send(words, listener.place)
    heard, sender = await listener.receive(HEARD_SECONDS)
    if heard != words or sender != speaker.place:
        raise failed(say("something else came out of the relay than what was sent"))


async def _offer(session: Session, domain: str, kind: str, transport: str) -> RelayOffer:
    """Ask as apps do before a call, and take the one way that is to be tried."""
    found = await session.request("get", element(f"{{{EXTERNAL_SERVICES}}}services"), domain)
    for item in found.iter(f"{{{EXTERNAL_SERVICES}}}service"):
        if (item.get("type"), item.get("transport")) == (kind, transport) and item.get("password"):
            return _read(item)
    raise failed(say("{domain} names no {kind} server over {transport}", domain=domain, kind=kind, transport=transport))


def _read(item: Element) -> RelayOffer:
    return RelayOffer(
        host=item.get("host", ""),
        port=int(item.get("port", "0")),
        transport="udp" if item.get("transport") == "udp" else "tcp",
        is_encrypted=item.get("type") == "turns",
        username=item.get("username", ""),
        password=Secret(item.get("password", "")),
    )


PROOFS = (
    ProofStep("call_udp", say("Call (UDP)"), prove_call_udp),
    ProofStep("call_tcp", say("Call (TCP)"), prove_call_tcp),
    ProofStep("call_tls", say("Call (TLS)"), prove_call_tls),
)


FEATURE = Feature(
    name="calls",
    title=say("Calls"),
    summary=say("Voice and video calls, also between networks that let nobody in."),
    settings=CallsAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 8489", "RFC 8656", "XEP-0215"),
)
