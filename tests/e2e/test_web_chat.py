"""Chat in a real browser: it logs in, sends and receives, and asks nobody but this server for anything."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import tarfile
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import docker
import pytest
from tests.e2e.server.browser import PROGRAM, Page, browse
from tests.e2e.server.machine import PASSWORD, Server, told

from xmpp_wizard.core.errors import BuildError
from xmpp_wizard.core.kit.tokens import signed
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.effects.docker_engine import DockerContainers

pytestmark = [pytest.mark.e2e, pytest.mark.long]
needs_browser = pytest.mark.skipif(not PROGRAM.exists(), reason="Chromium is no package here")

TITLE = "The House & Garden"
IDN = "bücher.example"
ON = {
    "features.web_chat.enabled": True,
    "features.sign_up.enabled": True,
    "title": TITLE,
    "extra_domains": [IDN],
}
IMAGE = "prosody+web_chat"
TRAP = (
    "<img src=https://evil.example/a.png> https://evil.example/b.png https://evil.example/c.mp4 "
    "[d](https://evil.example/d.png) https://www.youtube.com/watch?v=dQw4w9WgXcQ geo:52.5,13.4"
)


@pytest.fixture(scope="module")
def chatting(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give one server with web chat and two people."""
    assert image
    with Server(tmp_path_factory.mktemp("chatting")) as server:
        server.apply(ON)
        server.add_user("ann")
        server.add_user("bob")
        server.add_user(f"eve@{IDN}")
        yield server


@asynccontextmanager
async def chat_page(server: Server, folder: Path, host: str = "", language: str = "en") -> AsyncIterator[Page]:
    """Open the page in a fresh browser, as far as the form for the log-in."""
    name = host or server.domain
    async with browse(folder / "browser", name, server.address, server.authority(), language) as page:
        await page.open(f"https://{name}/chat")
        await page.until("document.querySelector('input[name=password]')")
        yield page


async def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the form and send it."""
    await page.type("input[name=jid]", name)
    await page.type("input[name=password]", password)
    await page.press_enter()


IS_IN = "document.querySelector('converse-user-profile')"


async def shown(page: Page, words: str) -> None:
    """Wait until the words stand on the page."""
    await page.until(f"document.body?.innerText.includes({json.dumps(words)})")


@needs_browser
async def test_somebody_logs_in_and_talks_with_an_app(chatting: Server, tmp_path: Path) -> None:
    async with chat_page(chatting, tmp_path) as page:
        await shown(page, TITLE)
        await log_in(page, "bob")
        await page.until(IS_IN)
        with chatting.log_in("ann") as ann:
            await page.value(f"location.hash = 'converse/chat?jid=ann@{chatting.domain}'")
            await page.until("document.querySelector('textarea.chat-textarea')")
            await page.type("textarea.chat-textarea", "hello from the browser")
            await page.press_enter()
            assert await asyncio.to_thread(ann.hear) == ("message", "hello from the browser")
            await asyncio.to_thread(ann.say, f"bob@{chatting.domain}", "hello from an app")
            await shown(page, "hello from an app")
        (tmp_path / "picture.png").write_bytes(await page.picture())
        assert page.hosts() == {chatting.domain}
        assert not page.complaints


@needs_browser
async def test_what_others_write_makes_the_browser_ask_nobody(chatting: Server, tmp_path: Path) -> None:
    async with chat_page(chatting, tmp_path) as page:
        await log_in(page, "bob")
        await page.until(IS_IN)
        with chatting.log_in("ann") as ann:
            await asyncio.to_thread(ann.say, f"bob@{chatting.domain}", TRAP)
            await asyncio.to_thread(ann.say, f"bob@{chatting.domain}", "the last one")
            await page.value(f"location.hash = 'converse/chat?jid=ann@{chatting.domain}'")
            await shown(page, "the last one")
            await shown(page, "<img src=")
        assert page.hosts() == {chatting.domain}


@needs_browser
@pytest.mark.parametrize(("name", "password"), [("bob", "wrong"), ("bob@other.example", PASSWORD), ("nobody", "x")])
async def test_only_people_of_this_server_get_in(chatting: Server, tmp_path: Path, name: str, password: str) -> None:
    async with chat_page(chatting, tmp_path) as page:
        await log_in(page, name, password)
        await page.until("document.querySelector('.conn-feedback .feedback-message')?.innerText")
        assert not await page.value(f"Boolean({IS_IN})")
        assert page.hosts() == {chatting.domain}


@needs_browser
async def test_each_domain_has_its_own_page(chatting: Server, tmp_path: Path) -> None:
    name = IDN.encode("idna").decode()
    async with chat_page(chatting, tmp_path, name) as page:
        await shown(page, f"@{IDN}")
        await log_in(page, "eve")
        await page.until(IS_IN)
        assert page.hosts() == {name}
        assert not page.complaints


@needs_browser
async def test_the_page_speaks_german_and_leads_to_the_form_for_new_accounts(chatting: Server, tmp_path: Path) -> None:
    async with chat_page(chatting, tmp_path, language="de") as page:
        for words in (TITLE, "Noch kein Konto?", "Anmelden"):
            await shown(page, words)
        assert "conversejs.org" not in {host.removeprefix("www.") for host in page.hosts()}
        await page.click("converse-footer a")
        await page.until("document.querySelector('form input[name=password]') && location.pathname == '/join'")


@needs_browser
async def test_it_moves_to_the_servers_own_name(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server()
    name = f"xmpp.{server.domain}"
    server.apply({"features.web_chat.enabled": True, "network.host": name})
    server.add_user("ann")
    async with chat_page(server, tmp_path, name) as page:
        await log_in(page, "ann")
        await page.until(IS_IN)
        assert page.hosts() == {name}
        assert not page.complaints
    proven = server.cli("prove")
    assert proven.returncode == 0, told(proven)


def invitation(server: Server) -> str:
    """Return the link of a new invitation for anybody."""
    return str(server.json("user", "invite")["invitation"])


@needs_browser
@pytest.mark.parametrize(("language", "card"), [("en", "In the browser"), ("de", "Im Browser")])
async def test_who_is_invited_chats_in_the_browser_at_once(
    chatting: Server, tmp_path: Path, language: str, card: str
) -> None:
    name = f"new-{language}"
    async with browse(tmp_path / "browser", chatting.domain, chatting.address, chatting.authority(), language) as page:
        await page.open(invitation(chatting))
        await page.until(f"document.querySelector('.apps h3')?.innerText == {json.dumps(card)}")
        await page.until("document.querySelector('.apps img').naturalWidth > 0")
        await page.click(".apps a.button")
        await page.until("document.querySelector('input[name=user]')")
        await page.type("input[name=user]", name)
        await page.type("input[name=password]", PASSWORD)
        await page.press_enter()
        await shown(page, f"{name}@{chatting.domain}")
        await page.click("main a.button")
        await page.until(f"document.querySelector('input[name=jid]')?.value == {json.dumps(name)}")
        await page.type("input[name=password]", PASSWORD)
        await page.press_enter()
        await page.until(IS_IN)
        assert page.hosts() == {chatting.domain}
        assert not page.complaints


@needs_browser
async def test_on_a_phone_apps_come_before_the_browser(chatting: Server, tmp_path: Path) -> None:
    async with browse(tmp_path / "browser", chatting.domain, chatting.address, chatting.authority()) as page:
        await page.call("Network.setUserAgentOverride", userAgent="Mozilla/5.0 (Linux; Android 16)")
        await page.open(invitation(chatting))
        await shown(page, "In the browser")
        names = await page.value("[...document.querySelector('.apps').querySelectorAll('h3')].map((h) => h.innerText)")
        assert names == ["Conversations", "yaxim", "In the browser"]


@needs_browser
async def test_a_link_with_a_name_of_somebody_else_gets_nobody_in(chatting: Server, tmp_path: Path) -> None:
    async with browse(tmp_path / "browser", chatting.domain, chatting.address, chatting.authority()) as page:
        name = '"><img src=https://evil.example/a.png>@evil.example'
        await page.open(f"https://{chatting.domain}/chat#name={quote(name)}&password=x")
        await page.until("document.querySelector('input[name=jid]')?.value")
        assert await page.value("document.querySelector('input[name=jid]').value") == name
        assert not await page.value("document.querySelector('input[name=password]').value")
        assert page.hosts() == {chatting.domain}
        assert not page.complaints


@needs_browser
async def test_where_people_have_tokens_it_asks_for_one(make_server: Callable[..., Server], tmp_path: Path) -> None:
    server = make_server()
    jwt = {"features.invitations.enabled": False, "features.jwt.enabled": True}
    server.apply({"features.web_chat.enabled": True, **jwt})
    async with chat_page(server, tmp_path, language="de") as page:
        await shown(page, "Den Token gibt Ihnen Ihre Website")
        await page.until("document.querySelector('input[name=password]').placeholder == 'Token'")
        assert await page.value("document.querySelector('input[name=password]').labels[0].innerText") == "Token"
        assert "Passwor" not in await page.value("document.body.innerText")
        await log_in(page, "ann", "no token")
        await shown(page, "Stimmt der Name, und gilt der Token noch?")
        assert not {"Passwort", "Kennwort"} & set((await page.value("document.body.innerText")).split())
        secret = (server.settings / "secrets" / "prosody" / "jwt").read_text().splitlines()[0]
        claims: dict[str, str | int] = {"sub": "ann", "aud": server.domain, "exp": int(time.time()) + 600}
        await log_in(page, "ann", signed(secret, claims))
        await page.until(IS_IN)
        assert not page.complaints


def test_the_proof_is_green_and_notices_what_is_broken(chatting: Server) -> None:
    assert step(chatting)["is_green"]
    file = chatting.settings / "prosody" / "prosody.cfg.lua"
    good = file.read_text()
    try:
        for old, new in (
            ("modules_disabled = {}", 'modules_disabled = { "web_chat" }'),
            (f'http_external_url = "https://{chatting.domain}/"', 'http_external_url = "https://evil.example/"'),
        ):
            assert old in good, good
            file.write_text(good.replace(old, new, 1))
            chatting.restart()
            assert not step(chatting)["is_green"]
    finally:
        file.write_text(good)
        chatting.restart()


def step(server: Server) -> dict[str, object]:
    """Return how the step of web chat came out."""
    events: list[dict[str, object]] = [json.loads(line) for line in server.cli("--json", "prove").stdout.splitlines()]
    return next(event for event in events if event["kind"] == "proof-ended" and event["name"] == "web_chat")


def test_switched_off_again_the_page_is_gone_and_people_stay(chatting: Server) -> None:
    chatting.apply({**ON, "features.web_chat.enabled": False})
    assert "No such file" in chatting.inside("ls", "/usr/share/converse")
    with chatting.log_in("ann") as ann:
        ann.ping()
    chatting.apply(ON)
    assert step(chatting)["is_green"]


# --- where it comes from


class Registry(ThreadingHTTPServer):
    """A registry of npm that has another file under Converse's name, on this machine's side of the engine's bridge."""

    def __init__(self) -> None:
        """Listen where builds can come to."""
        with closing(docker.from_env()) as engine:
            gateway = engine.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
        super().__init__((gateway, 0), _Package)
        self.asked: list[str] = []
        self.refusals = 0
        """How often it is too busy at first."""
        self.url = f"http://{gateway}:{self.server_address[1]}/"


class _Package(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        """Hand out a package with a hash that fits, as somebody who wants to be believed."""
        self.server.asked.append(self.path)
        if len(self.server.asked) <= self.server.refusals:
            self.send_error(429)
            return
        dist = {
            "tarball": f"{self.server.url}converse.js/-/converse.js-14.0.0.tgz",
            "integrity": f"sha512-{base64.b64encode(hashlib.sha512(PACKAGE).digest()).decode()}",
        }
        version = {"name": "converse.js", "version": "14.0.0", "dist": dist}
        about = {"name": "converse.js", "dist-tags": {"latest": "14.0.0"}, "versions": {"14.0.0": version}}
        body = PACKAGE if self.path.endswith(".tgz") else json.dumps(about).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def _package() -> bytes:
    files = {"package.json": b'{"name": "converse.js", "version": "14.0.0"}', "dist/converse.min.js": b"steal()"}
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files.items():
            item = tarfile.TarInfo(f"package/{name}")
            item.size = len(content)
            archive.addfile(item, io.BytesIO(content))
    return target.getvalue()


PACKAGE = _package()


@pytest.fixture
def registry() -> Iterator[Registry]:
    """Run such a registry."""
    with Registry() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def refused(registry: str, monkeypatch: pytest.MonkeyPatch) -> BuildError:
    """Build the image with this registry; return the error that ends it, after which there must be no image."""
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", registry)
    tag = f"xmpp-wizard-test:{uuid.uuid4().hex[:12]}"
    engine = DockerContainers()
    with pytest.raises(BuildError) as caught:
        engine.build(IMAGE, tag, ShippedAppliance().image(IMAGE), {}, lambda _: None)
    assert not engine.has_image(tag)
    return caught.value


def test_a_registry_is_asked_again_and_another_file_than_the_one_looked_at_is_refused(
    image: str, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert image
    registry.refusals = 1
    error = refused(registry.url, monkeypatch)
    assert any(path.endswith(".tgz") for path in registry.asked)
    assert "not what its makers published" in str(error)
    assert "hands out another file" in str(error.hint)


def test_a_registry_that_cannot_be_reached_is_told(
    image: str, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert image
    away = registry.url.replace(str(registry.server_address[1]), "1")
    error = refused(away, monkeypatch)
    assert "npm: code ECONNREFUSED" in str(error).splitlines()
    assert "could not be had" in str(error.hint)
