"""Keys and certificate requests for ACME, by ``cryptography`` and ``josepy``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from acme import jws
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from josepy import interfaces, jwa, jwk, util

from xmpp_wizard.core.acme.model import AcmeError, KeyKind, Problem

_CURVES: dict[str, type[ec.EllipticCurve]] = {"ec256": ec.SECP256R1, "ec384": ec.SECP384R1}
_EXPONENT = 65537
_IDENTIFIER = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31")
"""id-pe-acmeIdentifier (RFC 8737 3)."""
_OCTETS_32 = b"\x04\x20"
"""How DER begins a string of 32 bytes."""


class Payload(interfaces.JSONDeSerializable):
    """A JSON object that is sent as it is; also the empty one, which the library takes for none."""

    def __init__(self, content: dict[str, Any]) -> None:
        """Take the content."""
        self._content = content

    def to_partial_json(self) -> dict[str, Any]:
        """Return the content."""
        return self._content

    @classmethod
    def from_json(cls, jobj: Any) -> Payload:  # noqa: ANN401 as in the library
        """Return a payload; nothing is ever read by it."""
        return cls(jobj)


def new_key(kind: KeyKind) -> bytes:
    """Return a new private key, PKCS #8 PEM."""
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if kind in _CURVES:
        key = ec.generate_private_key(_CURVES[kind]())
    else:
        key = rsa.generate_private_key(_EXPONENT, int(kind.removeprefix("rsa")))
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key_kind(key: bytes) -> str:
    """Return what ``key`` is, as ``ec256`` or ``rsa2048``; empty for anything else."""
    try:
        loaded = serialization.load_pem_private_key(key, None)
    except (TypeError, ValueError):
        return ""
    if isinstance(loaded, ec.EllipticCurvePrivateKey):
        return next((kind for kind, curve in _CURVES.items() if isinstance(loaded.curve, curve)), "")
    return f"rsa{loaded.key_size}" if isinstance(loaded, rsa.RSAPrivateKey) else ""


def signing_key(key: bytes) -> jwk.JWK:
    """Return an account key as the library wants it."""
    loaded = _loaded(key)
    if isinstance(loaded, rsa.RSAPrivateKey):
        return jwk.JWKRSA(key=util.ComparableRSAKey(loaded))
    return jwk.JWKEC(key=util.ComparableECKey(loaded))


def signed_by(key: jwk.JWK, algorithm: jwa.JWASignature, content: dict[str, Any], url: str) -> dict[str, Any]:
    """Return ``content`` as a signed document of its own that shows the key and has no nonce (RFC 8555 7.3.5)."""
    document = jws.JWS.sign(json.dumps(content).encode(), key=key, alg=algorithm, nonce=None, url=url)
    found: dict[str, Any] = json.loads(document.json_dumps())
    return found


def request_der(key: bytes, names: Sequence[str]) -> bytes:
    """Return a certificate request for ``names``, with an empty subject and no wish for a usage."""
    alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    request = builder.add_extension(alternative, critical=False).sign(_loaded(key), hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def challenge_pair(name: str, proof: str) -> bytes:
    """Return certificate and key, PEM, that show an authority the key authorization ``proof`` (RFC 8737 3)."""
    key = ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ACME challenge")])
    digest = x509.UnrecognizedExtension(_IDENTIFIER, _OCTETS_32 + hashlib.sha256(proof.encode()).digest())
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(title, title, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_general_name(name)]), critical=False)
        .add_extension(digest, critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + private


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def first_der(chain: bytes) -> bytes:
    """Return the first certificate of a PEM chain."""
    return _first(chain).public_bytes(serialization.Encoding.DER)


def issuer_key_and_serial(chain: bytes) -> tuple[bytes, int]:
    """Return the identifier of the issuer's key, empty if there is none, and the serial number."""
    first = _first(chain)
    try:
        found = first.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return b"", first.serial_number
    return found.value.key_identifier or b"", first.serial_number


def _first(chain: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise AcmeError(Problem("malformed", "this is no certificate")) from error


def _loaded(key: bytes) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    try:
        loaded = serialization.load_pem_private_key(key, None)
    except (TypeError, ValueError) as error:
        raise AcmeError(Problem("badPublicKey", "the key file is damaged")) from error
    if not isinstance(loaded, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise AcmeError(Problem("badPublicKey", "the key is of a kind that cannot be used"))
    return loaded
