"""The proof on a real server: green where all is well, and red for exactly what is broken."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from tests.e2e.server.machine import Server, program_environment
from tests.e2e.server.proving import changed, proven, red, restart

pytestmark = pytest.mark.e2e

ALL = {
    "blocking",
    "bookmarks",
    "bosh",
    "carbons",
    "channel_binding",
    "contacts",
    "direct_tls",
    "file_proxy",
    "history",
    "host_meta",
    "https_port",
    "invitation",
    "log_in",
    "message",
    "no_registration",
    "ping",
    "profile",
    "push",
    "refusals",
    "room",
    "room_history",
    "spam_reports",
    "room_moderation",
    "room_picture",
    "shared_contacts",
    "upload",
    "websocket",
}

# what is changed in prosody.cfg.lua, and which steps must notice
BROKEN: dict[str, tuple[Mapping[str, str], set[str]]] = {
    "modules for people": (
        {
            "modules_disabled = {}": 'modules_disabled = { "blocklist"; "carbons"; "cloud_notify"; "mam"; "ping" }',
            '{ "guest_limits"; "muc_limits"; "muc_mam"; "muc_moderation" }': '{ "guest_limits"; "muc_limits" }',
            "http_file_share_size_limit = 104857616": "http_file_share_size_limit = 1000",
        },
        {
            "blocking",
            "carbons",
            "history",
            "ping",
            "push",
            "room_history",
            "room_moderation",
            "spam_reports",
            "upload",
        },
    ),
    "ways in": (
        {
            "modules_disabled = {}": 'modules_disabled = { "bosh"; "websocket"; "join_pages"; "pep" }',
            "c2s_direct_tls_ports = { 5223 }": "c2s_direct_tls_ports = { }",
            'tls_profile = "intermediate"': 'tls_profile = "modern"',
            'restrict_room_creation = "local"': "restrict_room_creation = true",
        },
        {
            "bookmarks",
            "bosh",
            "channel_binding",
            "direct_tls",
            "host_meta",
            "invitation",
            "profile",
            "room",
            "room_history",
            "room_moderation",
            "room_picture",
            "websocket",
        },
    ),
    "open doors": (
        {
            "allow_registration = false": "allow_registration = true\nallow_unencrypted_plain_auth = true\n"
            "registration_invite_only = false",
            "c2s_require_encryption = true": "c2s_require_encryption = false",
            '{ "DIGEST-MD5"; "OAUTHBEARER"; "PLAIN" }': "{ }",
        },
        {"no_registration", "refusals"},
    ),
    "passwords in the clear": (
        {
            '{ "DIGEST-MD5"; "OAUTHBEARER"; "PLAIN" }': '{ "SCRAM-SHA-256"; "SCRAM-SHA-256-PLUS" }',
            "modules_disabled = {}": 'modules_disabled = { "net_multiplex" }',
            "ssl_ports = { 443 }": "",
            "https_ports = {}": "https_ports = { 443 }",
        },
        {"channel_binding", "https_port", "log_in"},
    ),
    "messages": (
        {"modules_disabled = {}": 'modules_disabled = { "message" }'},
        {"blocking", "history", "message", "room", "room_history", "room_moderation", "room_picture"},
    ),
    "contact lists": ({"modules_disabled = {}": 'modules_disabled = { "roster" }'}, {"contacts", "shared_contacts"}),
}


def accounts(server: Server) -> str:
    """Return all accounts."""
    return server.inside("prosodyctl", "shell", "user", "list", server.domain)


def test_all_is_green_and_nothing_stays(running: Server) -> None:
    before = accounts(running)
    found = proven(running)
    assert red(found) == set()
    assert set(found) == ALL
    assert accounts(running) == before
    assert "xw-proof" not in running.inside("prosodyctl", "shell", "muc", "list", f"groups.{running.domain}")
    assert "0 pending" in running.inside("prosodyctl", "shell", "invite", "list", running.domain)
    seconds = {event["seconds"] for event in found.values()}
    assert max(seconds) < 20


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_red_and_nothing_else(running: Server, what: str) -> None:
    changes, expected = BROKEN[what]
    with changed(running, changes):
        found = proven(running)
        assert red(found) == expected
        assert all(found[name]["text"]["message"] and found[name]["hint"]["message"] for name in expected)
        assert "xw-proof-" not in accounts(running)


def test_a_server_that_does_not_run_is_told_in_one_line(running: Server) -> None:
    with running.engine() as engine:
        engine.containers.get(f"{running.project}-prosody").stop(timeout=5)
    try:
        found = proven(running)
        assert red(found) == {"accounts"}
    finally:
        restart(running)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_proof_that_is_stopped_deletes_its_accounts(running: Server, sign: signal.Signals) -> None:
    with stopped(running, sign) as process:
        assert process.wait(60) == 5
    assert "xw-proof-" not in accounts(running)


def test_the_next_proof_sweeps_what_a_killed_one_left(running: Server) -> None:
    with stopped(running, signal.SIGKILL) as process:
        process.wait(60)
    assert "xw-proof-" in accounts(running)
    assert red(proven(running)) == set()
    assert "xw-proof-" not in accounts(running)


@contextmanager
def stopped(server: Server, sign: signal.Signals) -> Iterator[subprocess.Popen[str]]:
    """Start a proof and send it a signal once its accounts are there."""
    process = subprocess.Popen(
        server.command("--json", "prove"), stdout=subprocess.PIPE, text=True, env=program_environment()
    )
    with process:
        end = time.monotonic() + 60
        while "xw-proof-" not in accounts(server):
            assert time.monotonic() < end
        process.send_signal(sign)
        yield process
