"""The images for other processors: built and started under emulation, doing what they are for."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import os
import re
import secrets
import ssl
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from tests.e2e.emulation import ARM64, ARMHF, Processor, emulated
from tests.e2e.image.running import Image, Option, Running
from tests.e2e.image.turn_server import offer, running_turn
from tests.e2e.server.faults import wait_until

from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.effects.docker_build import context_archive, settings_of_this_machine, trust_of_this_machine
from xmpp_wizard.effects.mmdebstrap import mirror_lines
from xmpp_wizard.effects.turn import open_relay

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(3600)]

CHECK_SECONDS = 600
PREFIX = "xmpp-wizard-image-test"


def _userland(processor: Processor, archive: Path) -> None:
    form = "$(ORIGIN)|$(LABEL)|$(CODENAME)|$(REPO_URI)"
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    )
    command = [
        "mmdebstrap",
        f"--arch={processor.debian}",
        "--skip=check/qemu",
        "--variant=minbase",
        "trixie",
        str(archive),
    ]
    # the stable suite only: a mirror may be behind with the updates for some processors
    lines = [line for line in mirror_lines(asked.stdout.splitlines()) if " trixie " in line]
    subprocess.run([*command, *lines], check=True, capture_output=True)


def _load(processor: Processor, archive: Path, tag: str) -> None:
    """Load a base image with the right processor in it: older engines import everything as their own."""
    system, architecture, *variant = processor.platform.split("/")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    config = {
        "os": system,
        "architecture": architecture,
        **({"variant": variant[0]} if variant else {}),
        "config": {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    texts = {
        "config.json": json.dumps(config).encode(),
        "manifest.json": json.dumps([{"Config": "config.json", "RepoTags": [tag], "Layers": ["layer.tar"]}]).encode(),
    }
    bundle = archive.with_suffix(".bundle")
    with tarfile.open(bundle, "w") as target:
        for name, text in texts.items():
            item = tarfile.TarInfo(name)
            item.size = len(text)
            target.addfile(item, io.BytesIO(text))
        target.add(archive, "layer.tar")
    client = docker.from_env()
    with bundle.open("rb") as file:
        client.images.load(file.read())
    client.close()
    bundle.unlink()


def _build(processor: Processor, name: str, base: str, tag: str) -> None:
    client = docker.from_env(timeout=1800)
    context = context_archive({**ShippedAppliance().image(name), **trust_of_this_machine()})
    settings = {"BASE": base, **settings_of_this_machine()}
    client.images.build(
        fileobj=io.BytesIO(context), custom_context=True, tag=tag, buildargs=settings,
        platform=processor.platform, network_mode="host", rm=True, forcerm=True,
    )  # fmt: skip
    client.close()


@dataclass(frozen=True, slots=True)
class Foreign:
    """Another processor, and a base image for it."""

    processor: Processor
    base: str
    client: docker.DockerClient

    @contextmanager
    def image(self, name: str) -> Iterator[str]:
        """Build an image of ours and give its tag; it is removed at the end."""
        tag = f"{PREFIX}-{name.replace('+', '-')}:{self.processor.debian}"
        try:
            _build(self.processor, name, self.base, tag)
            yield tag
        finally:
            _remove(self.client, tag)


@pytest.fixture(scope="module", params=[ARM64, ARMHF], ids=lambda processor: processor.debian)
def foreign(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """Make the base image for another processor; it is removed at the end."""
    processor: Processor = request.param
    client = docker.from_env(timeout=CHECK_SECONDS)
    base, archive = f"{PREFIX}-base:{processor.debian}", tmp_path_factory.mktemp("foreign") / "userland.tar"
    with emulated(processor):
        try:
            _userland(processor, archive)
            _load(processor, archive, base)
            archive.unlink()
            yield Foreign(processor, base, client)
        finally:
            _remove(client, base)
            client.close()


def _remove(client: docker.DockerClient, tag: str) -> None:
    if client.images.list(tag):
        client.images.remove(tag, force=True)


def _until(happened: Callable[[], object], what: str) -> None:
    """Wait as long as emulation may need."""
    wait_until(happened, what, CHECK_SECONDS)


def test_prosody_serves_streams(foreign: Foreign) -> None:
    variables = {"LOCAL": "alice", "DOMAIN": "a.example", "PASSWORD": "pw", "PROSODY_SQL_DRIVER": "SQLite3"}
    network = foreign.client.networks.create(f"image-test-{secrets.token_hex(4)}")
    try:
        with (
            foreign.image("prosody") as tag,
            Image(foreign.client, tag, str(network.name)).started(environment=variables) as running,
        ):
            running.wait_for_stream("a.example")
            running.wait_for_log("The account alice@a.example is made")
            assert running.run("lua5.4", "/usr/local/bin/prosody-healthcheck").status == 0
            running.container.stop(timeout=CHECK_SECONDS)
            assert running.status == 0
    finally:
        network.remove()


async def test_coturn_relays(foreign: Foreign, tmp_path: Path) -> None:
    with foreign.image("turn") as tag, running_turn(foreign.client, tag, tmp_path) as running:
        running.wait_for_log("listening on 127.0.0.1")
        looked = ("sh", "/usr/local/bin/turn-healthcheck")
        _until(lambda: running.run(*looked, user="3478").status == 0, "its own look is green")
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        async with open_relay(offer(), running.address, tls) as one, open_relay(offer(), running.address, tls) as other:
            await one.allow(other.place[0])
            await other.allow(one.place[0])
            await one.send(b"hello", other.place)
            assert await other.receive(CHECK_SECONDS) == (b"hello", one.place)
        running.container.stop(timeout=CHECK_SECONDS)
        assert running.status == 0


def test_web_chat_is_fetched_and_served(foreign: Foreign) -> None:
    variables = {
        "PROSODY_VIRTUAL_HOSTS": "a.example",
        "PROSODY_ENABLE_MODULES": "web_chat",
        "PROSODY_HTTP_INTERFACES": "*",
        "PROSODY_HTTP_EXTERNAL_URL": "https://a.example/",
    }
    network = foreign.client.networks.create(f"image-test-{secrets.token_hex(4)}")
    try:
        with (
            foreign.image("prosody+web_chat") as tag,
            Image(foreign.client, tag, str(network.name)).started(environment=variables) as running,
        ):
            running.wait_for_stream("a.example")
            page = _page(running.address, "/chat").decode()
            script = re.search(r"/chat/[0-9.]+/converse\.min\.js", page)
            assert script, page
            assert b"converse" in _page(running.address, script[0])
    finally:
        network.remove()


def _page(address: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(address, 5280, timeout=CHECK_SECONDS)
    connection.request("GET", path, headers={"Host": "a.example"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, body
    return body


@dataclass(frozen=True, slots=True)
class Database:
    """A database's image: who owns its files there, where its socket and data lie, and how it is asked."""

    image: str
    owner: int
    socket: str
    data: str
    secret: str
    client: tuple[str, ...]


POSTGRESQL = Database(
    "postgres",
    5432,
    "/run/postgresql",
    "/var/lib/postgresql",
    "postgresql",
    (
        "/usr/lib/postgresql/17/bin/psql",
        "-qtAX",
        "-d",
        "host=/run/postgresql user=prosody dbname=prosody password=a-password",
        "-c",
    ),
)
MARIADB = Database(
    "mariadb",
    3306,
    "/run/mysqld",
    "/var/lib/mysql",
    "mariadb",
    ("/usr/bin/mariadb", "--batch", "--skip-column-names", "--user=prosody", "--password=a-password", "prosody", "-e"),
)


@pytest.mark.parametrize("database", [POSTGRESQL, MARIADB], ids=lambda database: database.image)
def test_a_database_keeps_what_it_is_told(foreign: Foreign, database: Database, tmp_path: Path) -> None:
    for name in ("data", "secrets"):
        (tmp_path / name).mkdir(mode=0o750)
        os.chown(tmp_path / name, database.owner, database.owner)
    (tmp_path / "secrets" / database.secret).write_text("a-password\n")
    options: dict[str, Option] = {
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "tmpfs": {database.socket: f"uid={database.owner},gid={database.owner},mode=0700", "/tmp": "mode=1777"},
        "volumes": [f"{tmp_path}/data:{database.data}", f"{tmp_path}/secrets:/secrets:ro"],
    }

    def sql(running: Running, text: str) -> str:
        done = running.run(*database.client, text)
        return done.out.strip() if done.status == 0 else ""

    with foreign.image(database.image) as tag, Image(foreign.client, tag).started(**options) as running:
        _until(lambda: sql(running, "SELECT 1") == "1", "it is ready")
        sql(running, "CREATE TABLE kept (word text)")
        sql(running, "INSERT INTO kept VALUES ('still here')")
        running.container.restart(timeout=CHECK_SECONDS)
        _until(lambda: sql(running, "SELECT word FROM kept") == "still here", "it is back with all it had")
