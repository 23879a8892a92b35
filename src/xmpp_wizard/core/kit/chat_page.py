"""A page of this server to chat on, looked at as a browser does: it must be whole, and load nothing from others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from re import DOTALL, findall, search

from xmpp_wizard.core.kit.bench import Bench, HttpAnswer
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.text import say

PATH = "/chat"
MODULES = ("page_frame", "web_chat")
"""Of our own, on each host with such a page."""
TYPES = {
    "css": "text/css",
    "ico": "image/x-icon",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
}
"""As what browsers must be told of such files; under any other name they do not use them."""
LATER = ("converse.min.css", "converse.min.js", "emoji.json", "libomemo.esm.min.js", "curve25519_compiled.wasm")
"""What pages ask for by themselves: Converse.js, and what that needs for pictures in text and for encryption."""
_PARTS = r'<(?:link rel="(?:icon|stylesheet)" href|script (?:type="module" )?src)="([^"]+)"'


@dataclass(frozen=True, slots=True)
class ChatPage:
    """A page, where it is, and what it tells Converse.js."""

    url: str
    """Its own address, without a query."""
    text: str
    settings: Mapping[str, object]

    @property
    def origin(self) -> str:
        """The address of the whole site."""
        return self.url.removesuffix(PATH)


def query_for(room: str) -> str:
    """Return what leads from the page for guests to that of a room; nothing without one."""
    return f"?room={''.join(f'%{byte:02X}' for byte in room.encode())}" if room else ""


async def open_page(bench: Bench, host: str, room: str = "") -> ChatPage:
    """Return the page of a host (A-labels), wherever it says that it is, such as where a domain leads elsewhere.

    Raises:
        ProofFailedError: there is none, or it lets scripts of others in.
    """
    url = f"https://{host}:{bench.ports()['websocket']}{PATH}"
    for _ in range(2):
        answer = await bench.http("GET", url + query_for(room))
        own = search(rb'<link rel="canonical" href="([^"]+)"', answer.body)
        if answer.status != HTTPStatus.OK or own is None:
            raise failed(say("{url} answers with status {status}", url=url, status=answer.status))
        if own[1].decode() == url:
            break
        url = own[1].decode()
    return _page(url, answer)


def _page(url: str, answer: HttpAnswer) -> ChatPage:
    text = answer.body.decode("utf-8", "replace")
    _check_policy(answer.headers.get("Content-Security-Policy", ""))
    found = search(r'<script type="application/json" id="settings">(.*?)</script>', text, DOTALL)
    told = json.loads(found[1]) if found else {}
    return ChatPage(url, text, told if isinstance(told, dict) else {})


def _check_policy(policy: str) -> None:
    """Refuse a policy by which a browser would run what others put into the page."""
    rules = {words[0]: words[1:] for rule in policy.split(";") if (words := rule.split())}
    if rules.get("default-src") != ["'none'"] or rules.get("script-src") != ["'self'", "'wasm-unsafe-eval'"]:
        raise failed(say("the page does not keep scripts of others out: {policy}", policy=policy or "-"))


async def check_parts(bench: Bench, page: ChatPage) -> int:
    """Get all that the page is made of, and see that it connects to this server; return how many files there are.

    Raises:
        ProofFailedError: something is missing, of another type than browsers want, or somebody else's.
    """
    assets = page.settings.get("assets_path")
    parts = dict.fromkeys((*findall(_PARTS, page.text), *(f"{assets}/{name}" for name in LATER)))
    for part in parts:
        await _check_file(bench, page.origin, part if "://" in part else page.origin + part)
    found = json.loads((await bench.http("GET", f"{page.origin}/.well-known/host-meta.json")).body)
    if page.settings.get("websocket_url") not in {link.get("href") for link in found["links"]}:
        raise failed(say("the page connects to {url}", url=str(page.settings.get("websocket_url"))))
    return len(parts)


async def _check_file(bench: Bench, origin: str, url: str) -> None:
    """Get a file of the page, which must be ours and of the type that browsers want."""
    if not url.startswith(f"{origin}/"):
        raise failed(say("the page loads {url} from somebody else", url=url))
    answer = await bench.http("GET", url)
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    wanted = TYPES.get(url.rpartition(".")[2], "")
    if answer.status != HTTPStatus.OK or (wanted and kind != wanted):
        raise failed(say("{url} answers with status {status} as {kind}", url=url, status=answer.status, kind=kind))
