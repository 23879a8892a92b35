"""A real LDAP directory (OpenLDAP's slapd) with TLS, on an address of its own."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import create_connection
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.addresses import own_address
from tests.e2e.server.faults import wait_until

SERVERS = Path(sys.prefix) / "servers"
BASE = "dc=club,dc=example"
READER = f"cn=chat,{BASE}"
READER_PASSWORD = "the reader's own"
ADMINS = f"cn=chat-admins,ou=groups,{BASE}"


class Directory:
    """Runs from entering a ``with`` block to its end; ``people`` have a password each."""

    def __init__(self, folder: Path, address: str, people: dict[str, str], admins: tuple[str, ...] = ()) -> None:
        """Keep all files in ``folder``."""
        self.folder, self.address = folder, address
        self.uncertified_address = own_address()
        """Another one of the same directory, which its certificate does not name."""
        self.roots = folder / "roots.pem"
        self._people, self._admins = people, admins
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Fill the directory and start it."""
        (self.folder / "data").mkdir(parents=True)
        certificate(self.folder, self.address)
        config = self.folder / "slapd.conf"
        config.write_text(self._config())
        entries = self.folder / "entries.ldif"
        entries.write_text(self._entries())
        added = subprocess.run(
            [*_slapd("slapadd"), "-f", config, "-l", entries], env=ENVIRONMENT, capture_output=True, check=False
        )
        assert added.returncode == 0, added.stderr.decode()
        self.start()
        return self

    def start(self) -> None:
        """Start it."""
        addresses = (self.address, self.uncertified_address)
        urls = " ".join(f"ldap://{address}:389 ldaps://{address}:636" for address in addresses)
        command = [*_slapd("slapd"), "-f", str(self.folder / "slapd.conf"), "-h", urls, "-d", "0"]
        self._process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers, "slapd")

    def stop(self) -> None:
        """Stop it, as if the machine that it runs on were gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def _answers(self) -> bool:
        try:
            create_connection((self.address, 636), 1).close()
        except OSError:
            return False
        return True

    def _config(self) -> str:
        schema = SERVERS / "etc/ldap/schema"
        return f"""
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
modulepath {SERVERS}/usr/lib/ldap
moduleload back_mdb
pidfile {self.folder}/slapd.pid
TLSCertificateFile {self.folder}/server.pem
TLSCertificateKeyFile {self.folder}/server.key
security simple_bind=128
database mdb
suffix "{BASE}"
directory {self.folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{READER}" read by * none
"""

    def _entries(self) -> str:
        reader = f"userPassword: {READER_PASSWORD}"
        blocks = [
            f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Club\ndc: club",
            f"dn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people",
            f"dn: ou=groups,{BASE}\nobjectClass: organizationalUnit\nou: groups",
            f"dn: {READER}\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\ncn: chat\n{reader}",
            *(
                f"dn: uid={name},ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n"
                f"userPassword: {password}"
                for name, password in self._people.items()
            ),
            "\n".join(
                [
                    f"dn: {ADMINS}\nobjectClass: groupOfNames\ncn: chat-admins",
                    *(f"member: uid={name},ou=people,{BASE}" for name in self._admins or ("nobody",)),
                ]
            ),
        ]
        return "\n\n".join(blocks) + "\n"


ENVIRONMENT = {"LD_LIBRARY_PATH": str(SERVERS / "usr/lib/x86_64-linux-gnu"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def _slapd(name: str) -> list[str]:
    """Return how to run slapd under one of its names, which decides what it does."""
    return ["bash", "-c", f'exec -a {name} "$0" "$@"', str(SERVERS / "usr/sbin/slapd")]


def certificate(folder: Path, address: str) -> None:
    """Make a certificate for the address, which is its own root (``roots.pem``)."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a directory")])
    made = (
        x509.CertificateBuilder(
            subject, subject, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "roots.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "server.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
