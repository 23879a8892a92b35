"""Chat in the browser: Converse.js from the server's own image, which logs in over WebSocket (RFC 7395)."""

from __future__ import annotations

import json
from http import HTTPStatus
from re import DOTALL, findall, search

from xmpp_wizard.core.kit import web
from xmpp_wizard.core.kit.bench import Bench, HttpAnswer
from xmpp_wizard.core.kit.feature import Contribution, Feature, Merge, Modules, Preset, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import ascii_name, prosody_name
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset()
"""None: its image is larger and takes longer to build, and a public certificate is needed to be of use."""
PATH = "/chat"
TYPES = {
    "css": "text/css",
    "ico": "image/x-icon",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
}
"""As what browsers must be told of such files; under any other name they do not use them."""
LATER = ("emoji.json", "libomemo.esm.min.js", "curve25519_compiled.wasm")
"""What Converse.js asks for by itself, for pictures in text and for end-to-end encryption."""


class WebChatAnswers(Switchable):
    """Chat without an app."""


def contribute(_answers: WebChatAnswers, site: Site) -> Contribution:
    """Return the page at ``/chat``, how it logs in, and the part of the image that it is made of."""
    return Contribution(
        modules=Modules(core=("http_altconnect", "websocket"), community=("join_pages", "password_policy", "web_chat")),
        settings={**web.https_settings(site), "http_paths": Merge({"websocket": "/xmpp-websocket"})},
        host_settings={**web.host_settings(site, site.web_host), "site_name": Set(site.title)},
        ports=(web.https_port(site),),
        image_parts=("web_chat",),
        chat_page=f"{site.web_url.rstrip('/')}{PATH}",
        proofs=PROOFS,
    )


async def prove_page(bench: Bench) -> Text:
    """Open the page as a browser does, get all that it is made of, and log in where and as it does."""
    url, page = await _page(bench)
    text = page.body.decode("utf-8", "replace")
    _check_policy(page.headers.get("Content-Security-Policy", ""))
    told = _settings(text)
    if told.get("locked_domain") != prosody_name(bench.domain):
        raise failed(say("the page logs in to {domain}", domain=str(told.get("locked_domain"))))
    shown = findall(r'<(?:link rel="(?:icon|stylesheet)" href|script type="module" src)="([^"]+)"', text)
    origin = url.removesuffix(PATH)
    for item in (*shown, *(f"{told.get('assets_path')}/{name}" for name in LATER)):
        await _check_file(bench, origin, item if "://" in item else origin + item)
    found = json.loads((await bench.http("GET", f"{origin}/.well-known/host-meta.json")).body)
    if told.get("websocket_url") not in {link.get("href") for link in found["links"]}:
        raise failed(say("the page connects to {url}", url=str(told.get("websocket_url"))))
    async with bench.log_in(bench.alice, "websocket"):
        return say("{count} files of its own, and the log-in works", count=len(shown) + len(LATER))


async def _page(bench: Bench) -> tuple[str, HttpAnswer]:
    """Return the page and its own address, which is another one where the domain itself leads elsewhere."""
    url = f"https://{ascii_name(bench.domain)}:{bench.ports()['websocket']}{PATH}"
    for _ in range(2):
        page = await bench.http("GET", url)
        own = search(rb'<link rel="canonical" href="([^"]+)"', page.body)
        if page.status != HTTPStatus.OK or own is None:
            raise failed(say("{url} answers with status {status}", url=url, status=page.status))
        if own[1].decode() == url:
            break
        url = own[1].decode()
    return url, page


def _check_policy(policy: str) -> None:
    """Refuse a policy by which a browser would run what others put into the page."""
    rules = {words[0]: words[1:] for rule in policy.split(";") if (words := rule.split())}
    if rules.get("default-src") != ["'none'"] or rules.get("script-src") != ["'self'", "'wasm-unsafe-eval'"]:
        raise failed(say("the page does not keep scripts of others out: {policy}", policy=policy or "-"))


def _settings(page: str) -> dict[str, object]:
    """Return what the page tells Converse.js."""
    found = search(r'<script type="application/json" id="settings">(.*?)</script>', page, DOTALL)
    told = json.loads(found[1]) if found else {}
    return told if isinstance(told, dict) else {}


async def _check_file(bench: Bench, origin: str, url: str) -> None:
    """Get a file of the page, which must be ours and of the type that browsers want."""
    if not url.startswith(f"{origin}/"):
        raise failed(say("the page loads {url} from somebody else", url=url))
    answer = await bench.http("GET", url)
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    wanted = TYPES.get(url.rpartition(".")[2], "")
    if answer.status != HTTPStatus.OK or (wanted and kind != wanted):
        raise failed(say("{url} answers with status {status} as {kind}", url=url, status=answer.status, kind=kind))


PROOFS = (ProofStep("web_chat", say("Chat in the browser"), prove_page),)


FEATURE = Feature(
    name="web_chat",
    title=say("Web chat"),
    summary=say("Chat in the browser without an app, on a page of yours that loads nothing from others."),
    settings=WebChatAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 7395",),
)
