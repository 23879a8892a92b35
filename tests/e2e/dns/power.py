"""A real PowerDNS, steered by its programming interface."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import requests
from tests.e2e.dns.programs import UNPACKED, Process, socket_folder

TOKEN = "power-token-0123456789"
_API_PORT = 8081


class Power:
    """One server at an address of its own; its interface is on port 8081."""

    def __init__(self, folder: Path, address: str) -> None:
        """Write its configuration and an empty database."""
        self.address = address
        database = sqlite3.connect(folder / "db")
        database.executescript(_found("share/**/schema.sqlite3.sql").read_text())
        database.close()
        self._sockets = socket_folder()
        (folder / "pdns.conf").write_text(f"""launch=gsqlite3
gsqlite3-database={folder}/db
module-dir={_found("lib/**/libgsqlite3backend.so").parent}
local-address={address}
socket-dir={self._sockets.name}
api=yes
api-key={TOKEN}
webserver=yes
webserver-address={address}
webserver-port={_API_PORT}
webserver-allow-from=127.0.0.0/8
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
""")
        self._process = Process(folder, "pdns_server", f"--config-dir={folder}", "--daemon=no", "--guardian=no")

    def __enter__(self) -> Self:
        """Start it."""
        self._process.start(self.address, _API_PORT)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self._process.stop()
        self._sockets.cleanup()

    def zone(self, name: str, *servers: str) -> None:
        """Make a zone with these name servers."""
        zone = {"name": f"{name}.", "kind": "Native", "nameservers": [f"{server}." for server in servers]}
        self._ask("POST", "", zone)

    def has(self, name: str) -> bool:
        """Say whether there is this zone."""
        return requests.get(f"{self._url}/{name}.", headers={"X-API-Key": TOKEN}, timeout=10).ok

    def put(self, zone: str, sets: Mapping[tuple[str, str], Sequence[str]]) -> None:
        """Replace sets of records, by whole name and kind; one without values goes."""
        changes = [
            {
                "name": f"{name}.",
                "type": kind,
                "ttl": 1,
                "changetype": "REPLACE" if values else "DELETE",
                "records": [{"content": value, "disabled": False} for value in values],
            }
            for (name, kind), values in sets.items()
        ]
        self._ask("PATCH", f"/{zone}.", {"rrsets": changes})

    @property
    def _url(self) -> str:
        return f"http://{self.address}:{_API_PORT}/api/v1/servers/localhost/zones"

    def _ask(self, method: str, path: str, body: object) -> None:
        answer = requests.request(method, self._url + path, json=body, headers={"X-API-Key": TOKEN}, timeout=10)
        assert answer.ok, answer.text


def _found(pattern: str) -> Path:
    places = (UNPACKED / "usr", Path("/usr"))
    return next(path for place in places for path in sorted(place.glob(pattern)))
