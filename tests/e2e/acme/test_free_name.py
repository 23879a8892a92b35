"""A person without a domain: a name and a token typed line by line, and there is a server with a certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.addresses import own_address
from tests.desec import Desec, Sets, Token, Zone
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import cert_status, issuer, names, served
from tests.e2e.dns.power import Power
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e

DOMAIN = "chat.dedyn.io"
TOKEN = "right-token-0123456789"


@pytest.fixture
def power(tmp_path: Path) -> Iterator[Power]:
    """Give the name server of all that is below dedyn.io."""
    folder = tmp_path / "pdns"
    folder.mkdir()
    with Power(folder, own_address()) as running:
        for zone in ("desec.io", "dedyn.io"):
            running.zone(zone, "ns1.desec.io")
        running.put("desec.io", {("ns1.desec.io", "A"): [running.address]})
        yield running


@pytest.fixture
def desec(power: Power) -> Iterator[Desec]:
    """Give the provider, which keeps what it is told on that name server."""
    there: dict[str, set[tuple[str, str]]] = {}

    def publish(zone: str, sets: Sets) -> None:
        if not power.has(zone):
            power.zone(zone, "ns1.desec.io")
        whole = {(f"{name}.{zone}".lstrip("."), kind): values for (name, kind), values in sets.items()}
        power.put(zone, {**{key: [] for key in there.get(zone, ())}, **whole})
        there[zone] = set(whole)

    with Desec(power.address, publish, {TOKEN: Token(), "narrow": Token(creates=False)}) as running:
        running.zones["taken.dedyn.io"] = Zone("carol")
        publish("taken.dedyn.io", {})
        yield running


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """Give a server for that name."""
    return make_server(DOMAIN)


@pytest.fixture
def pebble(power: Power, server: Server, tmp_path: Path) -> Iterator[Pebble]:
    """Give an authority that asks the name server."""
    with Pebble(tmp_path / "pebble", server.address, dns=power.address) as running:
        yield running


@pytest.fixture
def said(power: Power, desec: Desec, pebble: Pebble, server: Server) -> tuple[str, ...]:
    """Return what a person would never have to say: where all of it is here."""
    values = {
        "dns.api_url": desec.url,
        "network.listen": f'["{server.address}"]',
        "network.public_addresses": f'["{server.address}"]',
        "network.resolvers": f'["{power.address}"]',
        "certificates.acme.directory_url": pebble.url,
        "certificates.acme.trusted_roots": str(pebble.roots),
        "certificates.source": "acme",
        "features.preset": "minimal",
    }
    return tuple(word for key, value in values.items() for word in ("--set", f"{key}={value}"))


def test_from_a_token_to_a_certificate_and_back(server: Server, desec: Desec, said: tuple[str, ...]) -> None:
    lines = f"alice@taken.dedyn.io\n{TOKEN}\n\n\nalice@{DOMAIN}\nwrong\n\n{TOKEN}\n\n"
    done = server.cli("setup", "--plain", *said, stdin=lines)
    assert "taken.dedyn.io belongs to somebody else" in done.stderr, told(done)
    assert "deSEC refuses the token: Invalid token." in done.stderr
    assert f"The token is right, and {DOMAIN} is free: Apply makes it yours" in done.stderr
    assert TOKEN not in done.stderr + done.stdout
    assert cert_status(server)["troubles"] == []
    assert issuer(served(server)).startswith("Pebble Intermediate CA")
    assert DOMAIN in names(served(server))
    assert desec.values(DOMAIN, "A") == [server.address]
    assert desec.values(f"_xmpp-client._tcp.{DOMAIN}", "SRV")
    assert not desec.values(f"_acme-challenge.{DOMAIN}", "TXT"), "proofs are cleared"
    token = server.settings / "secrets" / "dns-token"
    assert token.stat().st_mode & 0o777 == 0o600
    others = [path for path in server.root.rglob("*") if path.is_file() and path != token]
    assert not [path for path in others if TOKEN.encode() in path.read_bytes()]
    checked = server.cli("dns", "check")
    assert checked.returncode == 0, told(checked)
    again = server.cli("plan", "--answers", str(server.settings / "answers.toml"))
    assert again.returncode == 0, told(again)
    removed = server.cli("uninstall", "--yes")
    assert removed.returncode == 0, told(removed)
    assert desec.zones[DOMAIN].sets == {}, "every record is gone, and the name stays the person's"


def test_what_fails_half_way_is_told_and_finished_by_the_next_apply(
    server: Server, desec: Desec, said: tuple[str, ...]
) -> None:
    # looked at twice before Apply, looked at and had by it; then nothing more is taken
    desec.faults = [0, 0, 0, 0, *[503] * 40]
    done = server.cli("setup", "--plain", *said, stdin=f"alice@{DOMAIN}\n{TOKEN}\n\n")
    assert done.returncode in (0, 3), told(done)
    told_so = " ".join(done.stderr.split())
    assert f"Enter the records of {DOMAIN} at deSEC: deSEC has a fault: HTTP 503" in told_so, told(done)
    assert DOMAIN in desec.zones, "the name was had before that"
    problems = server.status()["problems"]
    assert any("deSEC has a fault" in problem for problem in problems), problems
    desec.faults.clear()
    file = str(server.settings / "answers.toml")
    planned = server.cli("plan", "--answers", file)
    assert "this one goes on where it stopped" in " ".join(planned.stdout.split()), told(planned)
    done = server.cli("apply", "--answers", file, "--yes", "--no-proof")
    assert done.returncode == 0, told(done)
    assert desec.values(DOMAIN, "A") == [server.address]
    assert not any("deSEC" in problem for problem in server.status()["problems"])
