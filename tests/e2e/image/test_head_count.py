"""The number of people who are here, as mod_head_count writes it down; by a real server and a real log-in."""

from __future__ import annotations

import base64
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.e2e.image.running import Image, Running
from tests.e2e.server.faults import begin_well_before

pytestmark = pytest.mark.e2e

HALF_HOUR, DAY = 1800, 86400
FILE = "/var/lib/prosody/head_count.json"
CONFIG = """
interfaces = { "*" }
data_path = "/var/lib/prosody"
log = { info = "*console" }
plugin_paths = { "/usr/lib/prosody/community/head_count" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
head_count_look_seconds = 1
VirtualHost "m.example"
    modules_enabled = { "saslauth"; "admin_shell"; "head_count" }
VirtualHost "n.example"
    modules_enabled = { "saslauth"; "head_count" }
"""
SERVE = f"echo $$ >/tmp/pid; cat >/tmp/m.cfg.lua <<'END'{CONFIG}END\nexec prosody -F --config /tmp/m.cfg.lua"


@pytest.fixture(autouse=True)
def _well_before_the_next_half_hour() -> None:
    """Let no half hour begin while a test counts: it would begin with nobody."""
    begin_well_before(HALF_HOUR)


@pytest.fixture
def box(prosody: Image) -> Iterator[Running]:
    """Start a container whose server is started by the test."""
    with prosody.started(["sh", "-c", "sleep 3600"], user="5222") as running:
        yield running


def _serve(box: Running) -> None:
    box.container.exec_run(["sh", "-c", f"{SERVE} >/tmp/log 2>&1"], detach=True)
    box.wait_for_stream("m.example")


def _stop(box: Running) -> None:
    assert box.run("sh", "-c", "kill $(cat /tmp/pid)").status == 0
    _wait(lambda: box.run("sh", "-c", "kill -0 $(cat /tmp/pid)").status != 0)


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _count(box: Running) -> dict[str, Any]:
    found = box.run("cat", FILE)
    return json.loads(found.out) if found.status == 0 else {}


@contextmanager
def _logged_in(box: Running, name: str) -> Iterator[None]:
    start = "<stream:stream xmlns='jabber:client' version='1.0' xmlns:stream='http://etherx.jabber.org/streams' to='m.example'>"  # noqa: E501
    secret = base64.b64encode(f"\0{name}\0secret".encode()).decode()
    steps = (
        (start, "</stream:features>"),
        (f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>", "<success"),
        (start, "</stream:features>"),
        ("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "<jid>"),
    )
    with socket.create_connection((box.address, 5222), 10) as connection:
        for words, wanted in steps:
            connection.sendall(words.encode())
            answer = ""
            while wanted not in answer:
                piece = connection.recv(4096).decode()
                assert piece, answer
                answer += piece
        yield


def _add(box: Running, name: str) -> None:
    script = f"printf 'secret\\nsecret\\n' | prosodyctl --config /tmp/m.cfg.lua adduser {name}@m.example"
    assert box.run("sh", "-c", script).status == 0


def test_people_and_devices_are_counted_and_a_restart_keeps_the_day(box: Running) -> None:
    _serve(box)
    for name in ("alice", "bob", "xw-proof-x"):
        _add(box, name)
    with _logged_in(box, "alice"), _logged_in(box, "alice"), _logged_in(box, "bob"), _logged_in(box, "xw-proof-x"):
        _wait(lambda: (_count(box).get("people"), _count(box).get("devices")) == (2, 3))
    _wait(lambda: _count(box)["people"] == 0)
    found = _count(box)
    assert found["half_hours"][-1] == [found["at"] - found["at"] % HALF_HOUR, 2], "the most in this half hour"
    assert "alice" not in json.dumps(found), "numbers only"
    earlier = found["half_hours"][-1][0] - HALF_HOUR
    _stop(box)
    box.run("sh", "-c", f"""sed -i 's/"half_hours":\\[/&[{earlier},7],/; s/"at":[0-9]*/"at":1/' {FILE}""")
    _serve(box)
    _wait(lambda: _count(box)["at"] > 1)
    assert [earlier, 7] in _count(box)["half_hours"]
    assert _count(box)["half_hours"][-1][1] == 2
    log = box.run("cat", "/tmp/log").out
    assert not re.search(r"(error|warn)\t.*head_count", log), log


@pytest.mark.parametrize(
    "left",
    ["", "{", "[1,2]", '{"half_hours":[["a",{}],[1.5,2],3,[0,5],[9999999999,5]]}', '{"half_hours":{"a":1}}', "\\0\\0"],
)
def test_what_an_earlier_clock_or_a_damaged_disk_left_is_forgotten(box: Running, left: str) -> None:
    box.run("sh", "-c", f"mkdir -p /var/lib/prosody && printf '%b' '{left}' >{FILE}")
    _serve(box)
    _wait(lambda: "at" in (_count(box) if box.run("grep", "-q", "people", FILE).status == 0 else {}))
    found = _count(box)
    assert found["half_hours"] == [[found["at"] - found["at"] % HALF_HOUR, 0]]
