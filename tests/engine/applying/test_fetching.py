"""Modules from the web: fetched once, kept, and nothing is touched where one is not what was looked at."""

from __future__ import annotations

from hashlib import sha256

import pytest
from tests.engine.conftest import end, run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.applying.pruning import KEPT
from xmpp_wizard.engine.setup import ApplyAnswers, GoBack, prepare

URL = "https://a.example/mod_hello.lua"
HELLO = b'module:log("info", "hello");\n'
NEWER = b'module:log("info", "hello again");\n'
COPIED = "/etc/xmpp-wizard/prosody/mod_hello.lua"


def kept(content: bytes) -> str:
    return f"/etc/xmpp-wizard/fetched/{sha256(content).hexdigest()}"


def with_module(content: bytes, url: str = URL) -> ApplyAnswers:
    """Return the wish for a server with the module whose checksum is that of ``content``."""
    entry = {"name": "hello", "url": url, "sha256": sha256(content).hexdigest()}
    return wish(features={"own_modules": {"fetched": [entry]}})


def test_a_module_is_fetched_once_and_kept(fakes: Fakes, layout: Layout) -> None:
    fakes.web_files.there[URL] = HELLO
    assert end(run(fakes, layout, with_module(HELLO))).exit_status == 0
    assert fakes.files.nodes[COPIED].content == fakes.files.nodes[kept(HELLO)].content == HELLO
    assert not prepare(fakes.world(), layout, with_module(HELLO)).plan
    # from another address it is the same file, and after a loss of the copy, too
    fakes.web_files.there.clear()
    fakes.files.remove(COPIED)
    assert end(run(fakes, layout, with_module(HELLO, "https://b.example/x.lua"))).exit_status == 0
    assert fakes.files.nodes[COPIED].content == HELLO
    assert fakes.web_files.calls == [f"fetch {URL}"]


def test_an_undo_needs_no_network_and_a_module_that_is_left_out_goes(fakes: Fakes, layout: Layout) -> None:
    fakes.web_files.there[URL] = HELLO
    run(fakes, layout, with_module(HELLO))
    fakes.web_files.there[URL] = NEWER
    run(fakes, layout, with_module(NEWER))
    assert fakes.files.nodes[COPIED].content == NEWER
    fakes.web_files.there.clear()
    titles = [str(step.title) for step in prepare(fakes.world(), layout, GoBack()).plan.steps]
    assert "Put mod_hello.lua from the web in its place" in titles
    assert not [title for title in titles if "https://" in title]
    assert end(run(fakes, layout, GoBack())).exit_status == 0
    assert fakes.files.nodes[COPIED].content == HELLO
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert COPIED not in fakes.files.nodes


def test_it_is_kept_as_long_as_an_undo_may_need_it_and_no_longer(fakes: Fakes, layout: Layout) -> None:
    fakes.web_files.there[URL] = HELLO
    run(fakes, layout, with_module(HELLO))
    for number in range(2, KEPT + 1):
        run(fakes, layout, wish(title=f"Chat {number}"))
    assert kept(HELLO) in fakes.files.nodes
    run(fakes, layout, wish(title=f"Chat {KEPT + 1}"))
    assert not [path for path in fakes.files.nodes if "fetched" in path]


def test_a_damaged_one_is_fetched_again(fakes: Fakes, layout: Layout) -> None:
    fakes.web_files.there[URL] = HELLO
    run(fakes, layout, with_module(HELLO))
    fakes.files.write(kept(HELLO), b"half", 0o644, (0, 0))
    fakes.files.remove(COPIED)
    assert end(run(fakes, layout, with_module(HELLO))).exit_status == 0
    assert fakes.files.nodes[COPIED].content == HELLO


@pytest.mark.parametrize(
    ("content", "wanted", "words"),
    [
        (NEWER, HELLO, "instead of"),
        (b" <!DOCTYPE html><p>log in", b" <!DOCTYPE html><p>log in", "a web page at this address"),
        (b"<HTML>", HELLO, "a web page at this address"),
        (b"\x1f\x8b\x08", b"\x1f\x8b\x08", "a packed file"),
        (b"\x1bLuaT\x00", b"\x1bLuaT\x00", "no text"),
        (b"\xff\xfe", b"\xff\xfe", "no text"),
        (b"-" * 1_000_001, b"-" * 1_000_001, "larger than 1000 kB"),
        (None, HELLO, "HTTP 404"),
    ],
)
def test_what_is_something_else_changes_nothing(
    fakes: Fakes, layout: Layout, content: bytes | None, wanted: bytes, words: str
) -> None:
    run(fakes, layout, wish())
    before = {path: node.content for path, node in fakes.files.nodes.items() if path.startswith("/etc/")}
    calls = list(fakes.containers.calls)
    if content is not None:
        fakes.web_files.there[URL] = content
    ended = end(run(fakes, layout, with_module(wanted)))
    assert ended.exit_status == 3
    for part in ("features.own_modules.fetched: mod_hello.lua", URL, words):
        assert part in str(ended.text)
    assert str(ended.hint)
    after = {path: node.content for path, node in fakes.files.nodes.items() if path.startswith("/etc/")}
    assert {path: content for path, content in after.items() if path != "/etc/xmpp-wizard/fetched"} == before
    changes = [
        call for call in fakes.containers.calls[len(calls) :] if call.split()[0] in ("create", "stop", "restart")
    ]
    assert not changes
