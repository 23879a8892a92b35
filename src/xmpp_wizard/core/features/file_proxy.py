"""A meeting point for files that two apps hand each other directly (XEP-0065); for apps that cannot upload."""

from __future__ import annotations

from hashlib import sha1

from pydantic import Field

from xmpp_wizard.core.kit.bench import Bench, Session
from xmpp_wizard.core.kit.feature import Component, Contribution, Feature, Port, Preset, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import failed, service_with
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.model import OrChosen, Switchable
from xmpp_wizard.core.names import OwnDomain, ascii_name, prosody_name
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))
PORT = 5000


class FileProxyAnswers(Switchable):
    """Handing files over directly, for older apps."""

    host: OrChosen[OwnDomain] = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: proxy. below it.",
        examples=["handover.example.org"],
    )


def contribute(answers: FileProxyAnswers, site: Site) -> Contribution:
    """Return the proxy, for the people of its domain only; what passes is kept nowhere.

    Apps reach the service through the server and the port by a name that leads here anyway, so it needs no DNS.
    """
    host = site.service_host("proxy", answers.host)
    return Contribution(
        settings={"proxy65_ports": Set((PORT,))},
        components=(
            Component(
                host=host,
                module="proxy65",
                title=str(say("File transfer")),
                settings={
                    "proxy65_address": Set(ascii_name(site.web_host)),
                    "proxy65_acl": Set((prosody_name(site.domain),)),
                },
                federates=False,
                # apps speak SOCKS 5 with it, without TLS; what is encrypted is encrypted from end to end
                is_certified=False,
            ),
        ),
        ports=(Port(PORT, say("files from app to app")),),
        proofs=(ProofStep("file_proxy", say("Hand a file over"), prove_transfer),),
    )


BYTESTREAMS = "http://jabber.org/protocol/bytestreams"
CONTENT = b"proof: a file from app to app\n" * 512


async def prove_transfer(bench: Bench) -> Text:
    """One hands a file to another through the proxy, which both find as apps do (XEP-0065 6)."""
    async with bench.log_in(bench.alice) as alice, bench.log_in(bench.bob) as bob:
        service = await service_with(alice, bench.domain, BYTESTREAMS, say("files from app to app"))
        # full addresses never repeat, so neither does the name of the stream
        stream = alice.jid.rpartition("/")[2]
        port = await _port(alice, service)
        meeting = sha1(f"{stream}{alice.jid}{bob.jid}".encode()).hexdigest()  # noqa: S324 as XEP-0065 5.3.2 has it
        async with bench.byte_stream(port, meeting) as taker, bench.byte_stream(port, meeting) as giver:
            activate = element(f"{{{BYTESTREAMS}}}activate", text=bob.jid)
            await alice.request("set", element(f"{{{BYTESTREAMS}}}query", {"sid": stream}, activate), service)
            await giver.send(CONTENT)
            # as apps do at a file's end; until then Prosody 13.0.1 may keep the last 8 kB to itself
            await giver.finish()
            if await taker.receive(len(CONTENT)) != CONTENT:
                raise failed(say("something else came out than what was sent"))
    return say("{size} kB came through byte for byte", size=len(CONTENT) // 1024)


async def _port(session: Session, service: str) -> int:
    answer = await session.request("get", element(f"{{{BYTESTREAMS}}}query"), service)
    host = answer.find(f"{{{BYTESTREAMS}}}streamhost")
    if host is None or not host.get("port", "").isdecimal():
        raise failed(say("{service} does not say where apps meet", service=service))
    return int(host.get("port", "0"))


FEATURE = Feature(
    name="file_proxy",
    title=say("Files from app to app"),
    summary=say("Older apps hand each other files of any size, which the server does not keep."),
    settings=FileProxyAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0065",),
)
