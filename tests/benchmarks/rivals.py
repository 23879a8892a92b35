"""Other servers to compare with, from the same Debian, with its own configuration, in containers of the same kind."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import docker
from docker.models.containers import Container
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import PASSWORD
from tests.e2e.server.xmpp import Stream

from xmpp_wizard.core.lua import to_lua

PORT = 5222


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server runs, and the chain and key that it serves ``domain`` with."""

    folder: Path
    address: str
    domain: str
    chain: str
    key: str


@contextmanager
def plain_prosody(place: Place, names: Sequence[str], *modules: str) -> Iterator[str]:
    """Run Debian's Prosody with Debian's configuration, and ``modules`` beside; give the name of its container."""
    image = _image("prosody")
    _write(place.folder / "certs" / f"{place.domain}.crt", place.chain)
    _write(place.folder / "certs" / f"{place.domain}.key", place.key)
    own = f"interfaces = {{ {to_lua(place.address)} }}\nVirtualHost {to_lua(place.domain)}\n"
    _write(place.folder / "conf.d" / "own.cfg.lua", f"{own}modules_enabled = {to_lua(list(modules))}\n")
    mounts = [f"{place.folder / name}:/etc/prosody/{name}:ro" for name in ("certs", "conf.d")]
    with _running(place, image, ["prosody", "-F"], "prosody", mounts) as container:
        make_people(container, place.domain, names, "prosody")
        yield str(container.name)


@contextmanager
def ejabberd(place: Place, names: Sequence[str]) -> Iterator[str]:
    """Run Debian's ejabberd with Debian's configuration; give the name of its container."""
    image = _image("ejabberd")
    with closing(docker.from_env()) as engine:
        text = engine.containers.run(image, ["cat", "/etc/ejabberd/ejabberd.yml"], remove=True).decode()
    text = text.replace("  - localhost", f"  - {place.domain}").replace('ip: "::"', f'ip: "{place.address}"')
    text = text.replace("/etc/ejabberd/ejabberd.pem", "/own/server.pem")
    people = "".join(f"<user name={quoteattr(name)} password={quoteattr(PASSWORD)}/>" for name in names)
    data = f"<server-data xmlns='urn:xmpp:pie:0'><host jid={quoteattr(place.domain)}>{people}</host></server-data>"
    for name, content in (("ejabberd.yml", text), ("server.pem", place.chain + place.key), ("people.xml", data)):
        _write(place.folder / name, content)
    mounts = [f"{place.folder}:/own:ro", f"{place.folder}/ejabberd.yml:/etc/ejabberd/ejabberd.yml:ro"]
    with _running(place, image, ["ejabberdctl", "foreground"], "ejabberd", mounts) as container:
        done = container.exec_run(["ejabberdctl", "import_piefxis", "/own/people.xml"], user="ejabberd")
        assert done.exit_code == 0, done.output
        yield str(container.name)


def make_people(container: Container, domain: str, names: Sequence[str], user: str) -> None:
    """Make accounts on a Prosody that runs."""
    for first in range(0, len(names), 100):
        listed = to_lua(list(names[first : first + 100]))
        program = (
            f"> for _, name in ipairs({listed}) do assert(require'core.usermanager'.create_user_with_role("
            f"name, {to_lua(PASSWORD)}, {to_lua(domain)}, 'prosody:member')) end return 'made'"
        )
        done = container.exec_run(["prosodyctl", "shell", program], user=user)
        assert b"made" in done.output, done.output


def _image(package: str) -> str:
    """Build an image of one Debian package; its layers stay, so that the next time costs nothing."""
    tag = f"xmpp-wizard-benchmark:{package}"
    lines = (
        "FROM debian:trixie-slim",
        "ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8",
        f"RUN apt-get update && apt-get install -y --no-install-recommends {package}",
        # systemd would make it
        f"RUN install -d -o {package} -g {package} /run/{package}",
    )
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as target:
        item = tarfile.TarInfo("Dockerfile")
        text = "\n".join(lines).encode()
        item.size = len(text)
        target.addfile(item, io.BytesIO(text))
    archive.seek(0)
    with closing(docker.from_env(timeout=600)) as engine:
        engine.images.build(fileobj=archive, custom_context=True, tag=tag, network_mode="host", rm=True)
    return tag


@contextmanager
def _running(place: Place, image: str, command: list[str], user: str, mounts: list[str]) -> Iterator[Container]:
    with closing(docker.from_env()) as engine:
        container = engine.containers.run(
            image, command, detach=True, user=user, network_mode="host", volumes=mounts, name=_name(place)
        )
        try:
            wait_until(lambda: _serves(place), f"{image} serves {place.domain}", 60)
            yield container
        finally:
            container.remove(force=True, v=True)


def _name(place: Place) -> str:
    return f"benchmark-{re.sub('[^a-z0-9]', '-', place.address)}"


def _serves(place: Place) -> bool:
    try:
        Stream((place.address, PORT), place.domain).__exit__(None, None, None)
    except (OSError, AssertionError):
        return False
    return True


def _write(path: Path, text: str) -> None:
    """Write a file of a throw-away server for all to read: the user in the container has any number."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    path.write_text(text)
