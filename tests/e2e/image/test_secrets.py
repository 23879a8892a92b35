"""Secrets come from files, and what only root may read still reaches the server."""

from __future__ import annotations

import os
import socket
import ssl
from pathlib import Path

import pytest
from tests.e2e.image.running import Image

pytestmark = pytest.mark.e2e

HOST = {"PROSODY_VIRTUAL_HOSTS": "a.example"}
SQL = {"PROSODY_SQL_DRIVER": "PostgreSQL"}


def _file(folder: Path, content: str, mode: int = 0o600) -> dict[str, dict[str, str]]:
    path = folder / "secret"
    path.write_text(content)
    path.chmod(mode)
    return {str(path): {"bind": "/run/secrets/it", "mode": "ro"}}


@pytest.mark.parametrize("content", ["from a file", "from a file\n", "from a file\r\n"])
def test_each_secret_has_a_file_form(prosody: Image, tmp_path: Path, content: str) -> None:
    names = ["PROSODY_SQL_PASSWORD_FILE", "PROSODY_TURN_SECRET_FILE", "PROSODY_COMPONENT_SECRET_FILE", "PASSWORD_FILE"]
    variables = HOST | SQL | dict.fromkeys(names, "/run/secrets/it") | {
        "PROSODY_EXTERNAL_COMPONENTS": "gw.a.example", "LOCAL": "alice", "DOMAIN": "a.example"
    }  # fmt: skip
    configuration = prosody.configuration(variables, volumes=_file(tmp_path, content))
    assert configuration["sql"]["password"] == "from a file"
    assert configuration["turn_external_secret"] == "from a file"
    assert configuration.hosts["gw.a.example"]["component_secret"] == "from a file"
    assert configuration.hosts["a.example"]["first_account"] == {"username": "alice", "password": "from a file"}
    assert "no variable of this image" not in configuration.warnings


def test_components_with_their_secrets_have_a_file_form(prosody: Image, tmp_path: Path) -> None:
    variables = HOST | {"PROSODY_EXTERNAL_COMPONENTS_FILE": "/run/secrets/it"}
    hosts = prosody.configuration(variables, volumes=_file(tmp_path, "gw.a.example:one\n")).hosts
    assert hosts["gw.a.example"]["component_secret"] == "one"


def test_both_forms_at_once_are_refused(prosody: Image, tmp_path: Path) -> None:
    variables = HOST | {"PROSODY_TURN_SECRET": "a", "PROSODY_TURN_SECRET_FILE": "/run/secrets/it"}
    ended = prosody.run(environment=variables, volumes=_file(tmp_path, "b"))
    assert ended.status == 1
    assert "PROSODY_TURN_SECRET and PROSODY_TURN_SECRET_FILE are both set" in ended.text


def test_a_secret_that_only_root_may_read_reaches_the_server(prosody: Image, tmp_path: Path) -> None:
    variables = {"LOCAL": "alice", "DOMAIN": "a.example", "PASSWORD_FILE": "/run/secrets/it"}
    with prosody.started(environment=variables, volumes=_file(tmp_path, "pw")) as running:
        running.wait_for_log("The account alice@a.example is made")
        copy = running.run("stat", "-c", "%u %a", "/run/prosody/private/secrets/PASSWORD", "/run/prosody/private")
        assert copy.out.split("\n")[:2] == ["5222 400", "5222 500"]
        running.container.restart()
        running.wait_for_stream("a.example")


def test_a_secret_that_cannot_be_read_is_told(prosody: Image, tmp_path: Path) -> None:
    variables = HOST | {"PROSODY_TURN_SECRET_FILE": "/run/secrets/it"}
    ended = prosody.run(environment=variables, volumes=_file(tmp_path, "x"), user="5222:5222")
    assert ended.status == 1
    assert "PROSODY_TURN_SECRET_FILE: /run/secrets/it: Permission denied" in ended.text
    assert "chgrp 5222" in ended.text


@pytest.fixture
def certificates(prosody: Image, tmp_path: Path) -> Path:
    """Make a certificate for a.example that only root may read, as certbot keeps them."""
    folder = tmp_path / "live"
    folder.mkdir(mode=0o700)
    mounted = {str(folder): {"bind": "/out", "mode": "rw"}}
    subject = ["-subj", "/CN=a.example", "-addext", "subjectAltName=DNS:a.example"]
    made = prosody.run(
        "/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", "/out/a.example.key", "-out", "/out/a.example.crt", "-days", "2", *subject, volumes=mounted,
    )  # fmt: skip
    assert made.status == 0, made.text
    (folder / "a.example.key").chmod(0o600)
    return folder


def _served_certificate(address: str) -> str:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((address, 5281), 5) as plain,
        context.wrap_socket(plain, server_hostname="a.example") as secure,
    ):
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True) or b"")


BOSH = HOST | {"PROSODY_ENABLE_MODULES": "bosh"}


def test_certificates_that_only_root_may_read_are_served(prosody: Image, certificates: Path) -> None:
    mounted = {str(certificates): {"bind": "/etc/prosody/certs", "mode": "ro"}}
    with prosody.started(environment=BOSH, volumes=mounted) as running:
        running.wait_for_stream("a.example")
        running.wait_for_log("After a renewal restart the container")
        assert _served_certificate(running.address) == (certificates / "a.example.crt").read_text()


def test_readable_certificates_are_served_from_where_they_are(prosody: Image, certificates: Path) -> None:
    certificates.chmod(0o755)
    os.chown(certificates / "a.example.key", 0, 5222)
    (certificates / "a.example.key").chmod(0o640)
    mounted = {str(certificates): {"bind": "/mine", "mode": "ro"}}
    with prosody.started(environment=BOSH | {"PROSODY_CERTIFICATES": "/mine"}, volumes=mounted) as running:
        running.wait_for_stream("a.example")
        assert "entrypoint:" not in running.logs()
        assert running.run("ls", "/run/prosody/private").status != 0
        assert _served_certificate(running.address) == (certificates / "a.example.crt").read_text()


def test_certificates_that_cannot_be_read_are_told(prosody: Image, certificates: Path) -> None:
    certificates.chmod(0o755)
    mounted = {str(certificates): {"bind": "/etc/prosody/certs", "mode": "ro"}}
    with prosody.started(environment=BOSH, volumes=mounted, user="5222:5222") as running:
        logs = running.wait_for_log("cannot be read")
        assert "/etc/prosody/certs/a.example.key cannot be read by uid 5222. On the host: chgrp 5222" in logs


def test_missing_certificates_are_told(prosody: Image) -> None:
    with prosody.started(environment=HOST) as running:
        assert "no certificates in certs: without TLS nobody can log in" in running.wait_for_log("no certificates")
