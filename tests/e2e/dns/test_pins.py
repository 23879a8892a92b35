"""Keys pinned in a zone that DNSSEC protects: what is published is what a real server serves."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.e2e.dns.lab import HERE, Lab
from tests.e2e.dns.programs import ALGORITHM, KEY_NAME, SECRET
from tests.e2e.server.machine import PORTS, Server

from xmpp_wizard.core.dns.reply import Question
from xmpp_wizard.effects.resolver import NetworkResolver

pytestmark = pytest.mark.e2e


def served_pin(server: Server) -> str:
    """Return the sum of the public key on the port for apps with TLS at once."""
    context = ssl.create_default_context(cadata=server.root_certificate())
    context.check_hostname = False
    with context.wrap_socket(
        socket.create_connection((server.address, PORTS["client_tls"]), timeout=10),
        server_hostname=server.domain,
    ) as connection:
        certificate = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(key).hexdigest()


@pytest.mark.parametrize(("zone", "is_signed"), [("example.lab", True), ("plain.lab", False)])
def test_the_served_key_is_pinned_where_dnssec_protects_it(
    lab: Lab, make_server: Callable[..., Server], zone: str, *, is_signed: bool
) -> None:
    server = make_server(f"pins.{zone}")
    key = server.root / "key"
    key.write_text(f"{ALGORITHM}:{KEY_NAME}:{SECRET}")
    server.apply(
        {
            "network.resolvers": [lab.resolver],
            "network.public_addresses": [HERE],
            "dns.provider": "rfc2136",
            "dns.key_file": str(key),
            "dns.pins": True,
        }
    )
    pushed = server.cli("dns", "push", "--yes")
    assert pushed.returncode == 0, pushed.stderr
    questions = [Question(f"_{port}._tcp.{server.domain}", "TLSA") for port in (5222, 5223, 5269, 5270)]
    # it counts in whole seconds: what is to be remembered for one may be remembered for nearly two
    time.sleep(2.2)
    replies = NetworkResolver().ask(questions, [lab.resolver], 5)
    expected = (f"3 1 1 {served_pin(server)}",) if is_signed else ()
    assert {replies[question].values for question in questions} == {expected}, (pushed.stdout, replies)
    assert all(replies[question].is_validated for question in questions) is is_signed
    found = {finding["key"] for finding in server.json("dns", "check")["findings"]}
    assert ("pins-unprotected" in found) is not is_signed
    assert "wrong-pin" not in found
    gone = server.cli("uninstall", "--yes")
    assert "records from DNS" in gone.stderr
    after = NetworkResolver().ask([Question(server.domain, "A", lab.ns1)], [], 5)
    assert {reply.values for reply in after.values()} == {()}
