"""Keys and certificates by the ``cryptography`` library: the authority of this machine, and reading others' work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from xmpp_wizard.core.certificates.authority import CertificateFiles
from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_ROOT_DAYS = 3652
_LEAF_DAYS = 820
"""Apple's devices refuse more than 825 days, of private authorities too."""
_BACKDATED = timedelta(hours=1)
"""For devices whose clocks are a little behind."""
_LONGEST_COMMON_NAME = 64
_SHORTEST_RSA_BITS = 2048


class LocalAuthority:
    """:class:`~xmpp_wizard.core.certificates.authority.Authority`; loads the library when it is first used."""

    def new_authority(self, title: str, now: datetime) -> tuple[bytes, bytes]:
        """Return a root for ten years: EC P-256, it may sign servers' certificates and no other authority's."""
        from cryptography import x509  # noqa: PLC0415

        key = _new_key()
        subject = _name(title[:_LONGEST_COMMON_NAME])
        usage = _usage(signs_certificates=True)
        builder = (
            _builder(subject, subject, key, key, now, _ROOT_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
        )
        return _signed(builder, key), _private_pem(key)

    def issue(
        self, root: tuple[bytes, bytes], names: Sequence[str], now: datetime, key: bytes = b""
    ) -> CertificateFiles:
        """Return a certificate for server and client use (federation uses both), never outliving ``root``.

        Raises:
            EffectError: ``root`` or ``key`` cannot be used.
        """
        from cryptography import x509  # noqa: PLC0415
        from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

        issuer = _certificate(root[0])
        issuer_key = _ec_key(root[1])
        own_key = _ec_key(key) if key else _new_key()
        # a longer name than this cannot be a subject; browsers and clients read the alternative names only
        common_name = names[0] if len(names[0]) <= _LONGEST_COMMON_NAME else ""
        days = min(_LEAF_DAYS, max((issuer.not_valid_after_utc - now).days, 1))
        builder = (
            _builder(_name(common_name), issuer.subject, own_key, issuer_key, now, days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=not common_name
            )
        )
        return CertificateFiles(_signed(builder, issuer_key), key or _private_pem(own_key))

    def inspect(self, chain: bytes, key: bytes = b"") -> ObservedCertificate:
        """Return the facts of the first certificate; one that has expired is a fact, not an error."""
        from cryptography import x509  # noqa: PLC0415

        first = _certificate(chain)
        if key and _is_weak(first):
            raise EffectError(
                say("its key is too short: no app would log in with it"),
                say("Get a certificate with an RSA key of at least 2048 bits, or an elliptic-curve one."),
            )
        if key and _public_bytes(_key(key)) != _public_bytes(first):
            raise EffectError(
                say("the private key belongs to another certificate"),
                say("Give the key that the certificate was made with; the server's own certificate comes first."),
            )
        try:
            alternative = first.extensions.get_extension_for_class(x509.SubjectAlternativeName)
            names = tuple(name.lower() for name in alternative.value.get_values_for_type(x509.DNSName))
        except x509.ExtensionNotFound:
            names = ()
        return ObservedCertificate(
            names=names,
            not_before=first.not_valid_before_utc,
            not_after=first.not_valid_after_utc,
            issuer=_readable(first.issuer),
            serial=first.serial_number,
            sha256=sha256(chain).hexdigest(),
            key_sha256=sha256(_public_bytes(first)).hexdigest(),
        )


def _is_weak(certificate: x509.Certificate) -> bool:
    """Say whether OpenSSL's security level 2, which Debian sets, refuses the key (SSL_CTX_set_security_level(3))."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415

    public = certificate.public_key()
    return isinstance(public, RSAPublicKey) and public.key_size < _SHORTEST_RSA_BITS


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePrivateKey,
    issuer_key: EllipticCurvePrivateKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    from cryptography import x509  # noqa: PLC0415

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509  # noqa: PLC0415

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    from cryptography import x509  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])


def _readable(name: x509.Name) -> str:
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(kind):
            return str(attribute.value)
    return name.rfc4514_string()


def _new_key() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    return ec.generate_private_key(ec.SECP256R1())


def _signed(builder: x509.CertificateBuilder, key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415

    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _private_pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_bytes(owner: x509.Certificate | PrivateKeyTypes) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    return owner.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _certificate(pem: bytes) -> x509.Certificate:
    from cryptography import x509  # noqa: PLC0415

    try:
        return x509.load_pem_x509_certificates(pem)[0]
    except ValueError as error:
        raise EffectError(
            say("this is no certificate"),
            say("A certificate file begins with -----BEGIN CERTIFICATE-----"),
        ) from error


def _key(pem: bytes) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    try:
        return serialization.load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise EffectError(
            say("the private key is encrypted, and nobody types its password when the server starts"),
            say("Write it down without one: openssl pkey -in KEY -out NEW-KEY"),
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise EffectError(
            say("this is no private key that can be used"),
            say("A key file begins with -----BEGIN PRIVATE KEY-----; RSA and EC keys can be used."),
        ) from error


def _ec_key(pem: bytes) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    found = _key(pem)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise EffectError(say("the private key is not one that this program made"))
    return found
