"""The health gate against real sockets and real TLS: what it sees, and every way in which a server can be ill."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.effects.xmpp_server import (
    ADDRESS,
    FAILURE,
    HEAD,
    NO_TLS,
    Script,
    certificate,
    serve,
    stream_error,
)

from xmpp_wizard.core.certificates.authority import CertificateFiles
from xmpp_wizard.core.errors import HealthError
from xmpp_wizard.effects.local_authority import LocalAuthority
from xmpp_wizard.effects.probe import StreamProbe


@pytest.fixture(scope="module")
def files() -> CertificateFiles:
    return certificate()


def look(script: Script, files: CertificateFiles, folder: Path, tls: str, domain: str = "chat.example") -> int:
    with serve(script, files, folder) as port:
        return StreamProbe().stream(ADDRESS, port, domain, tls, 2)


def test_a_client_port_is_seen_with_its_certificate(files: CertificateFiles, tmp_path: Path) -> None:
    script = Script()
    assert look(script, files, tmp_path, "starttls-client") == LocalAuthority().inspect(files.chain).serial
    assert 'to="chat.example"' in script.heard[0]
    assert "jabber:client" in script.heard[0]


def test_a_server_port_is_spoken_to_as_a_server(files: CertificateFiles, tmp_path: Path) -> None:
    script = Script(kind="server")
    assert look(script, files, tmp_path, "starttls-server")
    assert "jabber:server" in script.heard[0]


def test_direct_tls_says_which_protocol_it_is_for(files: CertificateFiles, tmp_path: Path) -> None:
    script = Script(direct=True)
    assert look(script, files, tmp_path, "direct")
    assert script.heard[0] == "alpn=xmpp-client"


def test_direct_tls_of_servers_is_found_out(files: CertificateFiles, tmp_path: Path) -> None:
    script = Script(direct=True, kind="server", after=stream_error("not-authorized"))
    assert look(script, files, tmp_path, "direct")
    assert [line for line in script.heard if line.startswith("alpn")] == ["alpn=xmpp-client", "alpn=xmpp-server"]


def test_a_domain_in_another_script_is_asked_for_as_it_is(files: CertificateFiles, tmp_path: Path) -> None:
    script = Script()
    assert look(script, files, tmp_path, "starttls-client", "bücher.example")
    assert "bücher.example" in script.heard[0]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Script(first=stream_error("host-unknown")), "host-unknown"),
        (Script(first=NO_TLS), "no encryption"),
        (Script(answer=FAILURE), "refuses encryption"),
        (Script(after=stream_error("not-authorized")), "not-authorized"),
        (Script(raw=b"HTTP/1.1 400 Bad Request\r\n\r\n"), "does not speak XMPP"),
        (Script(raw=HEAD.format(kind="client").encode()), "closed the connection"),
        (Script(raw=b"<stream>" + b"x" * 400_000), "does not stop talking"),
    ],
)
def test_an_ill_server_is_told_from_a_well_one(
    script: Script, reason: str, files: CertificateFiles, tmp_path: Path
) -> None:
    with pytest.raises(HealthError, match=reason):
        look(script, files, tmp_path, "starttls-client")


@pytest.mark.parametrize("tls", ["starttls-client", "direct"])
def test_a_frozen_server_is_given_up_in_time(tls: str, files: CertificateFiles, tmp_path: Path) -> None:
    started = time.monotonic()
    with serve(Script(freeze=True), files, tmp_path) as port, pytest.raises(HealthError, match="says nothing"):
        StreamProbe().stream(ADDRESS, port, "chat.example", tls, 0.3)
    assert time.monotonic() - started < 2


def test_a_closed_port_is_told_at_once(tmp_path: Path, files: CertificateFiles) -> None:
    with serve(Script(), files, tmp_path) as port:
        pass
    with pytest.raises(HealthError, match=f"{ADDRESS} port {port}: nobody listens there"):
        StreamProbe().stream(ADDRESS, port, "chat.example", "starttls-client", 2)
