"""Certificates that another program keeps: taken from where it keeps them, and again when it has renewed them."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from tests.e2e.server.certificate_files import Files
from tests.e2e.server.machine import PORTS, Server, told
from tests.e2e.server.xmpp import Stream, log_in

pytestmark = pytest.mark.e2e

Keep = Callable[[Path, dict[str, tuple[bytes, bytes]], int], Path]


def certbot(folder: Path, pairs: dict[str, tuple[bytes, bytes]], generation: int) -> Path:
    """Keep certificates as certbot does: links into an archive."""
    for name, (chain, key) in pairs.items():
        archive, live = folder / "archive" / name, folder / "live" / name
        archive.mkdir(parents=True, exist_ok=True)
        live.mkdir(parents=True, exist_ok=True)
        for file, content in (("fullchain", chain), ("privkey", key)):
            (archive / f"{file}{generation}.pem").write_bytes(content)
            (live / f"{file}.pem").unlink(missing_ok=True)
            (live / f"{file}.pem").symlink_to(f"../../archive/{name}/{file}{generation}.pem")
    (folder / "live" / "README").write_text("This directory contains your keys and certificates.\n")
    return folder / "live"


def caddy(folder: Path, pairs: dict[str, tuple[bytes, bytes]], generation: int) -> Path:
    """Keep certificates as Caddy does: one for each name, below the name of the authority."""
    assert generation
    for name, (chain, key) in pairs.items():
        place = folder / "certificates" / "acme-v02.api.letsencrypt.org-directory" / name
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.crt").write_bytes(chain)
        (place / f"{name}.key").write_bytes(key)
        (place / f"{name}.json").write_text("{}")
    return folder / "certificates"


def traefik(folder: Path, pairs: dict[str, tuple[bytes, bytes]], generation: int) -> Path:
    """Keep certificates as Traefik does: all in one file."""
    assert generation
    entries = [
        {
            "domain": {"main": name},
            "certificate": base64.b64encode(chain).decode(),
            "key": base64.b64encode(key).decode(),
            "Store": "default",
        }
        for name, (chain, key) in pairs.items()
    ]
    kept = {"le": {"Account": {"Email": "a@example.org"}, "Certificates": entries}, "other": {"Certificates": None}}
    (folder / "acme.json").write_text(json.dumps(kept))
    return folder / "acme.json"


def pairs(server: Server, folder: Path, *, single: bool) -> dict[str, tuple[bytes, bytes]]:
    """Return new certificates: one for all names of the server, or one for each, and one of somebody else's."""
    files = Files(folder)
    names = [f"{label}{server.domain}" for label in ("", "groups.", "share.")]
    found = {}
    for group in ([names] if single else [[name] for name in names]) + [["other.example"]]:
        files.make(*group)
        found[group[0]] = (files.chain.read_bytes(), files.key.read_bytes())
    return found


def served(server: Server) -> bytes:
    """Return the certificate that people get, DER."""
    with Stream((server.address, PORTS["client"]), server.domain) as stream:
        return stream.certificate


def is_of(der: bytes, pair: tuple[bytes, bytes]) -> bool:
    return x509.load_der_x509_certificate(der) == x509.load_pem_x509_certificates(pair[0])[0]


def nginx_proxy_manager(folder: Path, pairs: dict[str, tuple[bytes, bytes]], generation: int) -> Path:
    """Keep certificates as Nginx Proxy Manager does: by certbot, in folders with numbers of its own."""
    return certbot(folder, {f"npm-{number}": pair for number, pair in enumerate(pairs.values(), 1)}, generation)


@pytest.mark.parametrize(
    ("keep", "single"), [(certbot, True), (caddy, False), (traefik, False), (nginx_proxy_manager, False)]
)
def test_what_another_program_renews_is_served(server: Server, tmp_path: Path, keep: Keep, single: bool) -> None:  # noqa: FBT001 a parameter
    folder = tmp_path / "store"
    folder.mkdir()
    first = pairs(server, tmp_path, single=single)
    store = keep(folder, first, 1)
    server.apply({"certificates.source": "files", "certificates.store": str(store)})
    assert is_of(served(server), first[server.domain])
    assert server.nothing_to_do()
    assert server.cli("cert", "renew", "--if-due").returncode == 0
    server.add_user()
    began = server.started_at()
    with log_in(server.address, PORTS["client"], f"ann@{server.domain}", "a long pass phrase") as ann:
        second = pairs(server, tmp_path, single=single)
        keep(folder, second, 2)
        done = server.cli("cert", "renew", "--if-due")
        assert done.returncode == 0, told(done)
        ann.ping()
    assert is_of(served(server), second[server.domain])
    assert server.started_at() == began


def test_a_store_that_is_gone_or_lacks_names_is_told_and_changes_nothing(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    wish = {"certificates.source": "files", "certificates.store": str(folder / "certificates")}
    done = server.try_apply(wish)
    assert done.returncode == 5, told(done)
    assert f"{folder}/certificates (certificates.store) cannot be read" in " ".join(done.stderr.split())
    found = pairs(server, tmp_path, single=False)
    del found[f"share.{server.domain}"]
    caddy(folder, found, 1)
    done = server.try_apply(wish)
    assert done.returncode == 5, told(done)
    assert f"none of your certificate files is for share.{server.domain}" in " ".join(done.stderr.split())
    assert server.snapshot() == {}
    caddy(folder, pairs(server, tmp_path, single=False), 1)
    server.apply(wish)
    before = served(server)
    shutil.rmtree(folder)
    gone = f"{folder}/certificates (certificates.store) cannot be read"
    said = server.json("status", expect=3)["problems"]
    assert [problem for problem in said if gone in problem], said
    done = server.cli("cert", "renew", "--if-due")
    assert done.returncode == 3, told(done)
    assert gone in " ".join(done.stderr.split())
    assert served(server) == before, "what is served stays while there is nothing newer"


def test_certificates_are_imported_by_one_command(server: Server, tmp_path: Path) -> None:
    server.apply()
    found = pairs(server, tmp_path, single=True)[server.domain]
    chain, key = tmp_path / "mine.pem", tmp_path / "mine.key"
    chain.write_bytes(found[0])
    key.write_bytes(found[1])
    done = server.cli("cert", "import", str(chain), str(key), "--yes", "--no-proof")
    assert done.returncode == 0, told(done)
    assert is_of(served(server), found)
    folder = tmp_path / "store"
    folder.mkdir()
    kept = pairs(server, tmp_path, single=False)
    done = server.cli("cert", "import", str(caddy(folder, kept, 1)), "--yes", "--no-proof")
    assert done.returncode == 0, told(done)
    assert is_of(served(server), kept[server.domain])
    assert str(folder) in (server.settings / "answers.toml").read_text()
    assert str(chain) not in (server.settings / "answers.toml").read_text()
    done = server.cli("cert", "import", str(chain), str(key), "--yes", "--no-proof")
    assert done.returncode == 0, told(done)
    assert is_of(served(server), found), "no store of before is looked at any more"
    assert "store" not in (server.settings / "answers.toml").read_text()
    assert server.cli("cert", "import", "a", "b", "c").returncode == 64
