"""Names proven by DNS: real name servers with a key, a real authority that asks them, and a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.acme.asking import Asking
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import cert_status, issuer, names, served
from tests.e2e.dns.lab import Lab
from tests.e2e.dns.programs import ALGORITHM, KEY_NAME, SECRET
from tests.e2e.server.machine import Server

from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.dns.reply import Question
from xmpp_wizard.effects.resolver import NetworkResolver

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
    troubles = cert_status(server)["troubles"]
    assert {trouble["key"] for trouble in troubles} == {"dns-provider"}
    assert f"{lab.ns1} has another secret for the key {KEY_NAME}" in troubles[0]["what"]
    assert troubles[0]["do"] == "Look at the name, the token or key, and the rights of your DNS account."
    (tmp_path / "key").write_text(f"{ALGORITHM}:{KEY_NAME}:{SECRET}\n")
    assert server.cli("cert", "issue", "--yes", "--no-proof").returncode == 0
    assert issuer(served(server)).startswith("Pebble Intermediate CA")


def asks(lab: Lab, pebble: Pebble, folder: Path, *names: str, **account: Any) -> Asking:  # noqa: ANN401 fields
    """Return a machine that proves names by DNS."""
    folder.mkdir(exist_ok=True)
    (folder / "key").write_text(SECRET)
    keeper = DnsAccount("rfc2136", key_name=KEY_NAME, algorithm=ALGORITHM, secret_file=str(folder / "key"))
    keeper = replace(keeper, **{"server": lab.ns1, **account})
    return Asking(folder, pebble, names, challenge="dns-01", dns=keeper, resolvers=(lab.resolver,))


@pytest.fixture
def alone(lab: Lab, tmp_path: Path) -> Iterator[Pebble]:
    """Give an authority without a server."""
    with Pebble(tmp_path / "alone", "127.62.0.9", dns=lab.ns1) as running:
        yield running


def test_what_keeps_names_from_being_proven_by_dns_is_told(lab: Lab, alone: Pebble, tmp_path: Path) -> None:
    wrong = {
        f"{lab.dead} does not answer": {"server": lab.dead},
        "does not know the key stranger": {"key_name": "stranger"},
        "for DNS, is not there": {"secret_file": "/no/such/file"},
    }
    for said, account in wrong.items():
        (lack,) = asks(lab, alone, tmp_path / said[:9].replace(" ", "-"), DOMAIN, **account).ask().values()
        assert (lack.name, lack.key, lack.needs_person) == (DOMAIN, "dns-provider", True)
        assert said in str(lack.what)
        assert "Look at the name, the token or key, and the rights of your DNS account." in str(lack.do)


def test_a_name_in_another_s_zone_keeps_no_other_back(lab: Lab, alone: Pebble, tmp_path: Path) -> None:
    asking = asks(lab, alone, tmp_path, DOMAIN, "bogus.lab", zone="example.lab")
    found = asking.ask()
    assert set(found) == {"bogus.lab"}
    assert asking.had() == (DOMAIN,)
    question = Question(f"_acme-challenge.{DOMAIN}", "TXT", lab.ns1)
    assert NetworkResolver().ask([question], [], 5)[question].values == (), "nothing is left behind"
