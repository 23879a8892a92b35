"""Names proven by DNS: real name servers with a key, a real authority that asks them, and a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.test_served import cert_status, issuer, names, served
from tests.e2e.dns.lab import Lab
from tests.e2e.dns.programs import ALGORITHM, KEY_NAME, SECRET
from tests.e2e.server.machine import Server

pytestmark = pytest.mark.e2e

DOMAIN = "chat.example.lab"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Give a little internet."""
    with Lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def pebble(lab: Lab, server: Server, tmp_path: Path) -> Iterator[Pebble]:
    """Give an authority that asks the name server itself, as nobody waits for a cache."""
    with Pebble(tmp_path / "pebble", server.address, dns=lab.ns1) as running:
        yield running


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """Give a server in a zone of that internet; none of its names has an address there."""
    return make_server(DOMAIN)


def answers(pebble: Pebble, lab: Lab, folder: Path, secret: str = SECRET) -> dict[str, object]:
    """Return answers with an account at the name server."""
    key = folder / "key"
    key.write_text(f"{ALGORITHM}:{KEY_NAME}:{secret}\n")
    return {
        "certificates.source": "acme",
        "certificates.acme": {
            "directory_url": pebble.url,
            "trusted_roots": str(pebble.roots),
            "challenge": "dns-01",
            "wildcard": True,
        },
        "dns": {"provider": "rfc2136", "server": lab.ns1, "key_file": str(key)},
        "network.resolvers": [lab.resolver],
    }


def test_one_star_is_proven_by_dns_and_served(server: Server, pebble: Pebble, lab: Lab, tmp_path: Path) -> None:
    server.apply(answers(pebble, lab, tmp_path))
    assert cert_status(server)["troubles"] == []
    assert issuer(served(server)).startswith("Pebble Intermediate CA")
    assert names(served(server)) == {DOMAIN, f"*.{DOMAIN}"}
    assert server.nothing_to_do()


def test_a_wrong_key_stops_no_apply(server: Server, pebble: Pebble, lab: Lab, tmp_path: Path) -> None:
    server.apply(answers(pebble, lab, tmp_path, "A" * 43 + "="))
    assert issuer(served(server)).startswith("xmpp-wizard ")
    assert {trouble["key"] for trouble in cert_status(server)["troubles"]} == {"dns-provider"}
    (tmp_path / "key").write_text(f"{ALGORITHM}:{KEY_NAME}:{SECRET}\n")
    assert server.cli("cert", "issue", "--yes", "--no-proof").returncode == 0
    assert issuer(served(server)).startswith("Pebble Intermediate CA")
