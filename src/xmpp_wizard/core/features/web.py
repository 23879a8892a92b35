"""Browsers: WebSocket (RFC 7395), BOSH (XEP-0124, XEP-0206) and how apps find them (XEP-0156)."""

from __future__ import annotations

import json
from http import HTTPStatus
from xml.etree.ElementTree import ParseError, fromstring

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.kit import web
from xmpp_wizard.core.kit.bench import Bench, HttpAnswer
from xmpp_wizard.core.kit.feature import Contribution, Feature, Merge, Modules, Preset, ProofStep, Site
from xmpp_wizard.core.kit.proofs import failed, way_in
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))


class WebAnswers(Switchable):
    """Log-in from web apps."""


def contribute(_answers: WebAnswers, site: Site) -> Contribution:
    """Return both ways in over HTTPS and host-meta; cross-origin requests are allowed by Prosody's own rules."""
    return Contribution(
        modules=Modules(core=("bosh", "http_altconnect", "websocket")),
        settings={
            **web.https_settings(site),
            "http_paths": Merge({"bosh": "/http-bind", "websocket": "/xmpp-websocket"}),
        },
        host_settings=web.host_settings(site, site.web_host),
        proofs=PROOFS,
        ports=(web.https_port(site),),
    )


BOSH = "http://jabber.org/protocol/httpbind"
ALTERNATIVES = "urn:xmpp:alt-connections:"


async def prove_websocket(bench: Bench) -> Text:
    """Log in over WebSocket, found as web apps find it."""
    async with bench.log_in(bench.alice, "websocket") as session:
        return way_in(session)


async def prove_host_meta(bench: Bench) -> Text:
    """Read both forms of host-meta (XEP-0156): they must name the same ways in, over TLS."""
    base = f"https://{ascii_name(bench.domain)}:{bench.ports()['websocket']}/.well-known/host-meta"
    json_answer = await bench.http("GET", f"{base}.json")
    xml_answer = await bench.http("GET", base)
    try:
        links = {str(link["rel"]): str(link["href"]) for link in json.loads(json_answer.body)["links"]}
        items = fromstring(xml_answer.body).iter("{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link")  # noqa: S314 ours
        other = {item.get("rel", ""): item.get("href", "") for item in items}
    except (ValueError, KeyError, TypeError, ParseError) as error:
        raise _wrong("host-meta", xml_answer if json_answer.status == HTTPStatus.OK else json_answer) from error
    schemes = {"websocket": "wss://", "xbosh": "https://"}
    for name, scheme in schemes.items():
        url = links.get(ALTERNATIVES + name, "")
        if not url.startswith(scheme) or url != other.get(ALTERNATIVES + name):
            raise failed(say("host-meta names {url} for {name}", url=url or "nothing", name=name))
    return say("{url}", url=links[f"{ALTERNATIVES}websocket"])


async def prove_bosh(bench: Bench) -> Text:
    """Open and close a session over plain HTTP requests."""
    url = f"https://{ascii_name(bench.domain)}:{bench.ports()['websocket']}/http-bind"
    opening = f"<body xmlns='{BOSH}' to='{bench.domain}' rid='1' wait='1' hold='0' ver='1.6' xml:lang='en'/>"
    answer = await bench.http("POST", url, headers={"Content-Type": "text/xml; charset=utf-8"}, body=opening.encode())
    try:
        session = fromstring(answer.body).get("sid")  # noqa: S314 from our own server
    except ParseError as error:
        raise _wrong("BOSH", answer) from error
    if not session:
        raise _wrong("BOSH", answer)
    end = f"<body xmlns='{BOSH}' sid='{session}' rid='2' type='terminate'/>"
    await bench.http("POST", url, headers={"Content-Type": "text/xml; charset=utf-8"}, body=end.encode())
    return say("it opens a session")


def _wrong(what: str, answer: HttpAnswer) -> ProofFailedError:
    start = answer.body[:60].decode("utf-8", "replace")
    return failed(say("{what} answers with status {status}: {start}", what=what, status=answer.status, start=start))


PROOFS = (
    ProofStep("websocket", say("Log in (WebSocket)"), prove_websocket),
    ProofStep("host_meta", say("Web apps find the server"), prove_host_meta),
    ProofStep("bosh", say("Log in by HTTP requests (BOSH)"), prove_bosh),
)


FEATURE = Feature(
    name="web",
    title=say("Web apps"),
    summary=say("Log-in from web apps, and from networks that let only the web through."),
    settings=WebAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 7395", "XEP-0124", "XEP-0156", "XEP-0206"),
)
