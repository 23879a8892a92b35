"""Modules that the admin chooses: loaded, read again after a change, and looked at before anything is interrupted."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.server.machine import Server, told
from tests.e2e.server.proving import proven, red
from tests.https_site import HttpsSite, https_site

pytestmark = pytest.mark.e2e

HELLO = """module:hook("message/host", function (event)
	module:send(require "prosody.util.stanza".reply(event.stanza):text_tag("body", "%s"));
	return true;
end);
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A module of the admin's that answers whoever writes to the server."""
    path = tmp_path / "mod_hello.lua"
    path.write_text(HELLO % "hello")
    return path


def test_own_and_community_modules_run_and_are_read_again(running: Server, module: Path) -> None:
    wish = {"features.own_modules.files": [str(module)], "features.own_modules.community": ["lastlog2"]}
    running.apply(wish)
    assert not red(proven(running))
    with running.log_in() as client:
        client.say(running.domain, "anybody there?")
        assert client.hear() == ("message", "hello")
    assert "lastlog2" in running.inside("prosodyctl", "shell", "module", "list", running.domain)
    module.write_text(HELLO % "hello again")
    running.apply(wish)
    with running.log_in() as client:
        client.say(running.domain, "anybody there?")
        assert client.hear() == ("message", "hello again")
    running.apply()
    with running.log_in() as client:
        client.say(running.domain, "anybody there?")
        assert client.hear()[0] == "error"


@pytest.mark.parametrize(
    ("community", "text", "words"),
    [
        ([], HELLO + "end end", "mod_hello.lua:5: <eof> expected near 'end'"),
        (["no_such_thing"], HELLO, "there is no community module no_such_thing (features.own_modules.community)"),
        (["csi_battery_saver"], HELLO, "the community module csi_battery_saver needs track_muc_joins"),
    ],
)
def test_what_is_wrong_is_named_before_the_server_is_interrupted(
    running: Server, module: Path, community: list[str], text: str, words: str
) -> None:
    running.apply()
    began = running.started_at()
    module.write_text(text)
    done = running.try_apply({"features.own_modules.files": [str(module)], "features.own_modules.community": community})
    assert done.returncode in (3, 6), told(done)
    assert words in " ".join(done.stderr.split()), told(done)
    assert running.started_at() == began
    running.apply()


@pytest.fixture
def site(running: Server, tmp_path: Path) -> Iterator[HttpsSite]:
    """Give a web server whose authority the program trusts, as by the same variable on an admin's machine."""
    before = dict(running.environment)
    with https_site(tmp_path) as site:
        running.environment["REQUESTS_CA_BUNDLE"] = site.roots
        yield site
    running.environment.clear()
    running.environment.update(before)


def pinned(site: HttpsSite, content: str, path: str = "/raw/mod_hello.lua") -> dict[str, Any]:
    """Return the answers that have a module fetched whose content was looked at."""
    checksum = hashlib.sha256(content.encode()).hexdigest()
    entry = {"name": "hello", "url": f"{site.url}{path}", "sha256": checksum}
    return {"features.own_modules.fetched": [entry]}


def test_a_module_from_the_web_runs_and_is_asked_for_once(running: Server, site: HttpsSite) -> None:
    site.files["/raw/mod_hello.lua"] = (HELLO % "from the web").encode()
    wish = pinned(site, HELLO % "from the web")
    running.apply(wish)
    with running.log_in() as client:
        client.say(running.domain, "anybody there?")
        assert client.hear() == ("message", "from the web")
    site.files.clear()
    (running.settings / "prosody" / "mod_hello.lua").unlink()
    running.apply({**wish, "security.log_level": "debug"})
    assert not red(proven(running))
    assert site.asked == ["/raw/mod_hello.lua"]
    running.apply()
    assert not (running.settings / "prosody" / "mod_hello.lua").exists()


@pytest.mark.parametrize(
    ("served", "wanted", "words"),
    [
        (HELLO % "changed", HELLO % "looked at", "instead of"),
        ("<!doctype html><p>Please log in", HELLO, "a web page at this address"),
        (None, HELLO, "HTTP 404"),
        ("-" * 1_000_001, "-" * 1_000_001, "larger than 1000 kB"),
        (HELLO + "end end", HELLO + "end end", "mod_hello.lua:5: <eof> expected near 'end'"),
    ],
)
def test_what_is_something_else_is_named_and_changes_nothing(
    running: Server, site: HttpsSite, served: str | None, wanted: str, words: str
) -> None:
    running.apply()
    began, before = running.started_at(), config_of(running)
    if served is not None:
        site.files["/raw/mod_hello.lua"] = served.encode()
    done = running.try_apply(pinned(site, wanted))
    assert done.returncode in (3, 6), told(done)
    said = " ".join(done.stderr.split())
    assert words in said, told(done)
    assert "mod_hello.lua" in said
    assert (running.started_at(), config_of(running)) == (began, before)


def config_of(server: Server) -> dict[str, bytes]:
    """Return all that Prosody reads."""
    return {path.name: path.read_bytes() for path in (server.settings / "prosody").iterdir() if path.is_file()}


def test_who_has_no_trusted_certificate_is_not_asked(running: Server, site: HttpsSite) -> None:
    site.files["/raw/mod_hello.lua"] = HELLO.encode()
    running.environment["REQUESTS_CA_BUNDLE"] = os.devnull
    done = running.try_apply(pinned(site, HELLO))
    assert done.returncode == 3, told(done)
    assert "is not reached" in done.stderr
    assert not site.asked
