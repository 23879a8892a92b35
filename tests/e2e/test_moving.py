"""Everybody's data move from one storage backend to another on a real server, and nobody misses anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import docker
import pytest
from tests.e2e.server.belongings import AVATAR, BOOKMARKS, BUNDLE, LONG, NOTE, ODD, VCARD4, Belongings
from tests.e2e.server.cut_off import killed
from tests.e2e.server.faults import small_disk, wait_until
from tests.e2e.server.machine import PASSWORD, Server, program_environment, told
from tests.e2e.server.web import ask

CLIENT = "{jabber:client}"
pytestmark = pytest.mark.e2e
ON = {name: {"storage.backend": name} for name in ("sqlite", "postgresql", "mariadb", "internal")}
SEED = """
package.path = "/usr/local/share/prosody/data/?.lua;" .. package.path
local places = require "places"
places.start("/etc/prosody/prosody.cfg.lua")
local archive = places.open(arg[1], "archive", "archive")
local stanza, random, hex = require "prosody.util.stanza", require "prosody.util.random", require "prosody.util.hex"
for number = 1, tonumber(arg[2]) do
    -- of random signs, which no database can make smaller
    local message = stanza.message({ type = "chat" }, hex.encode(random.bytes(tonumber(arg[3]))))
    assert(archive:append("ann", "seed-" .. number, message, 1700000000 + number, "bob@" .. arg[1]))
end
"""


@pytest.fixture(scope="module")
def house(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Belongings]:
    """Give a server with SQLite and people who have something there."""
    assert image
    with Server(tmp_path_factory.mktemp("house")) as server:
        yield furnished(server)


@pytest.fixture
def own_house(image: str, tmp_path: Path) -> Iterator[Belongings]:
    """Give such a server to one test alone."""
    assert image
    with Server(tmp_path) as server:
        yield furnished(server)


def furnished(server: Server) -> Belongings:
    """Set the server up and let people have something there."""
    server.apply()
    belongings = Belongings(server)
    belongings.bring()
    return belongings


def seed(server: Server, count: int, size: int = 30) -> None:
    """Give ann so many messages more, of twice so many signs each."""
    with server.engine() as engine:
        prosody = engine.containers.get(f"{server.project}-prosody")
        done = prosody.exec_run(["lua5.4", "-e", SEED, "-", server.domain, str(count), str(size)], user="5222:5222")
    assert done.exit_code == 0, done.output


def test_from_one_to_the_next_and_back_nobody_misses_anything(house: Belongings) -> None:
    server = house.server
    before, secret = house.seen(), (server.settings / "secrets/authority/root.crt").read_bytes()
    assert all(before.values()), before
    planned = server.cli("plan", "--answers", str(server.answers(ON["postgresql"])))
    assert "Move everybody's data from SQLite to PostgreSQL" in planned.stdout
    assert "4 accounts and 8 messages are copied and compared" in " ".join(planned.stdout.split())
    for backend in ("postgresql", "internal"):
        server.apply(ON[backend])
        assert house.seen() == before
        assert server.nothing_to_do()
    assert ask(server, house.invitation)[0] == 200
    refused = server.try_apply(ON["sqlite"])
    assert refused.returncode == 5, told(refused)
    assert "is deleted first" in " ".join(refused.stderr.split())
    server.apply(ON["sqlite"], "--allow-destroy")
    assert house.seen() == before
    assert house.hears_what_waited() == "for later"
    assert (server.settings / "secrets/authority/root.crt").read_bytes() == secret


def first_host(file: Path) -> Element:
    """Return the first host of an export."""
    return fromstring(file.read_text())[0]  # noqa: S314 our own file


def opens(credentials: Element, password: str) -> bool:
    """Say whether a server that takes over these credentials lets in who knows the password (RFC 5802)."""
    found = {item.tag.rpartition("}")[2]: item.text or "" for item in credentials}
    salt, rounds = base64.b64decode(found["salt"]), int(found["iter-count"])
    client_key = hmac.new(
        hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds), b"Client Key", "sha256"
    ).digest()
    return base64.b64decode(found["stored-key"]) == hashlib.sha256(client_key).digest()


def test_accounts_go_to_a_file_that_other_servers_read(house: Belongings, tmp_path: Path) -> None:
    server, file = house.server, tmp_path / "accounts.xml"
    done = server.cli("export", "xep0227", str(file))
    assert done.returncode == 0, told(done)
    assert "Not in it: rooms" in done.stderr
    assert (file.stat().st_mode & 0o777, file.stat().st_uid) == (0o600, 0)
    host = first_host(file)
    people = {user.get("name"): user for user in host}
    assert (host.get("jid"), set(people)) == (server.domain, {"ann", ODD, LONG, "late"})
    assert {item.get("mechanism") for item in host.iter("{urn:xmpp:pie:0#scram}scram-credentials")} == {"SCRAM-SHA-256"}
    ann = people["ann"]
    assert NOTE.replace("\t", " ") in [(item.text or "").replace("\t", " ") for item in ann.iter(f"{CLIENT}body")]
    assert opens(next(ann.iter("{urn:xmpp:pie:0#scram}scram-credentials")), PASSWORD)
    nodes = {item.get("node") for item in ann.iter("{http://jabber.org/protocol/pubsub}items")}
    assert {AVATAR, BUNDLE, BOOKMARKS, VCARD4} <= nodes
    assert [item.get("name") for item in ann.iter("{jabber:iq:roster}item")] == ["Frau Ü"]
    assert server.cli("export", "xep0227", str(file)).returncode == 5
    one = tmp_path / "one.xml"
    assert server.cli("export", "xep0227", str(one), "--only", f"ann@{server.domain}").returncode == 0
    assert len(first_host(one)) == 1
    assert not list((server.state / "data/prosody").glob("export-*"))


def is_copying(server: Server, verb: str = "move") -> bool:
    """Say whether the container that moves data is at that."""
    with server.engine() as engine, suppress(docker.errors.NotFound):
        found = engine.api.inspect_container(f"{server.project}-prosody-moving")
        return bool(found["State"]["Running"]) and verb in found["Args"]
    return False


def begun(server: Server, backend: str) -> subprocess.Popen[str]:
    """Begin a move and return while it is copying."""
    words = server.command("apply", "--answers", str(server.answers(ON[backend])), "--yes", "--no-proof")
    started = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=program_environment(server.environment)
    )
    wait_until(lambda: is_copying(server), "it is copying", 120)
    return started


def check_killed(house: Belongings, backend: str, then: str) -> None:
    """See that a move to ``backend``, killed while it copies, is ended or taken back by an apply of ``then``."""
    server, before = house.server, house.seen()
    started = begun(server, backend)
    server.kill_workers()
    started.communicate()
    server.apply(ON[then])
    assert house.seen() == before
    assert server.nothing_to_do()
    assert [item["Names"] for item in server.containers()] == [[f"/{server.project}-prosody"]]


def test_killed_in_the_middle_the_next_run_ends_it(house: Belongings) -> None:
    seed(house.server, 3000)
    discarded = house.server.cli("storage", "discard", "internal", "--yes")
    assert discarded.returncode == 0, told(discarded)
    check_killed(house, "internal", "internal")


@pytest.mark.long
def test_killed_in_the_middle_the_next_run_goes_back(own_house: Belongings) -> None:
    seed(own_house.server, 3000)
    check_killed(own_house, "internal", "sqlite")


@pytest.mark.long
def test_killed_at_any_call_of_the_engine_nothing_is_lost(own_house: Belongings) -> None:
    server = own_house.server
    before, call, was_killed, places = own_house.seen(), 0, True, ("internal", "sqlite")
    while was_killed:
        call += 1
        backend = places[(call + 1) % 2]
        server.cli("storage", "discard", backend, "--yes")
        was_killed = killed(server, server.answers(ON[backend]), call, "kill-call")
        server.apply(ON[backend], "--allow-destroy")
        assert own_house.seen() == before, call
    assert call > 6, "so few calls cannot be a move"


@pytest.mark.long
@pytest.mark.parametrize("what", ["killed", "stopped"])
def test_a_database_that_goes_half_way_leaves_the_old_server(own_house: Belongings, what: str) -> None:
    server = own_house.server
    seed(server, 8000)
    before = own_house.seen()
    started = begun(server, "postgresql")
    with server.engine() as engine:
        database = engine.containers.get(f"{server.project}-postgresql")
        database.kill() if what == "killed" else database.stop()
    said, _ = started.communicate(timeout=300)
    assert started.returncode == 6, said
    assert "which are untouched" in " ".join(said.split())
    assert own_house.seen() == before
    server.apply(ON["postgresql"])
    assert own_house.seen() == before


@pytest.mark.long
def test_a_disk_that_fills_half_way_leaves_the_old_server(own_house: Belongings) -> None:
    server = own_house.server
    seed(server, 2500, size=12_000)
    before = own_house.seen()
    data = server.state / "data/postgresql"
    data.mkdir(mode=0o750)
    with small_disk(data, 130):
        (data / "lost+found").rmdir()
        os.chown(data, 5432, 5432)
        done = server.try_apply(ON["postgresql"])
        assert done.returncode == 6, told(done)
        assert "could not be copied" in " ".join(done.stderr.split())
        assert own_house.seen() == before
    data.rmdir()
    server.apply(ON["postgresql"])
    assert own_house.seen() == before


@pytest.mark.long
@pytest.mark.parametrize("to", ["postgresql", "internal"])
def test_by_way_of_mariadb(own_house: Belongings, to: str) -> None:
    before = own_house.seen()
    for backend in ("mariadb", to):
        own_house.server.apply(ON[backend])
        assert own_house.seen() == before
    assert own_house.hears_what_waited() == "for later"


@pytest.mark.long
def test_what_files_cannot_take_is_said_before_anything_stops(own_house: Belongings) -> None:
    server, name = own_house.server, "ü" * 50
    server.add_user(name)
    started = server.started_at()
    done = server.try_apply(ON["internal"])
    assert done.returncode == 6, told(done)
    assert f"the name {name}@{server.domain} is too long for plain files" in " ".join(done.stderr.split())
    assert server.cli("user", "delete", name, "--yes").returncode == 0
    seed(server, 10_001)
    done = server.try_apply(ON["internal"])
    assert done.returncode == 6, told(done)
    assert "plain files keep 10000 at most" in " ".join(done.stderr.split())
    assert "Nothing was stopped" in done.stderr
    assert server.started_at() == started
    server.apply(ON["postgresql"])


@pytest.mark.long
def test_undo_and_letting_go(own_house: Belongings) -> None:
    server = own_house.server
    before = own_house.seen()
    server.apply(ON["postgresql"])
    with server.log_in() as ann:
        ann.say(f"late@{server.domain}", "written since")
        ann.ping()
    refused = server.cli("undo", "--yes")
    assert refused.returncode == 5, told(refused)
    assert "what came since then stays in PostgreSQL" in " ".join(refused.stderr.split())
    assert server.cli("undo", "--yes", "--allow-destroy", "--no-proof").returncode == 0
    assert own_house.seen() == before
    assert "are still in PostgreSQL" in server.cli("storage").stdout
    assert server.cli("storage", "discard", "postgresql", "--yes").returncode == 0
    assert not (server.state / "data/postgresql").exists()
    assert own_house.seen() == before
