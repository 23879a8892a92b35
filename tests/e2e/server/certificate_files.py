"""Certificates in files, as another program makes and renews them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


class Files:
    """A certificate that is its own root, and its key."""

    def __init__(self, folder: Path) -> None:
        """Take the places; nothing is there yet."""
        self.chain, self.key = folder / "fullchain.pem", folder / "key.pem"

    def make(self, *names: str, days: int = 90) -> int:
        """Write a certificate for these names that ends in so many days; return its serial number."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        end = datetime.now(UTC) + timedelta(days=days)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - timedelta(days=100))
            .not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            .sign(key, hashes.SHA256())
        )
        self.chain.write_bytes(certificate.public_bytes(Encoding.PEM))
        self.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate.serial_number

    def answers(self) -> dict[str, object]:
        """Return answers that name them."""
        files = [{"chain_file": str(self.chain), "key_file": str(self.key)}]
        return {"certificates.source": "files", "certificates.files": files}
