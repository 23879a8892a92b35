"""Web chat adds a part to Prosody's image and a page of the server's own, and its proof sees what is wrong there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from tests.servers import config, host, server

from xmpp_wizard.core.apps import platforms
from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.features.web_chat import prove_page
from xmpp_wizard.core.kit import bench as benches
from xmpp_wizard.core.kit.bench import HttpAnswer
from xmpp_wizard.core.rendering.render import image_tag

ON = "features.web_chat.enabled = true\n"
HOME = "https://fam.example:443"
POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"
TOLD = {"locked_domain": "fam.example", "websocket_url": "wss://fam.example/ws", "assets_path": "/chat/1"}
PAGE = """<link rel="canonical" href="https://fam.example:443/chat">
<link rel="stylesheet" href="/chat/1/converse.min.css">
<script type="application/json" id="settings">SETTINGS</script>
<script type="module" src="/chat/1/converse.min.js"></script>
<a href="https://conversejs.org">Converse.js</a>"""
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript", "json": "application/json"}


def image_of(text: str = "") -> str:
    """Return the image of Prosody's container."""
    return next(spec.image for spec in server(text).containers if spec.name == "prosody")


def test_only_with_it_the_image_has_more_in_it() -> None:
    assert image_of() == "prosody"
    assert image_of(ON) == "prosody+web_chat"
    for name in ("minimal", "family", "company", "public"):
        assert image_of(f'features.preset = "{name}"') == "prosody", name


def test_an_image_of_parts_has_the_name_of_the_first() -> None:
    assert image_tag("prosody+web_chat", {}).startswith("xmpp-wizard/prosody:")


def test_each_domain_has_its_page_and_its_way_in() -> None:
    found = config(f'{ON}extra_domains = ["other.example"]')
    assert found.options["http_paths"]["websocket"] == "/xmpp-websocket"
    assert {"web_chat", "websocket", "http_altconnect"} <= set(found.options["modules_enabled"])
    for name in ("fam.example", "other.example"):
        assert host(found, name)["http_external_url"] == f"https://{name}/"


def test_it_moves_with_the_web_pages_to_the_servers_own_name() -> None:
    assert server(ON).chat_page == "https://fam.example/chat"
    assert server(f'{ON}network.host = "xmpp.fam.example"').chat_page == "https://xmpp.fam.example/chat"
    assert server(f"{ON}network.https_port = 8443").chat_page == "https://fam.example:8443/chat"
    assert server().chat_page == ""


def test_people_are_led_to_it_and_not_to_the_page_of_others() -> None:
    page = "https://fam.example/chat"
    for has_browser in (True, False):
        (own,) = [item for item in platforms(has_browser=has_browser, chat_page=page) if str(item.title) == "Browser"]
        assert own.apps == (("Web chat", page),)
    assert "Browser" not in {str(item.title) for item in platforms(has_browser=False)}
    assert len(platforms(has_browser=True, chat_page=page)) == len(platforms(has_browser=True))


class Bench:
    """A server with one page, told apart from a good one by what a test changes."""

    domain = "fam.example"
    alice = None

    def __init__(self, told: Mapping[str, str], page: str, policy: str, types: Mapping[str, str]) -> None:
        """Take the settings in the page, the page, its policy and the types of files."""
        self._page = page.replace("SETTINGS", json.dumps(told))
        self._policy = policy
        self._types = types

    def ports(self) -> Mapping[str, int]:
        """Return the one way in."""
        return {"websocket": 443}

    async def http(self, _method: str, url: str) -> HttpAnswer:
        """Answer as the server of the test."""
        if url == f"{HOME}/chat":
            return HttpAnswer(200, {"Content-Security-Policy": self._policy}, self._page.encode())
        if url == f"{HOME}/.well-known/host-meta.json":
            links = [{"rel": "urn:xmpp:alt-connections:websocket", "href": "wss://fam.example/ws"}]
            return HttpAnswer(200, {}, json.dumps({"links": links}).encode())
        kind = self._types.get(url.rpartition(".")[2], "application/wasm")
        return HttpAnswer(200 if kind else 404, {"Content-Type": kind}, b"")

    @asynccontextmanager
    async def log_in(self, _account: object, via: str) -> AsyncIterator[None]:
        """Let everybody in."""
        assert via == "websocket"
        yield


async def prove(
    told: Mapping[str, str] = TOLD, page: str = PAGE, policy: str = POLICY, types: Mapping[str, str] = TYPES
) -> str:
    """Return what the proof says of a server."""
    return str(await prove_page(cast("benches.Bench", Bench(told, page, policy, types))))


async def test_a_good_page_is_proven() -> None:
    assert await prove() == "5 files of its own, and the log-in works"


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"policy": ""}, "does not keep scripts of others out"),
        ({"policy": POLICY.replace("'wasm", "'unsafe-inline' 'wasm")}, "does not keep scripts of others out"),
        ({"told": {**TOLD, "locked_domain": "evil.example"}}, "logs in to evil.example"),
        ({"told": {**TOLD, "websocket_url": "wss://evil.example/ws"}}, "connects to wss://evil.example/ws"),
        ({"page": PAGE.replace('src="', 'src="https://evil.example')}, "loads https://evil.example/chat/1/converse"),
        ({"types": {**TYPES, "js": "text/plain"}}, "as text/plain"),
        ({"types": {**TYPES, "css": ""}}, "status 404"),
        ({"page": "<h1>Not here</h1>"}, "answers with status 200"),
        ({"page": PAGE.replace("settings", "others")}, "logs in to None"),
    ],
)
async def test_a_page_that_is_not_as_it_must_be_is_told(broken: dict[str, Any], words: str) -> None:
    with pytest.raises(ProofFailedError, match=words):
        await prove(**broken)
