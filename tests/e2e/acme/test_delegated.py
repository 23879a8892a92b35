"""Names proven in another zone than their own: by a key that may only write there, and by an acme-dns server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest
from tests.acme_dns import AcmeDns
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import cert_status, issuer, names, served
from tests.e2e.dns.lab import Lab
from tests.e2e.dns.programs import ALGORITHM, KEY_NAME, PROOFS_KEY_NAME, PROOFS_SECRET, SECRET
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e

DOMAIN = "chat.plain.lab"
NAMES = (DOMAIN, f"groups.{DOMAIN}", f"share.{DOMAIN}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Give a little internet."""
    with Lab(tmp_path_factory.mktemp("lab")) as running:
        # the authority's own: what we ask before a proof is there, it must not remember
        running.resolve_at(running.other_resolver)
        yield running


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """Give a server in the zone plain.lab; none of its names has an address there."""
    return make_server(DOMAIN)


@pytest.fixture
def pebble(lab: Lab, server: Server, tmp_path: Path) -> Iterator[Pebble]:
    """Give an authority that finds its way from the root on and remembers passed checks, as real ones do."""
    authority = Pebble(tmp_path / "pebble", server.address, dns=lab.other_resolver)
    try:
        authority.start({"PEBBLE_AUTHZREUSE": "100"})
        yield authority
    finally:
        authority.stop()


def enter(lab: Lab, records: Mapping[str, str], key: tuple[str, str] = (KEY_NAME, SECRET)) -> str:
    """Enter CNAME records into plain.lab, as a person does, and return what the name server says."""
    keyring = {dns.name.from_text(key[0]): dns.tsig.Key(key[0], key[1], ALGORITHM)}
    update = dns.update.UpdateMessage("plain.lab.", keyring=keyring)
    for name, target in records.items():
        update.replace(f"{name}.", 1, "CNAME", target)
    said = dns.rcode.to_text(dns.query.tcp(update, lab.ns1, timeout=10).rcode())
    if said == "NOERROR":
        wait_until(lambda: all(seen(lab, records)), "all know it")
    return said


def seen(lab: Lab, names: Iterable[str]) -> list[bool]:
    """Say of each name whether it leads on for the second name server, and for the resolver, which remembers."""
    return [
        bool(dns.query.udp(dns.message.make_query(name, kind), server, timeout=5).answer)
        for name in names
        for kind in ("CNAME", "TXT")
        for server in (lab.ns2, lab.resolver)
    ]


def clear(lab: Lab) -> None:
    """Take the records of all tests away."""
    keyring = {dns.name.from_text(KEY_NAME): dns.tsig.Key(KEY_NAME, SECRET, ALGORITHM)}
    update = dns.update.UpdateMessage("plain.lab.", keyring=keyring)
    names = [f"_acme-challenge.{name}" for name in NAMES]
    for name in names:
        update.delete(f"{name}.")
    dns.query.tcp(update, lab.ns1, timeout=10)
    wait_until(lambda: not any(seen(lab, names)), "nobody remembers them")


def answers(pebble: Pebble, lab: Lab, **acme: object) -> dict[str, object]:
    """Return answers that choose the authority and DNS."""
    said = {"directory_url": pebble.url, "trusted_roots": str(pebble.roots), "challenge": "dns-01", **acme}
    return {
        "features.preset": "minimal",
        "features.group_chat": {"enabled": True},
        "features.file_sharing": {"enabled": True},
        "certificates.source": "acme",
        "certificates.acme": said,
        "network.resolvers": [lab.resolver],
    }


def with_key(folder: Path) -> dict[str, object]:
    """Return the account that may write to proofs.lab and nowhere else."""
    key = folder / "key"
    key.write_text(f"{ALGORITHM}:{PROOFS_KEY_NAME}:{PROOFS_SECRET}\n")
    return {"provider": "rfc2136", "key_file": str(key)}


def texts(lab: Lab, name: str) -> set[str]:
    """Return the texts that are there just now."""
    reply = dns.query.udp(dns.message.make_query(name, "TXT"), lab.ns1, timeout=5)
    return {str(item) for found in reply.answer for item in found}


def test_a_key_for_another_zone_proves_name_and_star(server: Server, pebble: Pebble, lab: Lab, tmp_path: Path) -> None:
    clear(lab)
    assert enter(lab, {f"_acme-challenge.{DOMAIN}": "chat.proofs.lab."}) == "NOERROR"
    with pytest.raises(dns.tsig.PeerBadKey):
        enter(lab, {"x.plain.lab": "chat.proofs.lab."}, (PROOFS_KEY_NAME, PROOFS_SECRET))
    server.apply({**answers(pebble, lab, wildcard=True), "dns": with_key(tmp_path)})
    assert cert_status(server)["troubles"] == []
    assert issuer(served(server)).startswith("Pebble Intermediate CA")
    assert names(served(server)) == {DOMAIN, f"*.{DOMAIN}"}
    assert not texts(lab, "chat.proofs.lab"), "nothing is left behind"
    assert server.nothing_to_do()


@pytest.mark.long
def test_a_name_without_its_alias_keeps_no_other_back(server: Server, pebble: Pebble, lab: Lab, tmp_path: Path) -> None:
    clear(lab)
    enter(lab, {f"_acme-challenge.{name}": f"{name.partition('.')[0]}.proofs.lab." for name in NAMES[:2]})
    server.apply({**answers(pebble, lab), "dns": {**with_key(tmp_path), "zone": "proofs.lab"}})
    assert {*NAMES[:2]} <= names(served(server))
    troubles = cert_status(server)["troubles"]
    assert [(item["key"], item["name"]) for item in troubles] == [("no-zone", NAMES[2])], troubles
    enter(lab, {f"_acme-challenge.{NAMES[2]}": "share.proofs.lab."})
    done = server.cli("cert", "issue", "--yes", "--no-proof")
    assert done.returncode == 0, told(done)
    assert names(served(server)) == {*NAMES}


def test_acme_dns_is_registered_once_and_answers_once_the_names_lead_there(
    server: Server, pebble: Pebble, lab: Lab
) -> None:
    clear(lab)
    with AcmeDns(lab.spare, zone="auth.lab") as acme_dns:
        said = answers(pebble, lab, acme_dns_url=acme_dns.url, wildcard=True)
        server.apply(said)
        assert issuer(served(server)).startswith("xmpp-wizard ")
        trouble, *others = cert_status(server)["troubles"]
        assert {item["key"] for item in (trouble, *others)} == {"no-alias"}
        shown = json.loads(server.cli("--json", "dns", "show").stdout)["records"]
        aliases = {record["name"]: record["value"] for record in shown if record["kind"] == "CNAME"}
        assert list(aliases) == [f"_acme-challenge.{DOMAIN}"]
        assert all(f"{name} CNAME {target}" in trouble["do"] for name, target in aliases.items())
        assert enter(lab, aliases) == "NOERROR"
        done = server.cli("cert", "issue", "--yes", "--no-proof")
        assert done.returncode == 0, told(done)
        assert issuer(served(server)).startswith("Pebble Intermediate CA")
        assert names(served(server)) == {DOMAIN, f"*.{DOMAIN}"}
        found = json.loads(server.cli("--json", "dns", "check").stdout)["findings"]
        assert [item["level"] for item in found if item["kind"] == "CNAME"] == ["ok"]
        assert server.nothing_to_do()
        assert acme_dns.seen.count("/register") == 1
        kept = server.state / "acme" / "acme-dns.json"
        assert kept.stat().st_mode & 0o777 == 0o600
        passwords = [place.password for place in acme_dns.places.values()]
        assert all(password in kept.read_text() for password in passwords)
        everything = [path for path in server.root.rglob("*") if path.is_file() and path != kept]
        assert not [path for path in everything if any(word.encode() in path.read_bytes() for word in passwords)]
