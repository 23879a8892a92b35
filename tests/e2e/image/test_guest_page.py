"""The page for guests: it leads into rooms of this server that are open to them, and into no other."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest
from tests.e2e.image.running import Image, Running

pytestmark = pytest.mark.e2e

HOST = "guests.a.example"
TITLE = "<script>steal()</script> & </script>"
SITE = "Us & </script><script>them"
OPEN = f"lobby@rooms.a.example r:set_public(true); r:set_name({json.dumps(TITLE)})"
CLOSED = {
    "hidden": "r:set_public(false)",
    "members": "r:set_public(true); r:set_members_only(true)",
    "locked": 'r:set_public(true); r:set_password("x")',
    "gone": 'r:set_public(true); r:destroy(nil, "over")',
}


@pytest.fixture(scope="module")
def house(prosody: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start a server with a host for guests and rooms of all kinds; in Converse's place lies an empty folder."""
    folder = tmp_path_factory.mktemp("guests")
    (folder / "converse" / "1.2.3").mkdir(parents=True)
    (folder / "conf.d").mkdir()
    (folder / "conf.d" / "guests.cfg.lua").write_text(
        f'VirtualHost "{HOST}"\nauthentication = "anonymous"\nsite_name = {json.dumps(SITE)}\n'
        f'http_host = "{HOST}"\nhttp_external_url = "https://{HOST}/"\n'
    )
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    variables = {
        "PROSODY_VIRTUAL_HOSTS": f"a.example, b.example, {HOST}",
        "PROSODY_ENABLE_MODULES": "web_chat, guest_house",
        "PROSODY_COMPONENTS": "share.a.example:http_file_share, a.b.example:muc, rooms.a.example:muc",
        "PROSODY_HTTP_INTERFACES": "*",
    }
    mounted = {
        str(folder / "conf.d"): {"bind": "/etc/prosody/conf.d", "mode": "ro"},
        str(folder / "converse"): {"bind": "/usr/share/converse", "mode": "ro"},
    }
    with prosody.started(environment=variables, volumes=mounted) as running:
        running.wait_for_stream(HOST)
        for wish in (
            OPEN,
            OPEN.replace("rooms.a", "a.b"),
            OPEN.replace("lobby@rooms.a", "club@a.b"),
            *(f"{name}@rooms.a.example {CLOSED[name]}" for name in CLOSED),
        ):
            make(running, *wish.split(" ", 1))
        there = running.prosodyctl("shell", "muc", "list", "rooms.a.example")
        assert all(f"{name}@rooms.a.example" in there for name in ("lobby", "hidden", "members", "locked")), there
        yield running


def make(running: Running, address: str, settings: str) -> None:
    """Make a room."""
    service = address.partition("@")[2]
    room = f'prosody.hosts["{service}"].modules.muc.create_room("{address}")'
    running.prosodyctl("shell", f"> local r = {room}; r:set_persistent(true); r:save(true); {settings} return true")


def get(running: Running, query: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    """Ask for the page."""
    connection = http.client.HTTPConnection(running.address, 5280, timeout=10)
    connection.request("GET", f"/chat{query}", headers={"Host": HOST, **headers})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, body


@pytest.mark.parametrize("room", ["lobby", "lobby@rooms.a.example", "LOBBY@rooms.a.example"])
def test_the_page_leads_into_the_room_that_the_link_names(house: Running, room: str) -> None:
    status, headers, page = get(house, f"?room={quote(room)}")
    found = re.search(r'<script type="application/json" id="settings">(.*?)</script>', page, re.DOTALL)
    assert (status, bool(found)) == (200, True), page
    assert found
    told = json.loads(found[1])
    # of two rooms with this name the one of the guests' own domain
    assert told["auto_join_rooms"] == ["lobby@rooms.a.example"]
    assert (told["authentication"], told["jid"], told["singleton"]) == ("anonymous", HOST, True)
    assert told["websocket_url"] == f"wss://{HOST}/xmpp-websocket"
    assert "<script>steal" not in page
    assert "<script>them" not in page
    assert TITLE in unescape(page)
    policy = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self' 'wasm-unsafe-eval'")
    assert set(re.findall(r"(?:https|wss)://([^/ ;]+)", headers["Content-Security-Policy"])) <= {
        HOST,
        "share.a.example",
    }
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(
    "room",
    [
        *CLOSED,
        "club",
        *(f"{name}@rooms.a.example" for name in CLOSED),
        "nobody",
        "lobby@elsewhere.example",
        "lobby@a.example",
        "rooms.a.example",
        "lobby@rooms.a.example/ann",
        "lobby@rooms.a.example&room=lobby@elsewhere.example",
        "@rooms.a.example",
        "lobby@",
        "@",
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>@rooms.a.example',
        "lo\0bby",
        "\udcff",
        "x" * 5000,
    ],
)
def test_no_other_room_has_a_page_and_all_are_told_the_same(house: Running, room: str) -> None:
    status, _, page = get(house, f"?room={quote(room, safe='&=', errors='surrogateescape')}")
    assert status == 404, page
    assert "not there, or not open to guests" in page
    assert 'id="settings"' not in page
    assert "alert" not in page.replace('role="alert"', "")
    assert "Us &amp; " in page


def test_without_a_room_those_that_are_listed_are_shown(house: Running) -> None:
    status, _, page = get(house)
    assert status == 200
    links = [unescape(link) for link in re.findall(r'<li><a href="([^"]+)"', page)]
    addresses = ("lobby%40rooms.a.example", "club%40a.b.example", "lobby%40a.b.example")
    assert links[0].endswith(addresses[0])
    assert set(links) == {f"https://{HOST}/chat?room={address}" for address in addresses}
    assert "<script>steal" not in page


def test_it_speaks_german(house: Running) -> None:
    german = {"Accept-Language": "de-AT,en;q=0.5"}
    assert "Eintreten" in get(house, "?room=lobby", **german)[2]
    assert "Diesen Raum gibt es nicht" in get(house, "?room=nobody", **german)[2]
    assert "Als Gast auf" in get(house, **german)[2]


def test_a_host_for_guests_has_no_page_to_join(house: Running) -> None:
    for path in ("/../join", "/../register", "/../invite"):
        assert get(house, path)[0] == 404
