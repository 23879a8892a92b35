"""What the official image gets wrong is right here."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import re
import secrets
import socket
import time
from collections.abc import Iterator

import pytest
from tests.e2e.image.running import Image, Running, stream_answer

pytestmark = pytest.mark.e2e

HOST = {"PROSODY_VIRTUAL_HOSTS": "a.example"}
ACCOUNT = {"LOCAL": "alice", "DOMAIN": "a.example", "PASSWORD": 'Open "sesame"'}
SHARE = {"PROSODY_COMPONENTS": "share.a.example:http_file_share"}
DAY = 86400


@pytest.fixture
def volume(prosody: Image) -> Iterator[str]:
    """Make an empty volume and remove it at the end."""
    made = prosody.client.volumes.create(f"image-test-{secrets.token_hex(4)}")
    yield made.name
    made.remove(force=True)


# --- uploads expire ----------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "days"),
    [
        ({}, 7),
        ({"PROSODY_RETENTION_DAYS": "30"}, 30),
        ({"PROSODY_UPLOAD_EXPIRY_DAYS": "2"}, 2),
        ({"PROSODY_RETENTION_DAYS": "30", "PROSODY_UPLOAD_EXPIRY_DAYS": "0.5"}, 0.5),
    ],
)
def test_expiry_reaches_uploads(prosody: Image, variables: dict[str, str], days: float) -> None:
    options = prosody.configuration(HOST | SHARE | variables).hosts["share.a.example"]
    assert options["http_file_share_expires_after"] == days * DAY


def test_the_options_of_uploads_are_those_that_prosody_reads(prosody: Image) -> None:
    everything = {"PROSODY_UPLOAD_LIMIT_MB": "1", "PROSODY_UPLOAD_STORAGE_GB": "1"}
    options = prosody.configuration(HOST | SHARE | everything).hosts["share.a.example"]
    module = prosody.run("/usr/bin/cat", "/usr/lib/prosody/modules/mod_http_file_share.lua").out
    known = {f"http_file_share_{name}" for name in re.findall(r'module.name *\.\. *"_(\w+)"', module)}
    used = {name for name in options if name.startswith("http_file_share_")}
    assert len(used) == 3
    assert used <= known


# --- booleans ----------------------------------------------------------------


@pytest.mark.parametrize("word", ["0", "false", "no", "off", "False", "OFF"])
def test_false_words_are_false(prosody: Image, word: str) -> None:
    configuration = prosody.configuration(HOST | {"PROSODY_S2S_SECURE_AUTH": word, "PROSODY_USE_DANE": word})
    assert configuration["s2s_secure_auth"] is False
    assert configuration["use_dane"] is False
    assert "trustfile" not in configuration["unbound"]


@pytest.mark.parametrize("word", ["1", "true", "yes", "on", "True"])
def test_true_words_are_true(prosody: Image, word: str) -> None:
    configuration = prosody.configuration(HOST | {"PROSODY_S2S_SECURE_AUTH": word, "PROSODY_USE_DANE": word})
    assert configuration["s2s_secure_auth"] is True
    assert configuration["use_dane"] is True


# --- gateways and proxies elsewhere ------------------------------------------


def _component_handshake(address: str, name: str, secret: str) -> str:
    with socket.create_connection((address, 5347), 5) as connection:
        connection.settimeout(5)
        connection.sendall(
            b"<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
            b"xmlns:stream='http://etherx.jabber.org/streams' to='" + name.encode() + b"'>"
        )
        received = ""
        while not (found := re.search(r"id=['\"]([^'\"]+)", received)):
            received += connection.recv(4096).decode()
        proof = hashlib.sha1((found[1] + secret).encode()).hexdigest()  # noqa: S324 XEP-0114 wants SHA-1
        connection.sendall(f"<handshake>{proof}</handshake>".encode())
        return connection.recv(4096).decode()


def test_a_gateway_outside_the_container_connects_with_its_secret(prosody: Image) -> None:
    variables = HOST | {
        "PROSODY_EXTERNAL_COMPONENTS": "gw.a.example",
        "PROSODY_COMPONENT_SECRET": 's]]e"cret',
        "PROSODY_COMPONENT_INTERFACES": "*",
    }
    with prosody.started(environment=variables) as running:
        running.wait_for_stream("a.example")
        assert _component_handshake(running.address, "gw.a.example", 's]]e"cret').startswith("<handshake")
        assert "not-authorized" in _component_handshake(running.address, "gw.a.example", "wrong")


def test_a_proxy_outside_the_container_connects(prosody: Image) -> None:
    variables = HOST | {"PROSODY_ENABLE_MODULES": "bosh", "PROSODY_HTTP_INTERFACES": "*"}
    with prosody.started(environment=variables) as running:
        running.wait_for_stream("a.example")
        connection = http.client.HTTPConnection(running.address, 5280, timeout=5)
        connection.request("GET", "/http-bind", headers={"Host": "a.example"})
        assert connection.getresponse().status == 200
        connection.close()


def test_both_are_private_unless_asked_for(prosody: Image) -> None:
    variables = HOST | {"PROSODY_EXTERNAL_COMPONENTS": "gw.a.example:x", "PROSODY_ENABLE_MODULES": "bosh"}
    with prosody.started(environment=variables) as running:
        running.wait_for_stream("a.example")
        for port in (5347, 5280):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((running.address, port), 5)


# --- the network's name ------------------------------------------------------


def test_the_networks_name_is_the_first_of_several_hosts(prosody: Image) -> None:
    configuration = prosody.configuration({"PROSODY_VIRTUAL_HOSTS": "b.example,a.example", "PROSODY_TURN_SECRET": "x"})
    assert configuration["http_host"] == "b.example"
    assert configuration["proxy65_address"] == "b.example"
    assert configuration["turn_external_host"] == "b.example"


# --- owners of data, and stopping --------------------------------------------


@pytest.mark.parametrize("owner", ["0:0", "1000:1000", "5222:0"])
def test_data_of_anybody_is_taken_over(prosody: Image, volume: str, owner: str) -> None:
    mounted = {volume: {"bind": "/var/lib/prosody", "mode": "rw"}}
    make = "mkdir -p a%2eexample/accounts && echo 'return {}' >a%2eexample/accounts/old.dat"
    prepare = f"{make} && chown -R {owner} . && chmod 700 ."
    assert prosody.run("sh", "-c", prepare, volumes=mounted).status == 0
    with prosody.started(environment=ACCOUNT, volumes=mounted) as running:
        running.wait_for_stream("a.example")
        running.wait_for_log("The account alice@a.example is made")
        found = running.run("find", "/var/lib/prosody", "!", "-uid", "5222", "-o", "!", "-gid", "5222")
        assert found.text == ""


def test_it_stops_at_once_and_says_so(prosody: Image) -> None:
    with prosody.started(environment=HOST) as running:
        running.wait_for_stream("a.example")
        began = time.monotonic()
        running.container.stop(timeout=10)
        assert time.monotonic() - began < 5
        assert running.status == 0
        assert "Received SIGTERM" in running.logs()
        assert "Shutdown complete" in running.logs()


# --- the first account -------------------------------------------------------


def _stored_key(running: Running) -> str:
    return running.run("cat", "/var/lib/prosody/a%2eexample/accounts/alice.dat").out


def _is_password(stored: str, password: str) -> bool:
    """Check a password against what Prosody stores for SCRAM (RFC 5802)."""
    values = dict(re.findall(r'\["(\w+)"\] = "?([^";]*)"?;', stored))
    hash_name = "sha256" if len(values["stored_key"]) == 64 else "sha1"
    salted = hashlib.pbkdf2_hmac(hash_name, password.encode(), values["salt"].encode(), int(values["iteration_count"]))
    key = hashlib.new(hash_name, hmac.digest(salted, b"Client Key", hash_name)).hexdigest()
    return bool(key == values["stored_key"])


def _change_password(running: Running, password: str) -> None:
    ended = running.run("sh", "-c", f"printf '{password}\\n{password}\\n' | prosodyctl passwd alice@a.example")
    assert ended.status == 0, ended.text


def test_a_changed_password_stays_changed(prosody: Image, volume: str) -> None:
    mounted = {volume: {"bind": "/var/lib/prosody", "mode": "rw"}}
    with prosody.started(environment=ACCOUNT, volumes=mounted) as running:
        running.wait_for_log("The account alice@a.example is made")
        assert _is_password(_stored_key(running), 'Open "sesame"')
        running.wait_for_stream("a.example")
        _change_password(running, "second")
        changed = _stored_key(running)
        running.container.restart()
        running.wait_for_stream("a.example")
        assert _stored_key(running) == changed
    with prosody.started(environment=ACCOUNT, volumes=mounted) as running:
        running.wait_for_stream("a.example")
        assert _is_password(_stored_key(running), "second")
        assert not _is_password(_stored_key(running), 'Open "sesame"')


def test_a_deleted_account_stays_deleted(prosody: Image) -> None:
    with prosody.started(environment=ACCOUNT) as running:
        running.wait_for_log("The account alice@a.example is made")
        running.wait_for_stream("a.example")
        running.prosodyctl("shell", "user", "delete", "alice@a.example")
        running.container.restart()
        running.wait_for_stream("a.example")
        assert "alice" not in running.prosodyctl("shell", "user", "list", "a.example")


def test_an_account_needs_one_of_the_hosts(prosody: Image) -> None:
    warnings = prosody.configuration(ACCOUNT | {"PROSODY_VIRTUAL_HOSTS": "b.example"}).warnings
    assert "DOMAIN=a.example is none of PROSODY_VIRTUAL_HOSTS" in warnings


def test_the_password_is_no_argument_of_any_process(prosody: Image) -> None:
    with prosody.started(environment=ACCOUNT) as running:
        running.wait_for_log("The account alice@a.example is made")
        arguments = running.run("sh", "-c", "cat /proc/[0-9]*/cmdline")
        assert "sesame" not in arguments.out
        assert "sesame" not in running.logs()


def test_wrong_stream_names_are_refused(prosody: Image) -> None:
    with prosody.started(environment=HOST) as running:
        running.wait_for_stream("a.example")
        assert "host-unknown" in stream_answer(running.address, 5222, "b.example")
