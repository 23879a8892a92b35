"""Two servers talk over certificates of a public authority, which no longer say that their owner may be a client."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.addresses import own_address
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import issuer, served
from tests.e2e.server.dns import SRV, A, Dns
from tests.e2e.server.machine import PASSWORD, PORTS, Server
from tests.e2e.server.xmpp import Client, log_in

pytestmark = pytest.mark.e2e

_DEBUG = 'log = { debug = "*console" }'


class Pair:
    """Two servers that got their certificates from one authority, with a person each."""

    def __init__(self, folder: Path, dns: Dns, pebble: Pebble) -> None:
        """Set both up."""
        self.dns, self.pebble = dns, pebble
        self.servers = [Server(_made(folder / str(n)), f"p{n}-{uuid.uuid4().hex[:6]}.example") for n in range(2)]

    def set_up(self) -> None:
        """Let both be found, and get their certificates."""
        for server in self.servers:
            for label in ("", "groups.", "share."):
                self.dns.publish({(f"{label}{server.domain}", A): (server.address,)})
                self.pebble.lead(f"{label}{server.domain}", server.address)
            self.reach(server, "starttls")
            server.apply(self.answers())
            server.add_user()

    def answers(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401 answers
        """Return answers that find the other one, and trust the authority."""
        acme = {"directory_url": self.pebble.url, "trusted_roots": str(self.pebble.roots)}
        return {
            "certificates.source": "acme",
            "certificates.acme": acme,
            "network.resolvers": [f"{self.dns.address}@53"],
            "features.federation.trusted_roots": str(self.pebble.roots),
            **more,
        }

    def reach(self, server: Server, way: str) -> None:
        """Let the other one find this server by STARTTLS or by Direct TLS only."""
        ports = {"starttls": "server", "direct": "server_tls"}
        for name, service in (("starttls", "_xmpp-server"), ("direct", "_xmpps-server")):
            found = (f"{PORTS[ports[name]]} {server.domain}",) if name == way else ()
            self.dns.publish({(f"{service}._tcp.{server.domain}", SRV): found})

    def log_in(self, server: Server) -> Client:
        """Log in as ann, believing only the public authority."""
        roots = self.pebble.roots.read_text()
        return log_in(server.address, PORTS["client"], f"ann@{server.domain}", PASSWORD, roots=roots)

    def arrives(self, sender: Server, receiver: Server) -> bool:
        """Send a message from ann to ann; return whether the one that comes there is this one."""
        words = uuid.uuid4().hex
        with self.log_in(sender) as here, self.log_in(receiver) as there:
            here.say(f"ann@{receiver.domain}", words)
            return there.hear() == ("message", words)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def pair(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Give two servers."""
    assert image
    folder = tmp_path_factory.mktemp("pair")
    with Dns(own_address()) as dns, Pebble(folder / "pebble", "127.62.0.8") as pebble:
        found = Pair(folder, dns, pebble)
        try:
            found.set_up()
            yield found
        finally:
            for server in found.servers:
                server.remove()


def log_of(server: Server) -> str:
    """Return all that the server has said."""
    with server.engine() as engine:
        said: bytes = engine.containers.get(f"{server.project}-prosody").logs()
    return said.decode()


@pytest.mark.parametrize("way", ["starttls", "direct"])
def test_certificates_without_client_authentication_are_enough_between_two_of_ours(pair: Pair, way: str) -> None:
    first, second = pair.servers
    for server in pair.servers:
        certificate = served(server)
        assert issuer(certificate).startswith("Pebble Intermediate CA")
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
        pair.reach(server, way)
        server.restart()
    assert pair.arrives(first, second)
    assert pair.arrives(second, first)


def check_purpose(server: Server) -> None:
    """Let a server check a certificate's purpose as older ones do, and fall back to dialback as those may."""
    folder = server.settings / "prosody" / "conf.d"
    for name in ("mod_tls.lua", "mod_s2s.lua"):
        text = server.inside("cat", f"/usr/lib/prosody/modules/{name}")
        strict = re.sub(r',? *"lsec_ignore_purpose",?', "", text)
        assert strict != text
        (folder / name).write_text(strict)
    config = (server.settings / "prosody" / "prosody.cfg.lua").read_text()
    paths = re.search(r"^plugin_paths = \{(.*?)\}", config, re.DOTALL | re.MULTILINE)
    others = paths.group(1) if paths else ""
    mine = (f'plugin_paths = {{ "/etc/prosody/conf.d"; {others} }}', "s2s_secure_auth = false", _DEBUG)
    (folder / "strict.cfg.lua").write_text("\n".join(mine))
    for path in folder.iterdir():
        shutil.chown(path, 0, 5222)


def test_a_peer_that_checks_the_purpose_is_reached_by_dialback(pair: Pair) -> None:
    first, second = pair.servers
    check_purpose(second)
    second.apply(pair.answers())
    pair.reach(second, "starttls")
    first.restart()
    assert pair.arrives(first, second)
    said = log_of(second)
    assert "unsuitable certificate purpose" in said
    assert re.search(r"Received\[s2sin_unauthed\]: <result [^>]*jabber:server:dialback", said)
