"""The image for other processors: built and started under emulation."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from tests.e2e.emulation import ARM64, ARMHF, Processor, emulated
from tests.e2e.image.running import Image

from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.effects.docker_build import context_archive
from xmpp_wizard.effects.mmdebstrap import mirror_lines

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(3600)]

CHECK_SECONDS = 120


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


def _build(processor: Processor, base: str, tag: str) -> None:
    client = docker.from_env(timeout=1800)
    context = context_archive(ShippedAppliance().image("prosody"))
    client.images.build(
        fileobj=io.BytesIO(context), custom_context=True, tag=tag, buildargs={"BASE": base},
        platform=processor.platform, network_mode="host", rm=True, forcerm=True,
    )  # fmt: skip
    client.close()


@pytest.fixture(params=[ARM64, ARMHF], ids=lambda processor: processor.debian)
def foreign(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Image]:
    """Build base and image for another processor; both are removed at the end."""
    processor: Processor = request.param
    with emulated(processor):
        yield from _built(processor, tmp_path)


def _built(processor: Processor, folder: Path) -> Iterator[Image]:
    base, tag = (f"xmpp-wizard-image-test-{name}:{processor.debian}" for name in ("base", "prosody"))
    archive = folder / "userland.tar"
    _userland(processor, archive)
    _load(processor, archive, base)
    archive.unlink()
    client = docker.from_env(timeout=CHECK_SECONDS)
    network = client.networks.create(f"image-test-{secrets.token_hex(4)}")
    try:
        _build(processor, base, tag)
        yield Image(client, tag, str(network.name))
    finally:
        network.remove()
        for name in (tag, base):
            if client.images.list(name):
                client.images.remove(name, force=True)
        client.close()


def test_it_serves_streams_on_another_processor(foreign: Image) -> None:
    variables = {"LOCAL": "alice", "DOMAIN": "a.example", "PASSWORD": "pw", "PROSODY_SQL_DRIVER": "SQLite3"}
    with foreign.started(environment=variables) as running:
        running.wait_for_stream("a.example")
        running.wait_for_log("The account alice@a.example is made")
        assert running.run("lua5.4", "/usr/local/bin/prosody-healthcheck").status == 0
        running.container.stop(timeout=CHECK_SECONDS)
        assert running.status == 0
