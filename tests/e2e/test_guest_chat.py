"""Guests in a real browser: they come in by a link, talk, and are gone when they leave; closed rooms stay closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from tests.e2e.server.browser import PROGRAM, Page, browse
from tests.e2e.server.machine import Server
from tests.e2e.server.proving import proven, red
from tests.e2e.server.visitors import MUC, configure, enter, guest
from tests.e2e.server.xmpp import Client

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.skipif(not PROGRAM.exists(), reason="Chromium is no package here"),
]

TITLE = "The House & <b>Garden</b>"
IDN = "bücher.example"
PER_ADDRESS = 6
ON: dict[str, Any] = {
    "title": TITLE,
    "admins": ["boss"],
    "extra_domains": [IDN],
    "features.web_chat.enabled": True,
    "features.public_channels.enabled": True,
    "features.public_channels.channels": ["lobby"],
    "features.guests.enabled": True,
    "features.guests.per_address": PER_ADDRESS,
}
NAME = "<img src=https://evil.example/a.png>"
IS_IN = "document.querySelector('textarea.chat-textarea')"


@pytest.fixture(scope="module")
def house(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give one server with a lobby for guests on each domain."""
    assert image
    with Server(tmp_path_factory.mktemp("house")) as server:
        server.apply(ON)
        for name in ("ann", "boss"):
            server.add_user(name)
        yield server


@asynccontextmanager
async def room_page(
    server: Server, folder: Path, room: str, domain: str = "", language: str = "en"
) -> AsyncIterator[Page]:
    """Open the page of a room in a fresh browser."""
    name = f"guests.{domain or server.domain}"
    async with browse(folder / "browser", name, server.address, server.authority(), language) as page:
        await page.open(f"https://{name}/chat?room={room}")
        await page.until("document.querySelector('#nickname:focus')")
        yield page


async def come_in(page: Page, name: str = "visitor") -> None:
    """Type a name where the cursor is, and press Enter."""
    await page.call("Input.insertText", text=name)
    await page.press_enter()


async def shown(page: Page, words: str) -> None:
    """Wait until the words stand on the page."""
    await page.until(f"document.body?.innerText.includes({json.dumps(words)})")


def comes(client: Client, room: str, name: str) -> None:
    """Wait until somebody is in the room."""
    client.wait(lambda stanza: stanza.get("from") == f"{room}/{name}" and stanza.get("type") is None)


def goes(client: Client, room: str, name: str) -> None:
    """Wait until somebody has left the room."""
    client.wait(lambda stanza: stanza.get("from") == f"{room}/{name}" and stanza.get("type") == "unavailable")


def hears(client: Client, words: str) -> None:
    """Wait until somebody is told this."""
    while client.hear() != ("message", words):
        pass


async def test_a_guest_comes_in_talks_and_leaves(house: Server, tmp_path: Path) -> None:
    lobby = f"lobby@channels.{house.domain}"
    with house.log_in() as ann:
        ann.send(f"<presence to={quoteattr(f'{lobby}/{NAME}')}><x xmlns='{MUC}'/></presence>")
        await asyncio.to_thread(comes, ann, lobby, NAME)
        async with room_page(house, tmp_path, lobby) as page:
            await shown(page, TITLE)
            await come_in(page)
            await page.until(IS_IN)
            await asyncio.to_thread(comes, ann, lobby, "visitor")
            await page.type("textarea.chat-textarea", "hello from a guest")
            await page.press_enter()
            await asyncio.to_thread(hears, ann, "hello from a guest")
            words = f"welcome {NAME} https://evil.example/b.png"
            ann.send(f"<message type='groupchat' to='{lobby}'><body>{escape(words)}</body></message>")
            await shown(page, words)
            await shown(page, NAME)
            assert await page.value("localStorage.length") == 0
            assert await page.value("indexedDB.databases().then((found) => found.length)") == 0
            await page.click("button.leave-server")
            await asyncio.to_thread(goes, ann, lobby, "visitor")
            await page.until("document.querySelector('#nickname')?.value == 'visitor'")
            assert not await page.value("[...document.querySelectorAll('.problem')].some((one) => !one.hidden)")
            assert await page.value("localStorage.length + sessionStorage.length") == 0
            assert page.hosts() == {f"guests.{house.domain}"}
            assert not page.complaints


async def test_who_closes_the_page_is_gone_at_once(house: Server, tmp_path: Path) -> None:
    lobby = f"lobby@channels.{house.domain}"
    with house.log_in() as ann:
        assert enter(ann, lobby, "ann") == ""
        async with room_page(house, tmp_path, "lobby") as page:
            await come_in(page)
            await asyncio.to_thread(comes, ann, lobby, "visitor")
            await page.call("Page.navigate", url="about:blank")
            await asyncio.to_thread(goes, ann, lobby, "visitor")
            shown_now = await asyncio.to_thread(house.inside, "prosodyctl", "shell", "c2s", "show")
            assert "guests." not in shown_now


async def test_where_it_is_full_the_page_says_so_and_tries_no_more(house: Server, tmp_path: Path) -> None:
    async with room_page(house, tmp_path, "lobby", language="de") as page:
        with ExitStack() as stack:
            for _ in range(PER_ADDRESS):
                stack.enter_context(guest(house))
            await come_in(page)
            await shown(page, "Sie konnten nicht eintreten")
            tried = sum(url.startswith("wss:") for url in page.requests)
            await asyncio.sleep(4)
            assert sum(url.startswith("wss:") for url in page.requests) == tried == 1
        await page.press_enter()
        await page.until(IS_IN)


async def test_who_is_thrown_out_is_told_and_stays_out(house: Server, tmp_path: Path) -> None:
    lobby = f"lobby@channels.{house.domain}"
    with house.log_in("boss") as boss:
        assert enter(boss, lobby, "boss") == ""
        async with room_page(house, tmp_path, "lobby") as page:
            await come_in(page, "pest")
            await asyncio.to_thread(comes, boss, lobby, "pest")
            item = "<item nick='pest' role='none'><reason>be kind</reason></item>"
            boss.send(f"<iq type='set' id='kick' to='{lobby}'><query xmlns='{MUC}#admin'>{item}</query></iq>")
            await asyncio.to_thread(goes, boss, lobby, "pest")
            await shown(page, "You have been kicked")
            await shown(page, "be kind")
            assert not await page.value(f"Boolean({IS_IN})")


async def test_a_name_that_somebody_has_is_asked_for_again(house: Server, tmp_path: Path) -> None:
    with house.log_in() as ann:
        assert enter(ann, f"lobby@channels.{house.domain}", "ann") == ""
        async with room_page(house, tmp_path, "lobby") as page:
            await come_in(page, "ann")
            await shown(page, "nickname")
            await page.until("document.querySelector('converse-muc-nickname-form input[name=nick]')")
            await page.type("converse-muc-nickname-form input[name=nick]", "2")
            await page.press_enter()
            await page.until(IS_IN)


async def test_a_room_that_is_closed_while_the_page_is_open_stays_closed(house: Server, tmp_path: Path) -> None:
    lobby = f"lobby@channels.{house.domain}"
    with house.log_in("boss") as boss:
        assert enter(boss, lobby, "boss") == ""
        async with room_page(house, tmp_path, "lobby") as page:
            configure(boss, lobby, {"membersonly": "1"})
            try:
                await come_in(page)
                await shown(page, "This room is not there, or not open to guests.")
                assert not await page.value(f"Boolean({IS_IN})")
            finally:
                configure(boss, lobby, {"membersonly": "0"})


async def test_each_domain_has_its_own_page_and_rooms(house: Server, tmp_path: Path) -> None:
    name = IDN.encode("idna").decode()
    async with room_page(house, tmp_path, "lobby", name) as page:
        await come_in(page)
        await page.until(IS_IN)
        assert await page.value("JSON.parse(document.querySelector('#settings').textContent).muc_domain") == (
            f"channels.{IDN}"
        )
        assert page.hosts() == {f"guests.{name}"}
        assert not page.complaints


async def test_a_small_phone_shows_all_of_it(house: Server, tmp_path: Path) -> None:
    async with room_page(house, tmp_path, "lobby") as page:
        await page.call("Emulation.setDeviceMetricsOverride", width=320, height=568, deviceScaleFactor=1, mobile=True)
        assert await page.value("document.documentElement.scrollWidth") == 320
        assert not await page.value("document.querySelector('#qr').checkVisibility()")
        await come_in(page)
        await page.until(IS_IN)
        for part in ("button.leave-server", "textarea.chat-textarea", "button.send-button"):
            place = await page.value(f"document.querySelector('{part}').getBoundingClientRect().toJSON()")
            assert 0 <= place["left"] < place["right"] <= 321, part
            assert 0 <= place["top"] < place["bottom"] <= 570, part


def test_the_proof_notices_what_is_broken(house: Server) -> None:
    assert red(proven(house)) == set()
    file = house.settings / "prosody" / "prosody.cfg.lua"
    good = file.read_text()
    try:
        for old, new in (
            ('\t"web_chat";\n', ""),
            (f'http_external_url = "https://guests.{house.domain}/"', 'http_external_url = "https://evil.example/"'),
        ):
            assert old in good, good
            file.write_text(good.replace(old, new))
            house.restart()
            assert "guest_page" in red(proven(house)), new
    finally:
        file.write_text(good)
        house.restart()


def test_without_guests_the_page_is_gone(house: Server) -> None:
    house.apply({**ON, "features.guests.enabled": False})
    found = proven(house)
    assert red(found) == set()
    assert "guest_page" not in found
    assert f"guests.{house.domain}" not in house.inside("cat", "/etc/prosody/prosody.cfg.lua")
    house.apply({**ON, "features.web_chat.enabled": False})
    found = proven(house)
    assert red(found) == set()
    assert ("guests" in found, "guest_page" in found) == (True, False)
