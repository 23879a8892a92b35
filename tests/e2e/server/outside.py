"""Real database servers of somebody else: PostgreSQL and MariaDB with TLS, on an address that is not loopback.

They run from the images that this program builds, with settings of their own: what a hosting company would give.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import docker
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from docker.models.containers import Container
from docker.models.networks import Network
from tests.addresses import own_address
from tests.e2e.server.faults import wait_until

from xmpp_wizard.core.rendering.render import image_tag
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.effects.docker_engine import DockerContainers

PASSWORD = "the database's own, with 'quotes' and \\"


@dataclass
class Outside:
    """A database server from entering a ``with`` block to its end; ``speaks_tls`` can be changed before a start."""

    folder: Path
    image: ClassVar[str]
    driver: ClassVar[str]
    port: ClassVar[int]
    ask_words: ClassVar[tuple[str, ...]]
    """The command that does what the words after it say."""
    database_word: ClassVar[str]
    """How that command is told a database."""
    user_id: ClassVar[int]

    speaks_tls: bool = True
    address: str = ""
    local_address: str = field(default_factory=own_address)
    """Another one of this machine, which its certificate does not have."""
    _engine: docker.DockerClient = field(default_factory=docker.from_env)
    _network: Network | None = None
    _container: Container | None = None
    _keeper: Container | None = None
    """Keeps the image in use, so that no uninstall of a test beside takes it away."""

    def __enter__(self) -> Self:
        """Start it, on the address that this machine has in a network of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._keeper = self._engine.containers.create(_tag(self.image))
        self._network = self._engine.networks.create(f"outside-{secrets.token_hex(4)}")
        self._network.reload()
        self.address = self._network.attrs["IPAM"]["Config"][0]["Gateway"]
        certify(self.folder, self.address)
        for file in ("server.pem", "server.key"):
            (self.folder / file).chmod(0o640)
        self.start()
        return self

    def start(self) -> None:
        """Start it anew, with nothing in it."""
        self._container = self._engine.containers.run(
            _tag(self.image),
            detach=True,
            network_mode="host",
            entrypoint=["sh", "-c", self.script()],
            user="0",
            volumes=[f"{self.folder}:/outside:ro"],
        )
        wait_until(self._answers, f"{self.image} answers", 60)

    def stop(self) -> None:
        """Stop it for good."""
        if self._container is not None:
            self._container.remove(force=True, v=True)
            self._container = None

    def go_away(self) -> None:
        """Stop it with its data kept."""
        assert self._container is not None
        self._container.stop(timeout=2)

    def come_back(self) -> None:
        """Start it again with the data that it had."""
        assert self._container is not None
        self._container.start()
        wait_until(self._answers, f"{self.image} answers again", 60)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()
        if self._network is not None:
            self._network.remove()
        if self._keeper is not None:
            self._keeper.remove(v=True)
        self._engine.close()

    def ask(self, query: str, database: str = "") -> str:
        """Return what it says to its administrator, about one database or all of it."""
        assert self._container is not None
        words = [*self.ask_words[:-1], *([self.database_word + database] if database else []), self.ask_words[-1]]
        done = self._container.exec_run([*words, query], user=str(self.user_id))
        assert isinstance(done.output, bytes)
        assert done.exit_code == 0, done.output.decode()
        return done.output.decode().strip()

    def script(self) -> str:
        """Return how it is made and started, in the shell."""
        raise NotImplementedError

    def _answers(self) -> bool:
        assert self._container is not None
        self._container.reload()
        assert self._container.status == "running", self._container.logs().decode()
        return self._container.exec_run([*self.ask_words, "SELECT 1"], user=str(self.user_id)).exit_code == 0


class OutsidePostgresql(Outside):
    """Debian's PostgreSQL; from outside only with TLS, if it speaks it."""

    image, driver, port, user_id = "postgres", "postgresql", 5432, 5432
    ask_words = ("psql", "-AtX", "-h", "/tmp", "-d", "postgres", "-c")
    database_word = "-d"

    def script(self) -> str:
        """Return how it is made and started."""
        tls = "-c ssl=on -c ssl_cert_file=/tmp/server.pem -c ssl_key_file=/tmp/server.key" if self.speaks_tls else ""
        lines = "local all all peer", f"{'hostssl' if self.speaks_tls else 'host'} all all all scram-sha-256"
        return f"""
            set -e
            run() {{ setpriv --reuid 5432 --regid 5432 --clear-groups "$@"; }}
            cp /outside/server.* /tmp
            chown 5432:5432 /tmp/server.*
            chmod 600 /tmp/server.*
            [ -e /tmp/data ] || run initdb --no-sync -D /tmp/data -U postgres -E UTF8 --locale C >/dev/null
            printf '%s\\n' {" ".join(f"'{line}'" for line in lines)} >/tmp/data/pg_hba.conf
            exec setpriv --reuid 5432 --regid 5432 --clear-groups postgres -D /tmp/data \\
                -c listen_addresses={self.address},{self.local_address} -c unix_socket_directories=/tmp \\
                -c fsync=off {tls}
        """


class OutsideMariadb(Outside):
    """Debian's MariaDB."""

    image, driver, port, user_id = "mariadb", "mysql", 3306, 3306
    ask_words = ("mariadb", "--no-defaults", "--skip-ssl", "--socket=/tmp/s.sock", "--batch", "-N", "--execute")
    database_word = "--database="

    def script(self) -> str:
        """Return how it is made and started."""
        tls = "--ssl-cert=/tmp/server.pem --ssl-key=/tmp/server.key" if self.speaks_tls else "--skip-ssl"
        return f"""
            set -e
            run() {{ setpriv --reuid 3306 --regid 3306 --clear-groups "$@"; }}
            cp /outside/server.* /tmp
            chown 3306:3306 /tmp/server.*
            [ -e /tmp/data ] || run mariadb-install-db --no-defaults --datadir=/tmp/data \\
                --skip-test-db --skip-name-resolve --auth-root-authentication-method=socket \\
                --auth-root-socket-user=mysql >/dev/null
            exec setpriv --reuid 3306 --regid 3306 --clear-groups mariadbd --no-defaults --datadir=/tmp/data \\
                --bind-address={self.address},{self.local_address} --port=3306 --socket=/tmp/s.sock \\
                --skip-name-resolve {tls}
        """


def _tag(image: str) -> str:
    """Return the tag of one of our images, which is built unless it is here."""
    engine, context = DockerContainers(), ShippedAppliance().image(image)
    tag = image_tag(image, context)
    if not engine.has_image(tag):
        engine.provide_base("debian:trixie-slim", print)
        engine.build(image, tag, context, {}, print)
    return tag


def certify(folder: Path, address: str) -> None:
    """Make an authority, ``roots.pem``, another one, ``others.pem``, and a certificate of the first for the address."""
    now, kinds = datetime.now(UTC), {}
    for file in ("roots.pem", "others.pem"):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"authority of {file}")])
        made = _builder(name, name, key.public_key(), now).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        (folder / file).write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        kinds[file] = (name, key)
    issuer, issuer_key = kinds["roots.pem"]
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a database")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    made = _builder(subject, issuer, key.public_key(), now).add_extension(names, critical=False)
    (folder / "server.pem").write_bytes(made.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "server.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    number, begin, end = x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
    return x509.CertificateBuilder(issuer, subject, key, number, begin, end)
