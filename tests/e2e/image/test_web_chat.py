"""The page for chat in the browser: its files, and nothing but them, as browsers are to take them."""

from __future__ import annotations

import gzip
import http.client
import json
import re
from collections.abc import Iterator

import pytest
from tests.e2e.image.running import Image, Running

pytestmark = pytest.mark.e2e

SCRIPT = "console.log('hello')" * 20
KNOWN_ELSEWHERE = {"tokens.example": "signed_token", "directory.example": "directory"}
SITE = "Us & </script><script>them"


@pytest.fixture(scope="module")
def chat(prosody: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start a server with the page; in Converse's place lies a folder with two files."""
    folder = tmp_path_factory.mktemp("chat")
    converse = folder / "converse" / "1.2.3"
    (converse / "sounds").mkdir(parents=True)
    (converse / "converse.min.js").write_text(SCRIPT)
    (converse / "converse.min.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (converse / "sounds" / "bell.mp3").write_bytes(b"ding")
    (folder / "conf.d").mkdir()
    (folder / "conf.d" / "chat.cfg.lua").write_text(
        f"site_name = {json.dumps(SITE)}\njoin_pages_form = true\n"
        # each at a name of its own, or both would answer to the same and whichever starts last would win
        + "".join(
            f'VirtualHost "{host}"\nhttp_host = "{host}"\nhttp_external_url = "https://{host}/"\n'
            for host in ("a.example", "a.a.example")
        )
        # the log-in itself is not there, which the page need not know
        + "".join(
            f'VirtualHost "{host}"\nhttp_host = "{host}"\nauthentication = "{way}"\n'
            for host, way in KNOWN_ELSEWHERE.items()
        )
    )
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    variables = {
        "PROSODY_VIRTUAL_HOSTS": ", ".join(("a.example", "a.a.example", *KNOWN_ELSEWHERE)),
        "PROSODY_ENABLE_MODULES": "web_chat, join_pages, password_policy",
        # those of the domain below are not this one's, though their names end the same and come first
        "PROSODY_COMPONENTS": "share.a.example:http_file_share, rooms.a.example:muc, rooms.a.a.example:muc",
        "PROSODY_HTTP_INTERFACES": "*",
    }
    mounted = {
        str(folder / "conf.d"): {"bind": "/etc/prosody/conf.d", "mode": "ro"},
        str(folder / "converse"): {"bind": "/usr/share/converse", "mode": "ro"},
    }
    with prosody.started(environment=variables, volumes=mounted) as running:
        running.wait_for_stream("a.example")
        yield running


def get(running: Running, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Ask for a path exactly as it is given."""
    connection = http.client.HTTPConnection(running.address, 5280, timeout=10)
    connection.request("GET", path, headers={"Host": "a.example", **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def settings(page: str) -> dict[str, object]:
    """Return what the page tells Converse.js."""
    found = re.search(r'<script type="application/json" id="settings">(.*?)</script>', page, re.DOTALL)
    assert found, page
    told: dict[str, object] = json.loads(found[1])
    return told


def test_the_page_knows_only_this_server(chat: Running) -> None:
    status, headers, body = get(chat, "/chat")
    page = body.decode()
    assert status == 200
    assert "Us &amp; &lt;/script&gt;&lt;script&gt;them" in page
    assert "<script>them" not in page
    told = settings(page)
    assert told["locked_domain"] == "a.example"
    assert told["websocket_url"] == "wss://a.example/xmpp-websocket"
    assert told["assets_path"] == "/chat/1.2.3"
    assert told["muc_domain"] == "rooms.a.example"
    assert told["allow_registration"] is False
    policy = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["connect-src"].split()[:2] == ["'self'", "wss://a.example"]
    hosts = set(re.findall(r"(?:https|wss)://([^/ ;]+)", headers["Content-Security-Policy"]))
    assert hosts <= {"a.example", "share.a.example"}
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Access-Control-Allow-Origin"] is None


def test_the_page_speaks_the_visitors_language_and_leads_to_the_form(chat: Running) -> None:
    for language, words in (("de-AT,de;q=0.9", "Noch kein Konto?"), ("en", "No account yet?"), ("fr", "No account")):
        page = get(chat, "/chat", **{"Accept-Language": language})[2].decode()
        assert words in page
        assert '<a href="https://a.example/join">' in page


@pytest.mark.parametrize(
    ("host", "language", "words", "secret"),
    [
        ("tokens.example", "en", "The token is what your website gives you", "Token"),
        ("tokens.example", "de", "Den Token gibt Ihnen Ihre Website", "Token"),
        ("directory.example", "en", "that you have in your organization", None),
        ("directory.example", "de", "die Sie in Ihrer Organisation haben", None),
        ("a.example", "en", "No account yet?", None),
    ],
)
def test_the_page_says_what_opens_it(chat: Running, host: str, language: str, words: str, secret: str | None) -> None:
    page = get(chat, "/chat", Host=host, **{"Accept-Language": language})[2].decode()
    found = re.search(r'data-secret="([^"]+)"', page)
    assert (words in page, found and found[1]) == (True, secret), page


def test_files_come_compressed_to_those_who_take_it_and_stay_with_the_browser(chat: Running) -> None:
    _, headers, body = get(chat, "/chat/1.2.3/converse.min.js", **{"Accept-Encoding": "br, gzip"})
    assert (headers["Content-Encoding"], gzip.decompress(body).decode()) == ("gzip", SCRIPT)
    status, headers, body = get(chat, "/chat/1.2.3/converse.min.js")
    assert (status, headers["Content-Encoding"], body.decode()) == (200, None, SCRIPT)
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in headers["Cache-Control"]
    assert get(chat, "/chat/1.2.3/sounds/bell.mp3")[2] == b"ding"
    assert get(chat, "/chat/page/look.js")[1]["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/chat/1.2.3/../../../../etc/passwd",
        "/chat/1.2.3/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/chat/1.2.3//etc/passwd",
        "/chat/1.2.3/converse.min.js.gz",
        "/chat/1.2.3/sounds/",
        "/chat/1.2.3/none.js",
        "/chat/page/../mod_web_chat.lua",
        "/chat/page/",
    ],
)
def test_nothing_else_is_handed_out(chat: Running, path: str) -> None:
    status, _, body = get(chat, path)
    assert status in (400, 404), body
    assert b"root:" not in body


def test_an_image_without_it_has_no_page(prosody: Image) -> None:
    variables = {
        "PROSODY_VIRTUAL_HOSTS": "a.example, a.a.example",
        "PROSODY_ENABLE_MODULES": "web_chat, password_policy",
        "PROSODY_HTTP_INTERFACES": "*",
    }
    with prosody.started(environment=variables) as running:
        running.wait_for_stream("a.example")
        assert get(running, "/chat")[0] == 404
        running.wait_for_log("without web chat")
