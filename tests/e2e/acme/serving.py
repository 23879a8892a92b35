"""Answers for a server with certificates of an authority, and which it serves then."""

from __future__ import annotations

import json
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from tests.e2e.acme.pebble import Pebble
from tests.e2e.server.machine import PORTS, Server
from tests.e2e.server.xmpp import Stream


def answers(pebble: Pebble, **more: object) -> dict[str, object]:
    """Return answers that choose the authority."""
    acme = {"directory_url": pebble.url, "trusted_roots": str(pebble.roots), **more}
    return {"certificates.source": "acme", "certificates.acme": acme, "network.resolvers": [pebble.resolver]}


def served(server: Server, name: str = "") -> x509.Certificate:
    """Return the certificate that people get who ask for ``name``."""
    with Stream((server.address, PORTS["client"]), name or server.domain) as stream:
        return x509.load_der_x509_certificate(stream.certificate)


def issuer(certificate: x509.Certificate) -> str:
    """Return who made it."""
    return str(certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def names(certificate: x509.Certificate) -> set[str]:
    """Return the names in it."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(found.get_values_for_type(x509.DNSName))


def cert_status(server: Server) -> dict[str, Any]:
    """Return what the program says of certificates."""
    found: dict[str, Any] = json.loads(server.cli("--json", "cert", "status").stdout)
    return found
