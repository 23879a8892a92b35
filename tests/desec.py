"""A server that speaks deSEC's interface as its documentation has it; it stands in for the one nobody here can reach.

Followed are https://desec.readthedocs.io/en/latest/dns/domains.html, …/dns/rrsets.html, …/auth/tokens.html and
…/rate-limits.html: status, body and header of each answer, whole-or-nothing changes, least lifetimes, pages.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype

Sets = dict[tuple[str, str], list[str]]
_PAGE = 5
"""Real pages are of 500; small ones are turned, too."""
_ZONE = re.compile(r"/api/v1/domains/([^/]+)/(rrsets/)?")


@dataclass
class Token:
    """What a token may do; ``writes`` are the zones, None: all of its account."""

    account: str = "alice"
    creates: bool = True
    writes: frozenset[str] | None = None


@dataclass
class Zone:
    """A zone of an account."""

    account: str
    minimum_ttl: int = 60
    sets: Sets = field(default_factory=dict)


@dataclass
class Desec:
    """One server; ``publish`` hears of each zone that changed. ``faults`` are answers to the next requests, if any."""

    address: str
    publish: Callable[[str, Sets], None] = lambda _zone, _sets: None
    tokens: dict[str, Token] = field(default_factory=dict)
    zones: dict[str, Zone] = field(default_factory=dict)
    faults: list[int] = field(default_factory=list)
    most_zones: int = 15
    seen: list[str] = field(default_factory=list)
    """Method and path of each request."""
    port: int = 0

    @property
    def url(self) -> str:
        """Where its interface is."""
        return f"http://{self.address}:{self.port}/api/v1"

    def __enter__(self) -> Self:
        """Start; again at the same port after a stop."""
        self._server = ThreadingHTTPServer((self.address, self.port), type("Talk", (_Talk,), {"desec": self}))
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def values(self, name: str, kind: str) -> list[str]:
        """Return the records of a name."""
        return next(
            (
                zone.sets.get((name.removesuffix(owner).rstrip("."), kind), [])
                for owner, zone in self.zones.items()
                if name == owner or name.endswith(f".{owner}")
            ),
            [],
        )

    def change(self, owner: str, wanted: list[dict[str, Any]]) -> list[dict[str, list[str]]]:
        """Make a change, whole or not at all; return what is wrong with each part."""
        zone = self.zones[owner]
        wrong = [_problems(item, zone) for item in wanted]
        if any(wrong):
            return wrong
        for item in wanted:
            place = (item.get("subname", ""), item["type"])
            zone.sets[place] = [_canonical(item["type"], value) for value in item["records"]]
            if not zone.sets[place]:
                del zone.sets[place]
        self.publish(owner, zone.sets)
        return []


def _problems(item: dict[str, Any], zone: Zone) -> dict[str, list[str]]:
    if (item.get("subname", ""), item["type"]) not in zone.sets and item["records"] and "ttl" not in item:
        return {"ttl": ["This field is required."]}
    if item.get("ttl", zone.minimum_ttl) < zone.minimum_ttl:
        return {"ttl": [f"Ensure this value is greater than or equal to {zone.minimum_ttl}."]}
    try:
        for value in item["records"]:
            _canonical(item["type"], value)
    except (dns.exception.DNSException, ValueError):
        return {"records": ["Record content is malformed."]}
    if item["type"] == "TXT" and not all(value.startswith('"') for value in item["records"]):
        return {"records": ["Record content must be in quotes."]}
    return {}


def _canonical(kind: str, value: str) -> str:
    return str(dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), value))


class _Talk(BaseHTTPRequestHandler):
    """One request."""

    desec: Desec

    def _answer(self, status: int, body: object = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def _token(self) -> Token | None:
        """Return the token; without a right one the request is answered."""
        self.desec.seen.append(f"{self.command} {self.path}")
        if self.desec.faults:
            status = self.desec.faults.pop(0)
            if status:
                self._answer(status, {"detail": "Request was throttled."}, Retry_After="1" if status == 429 else "0")
                return None
        word, _, secret = self.headers.get("Authorization", "").partition(" ")
        token = self.desec.tokens.get(secret) if word == "Token" else None
        if token is None:
            self._answer(401, {"detail": "Invalid token."})
        return token

    def _zone(self, token: Token) -> tuple[str, Zone] | None:
        found = _ZONE.match(self.path)
        zone = self.desec.zones.get(found[1]) if found else None
        if found is None or zone is None or zone.account != token.account:
            self._answer(404, {"detail": "Not found."})
            return None
        return found[1], zone

    def do_GET(self) -> None:
        token = self._token()
        found = self._zone(token) if token else None
        if found is None:
            return
        name, zone = found
        if "/rrsets/" not in self.path:
            self._answer(200, {"name": name, "minimum_ttl": zone.minimum_ttl})
            return
        start = int(parse_qs(urlsplit(self.path).query).get("cursor", ["0"])[0] or 0)
        listed = [
            {"subname": sub, "type": kind, "name": f"{sub}.{name}.".lstrip("."), "records": values, "ttl": 60}
            for (sub, kind), values in sorted(zone.sets.items())
        ]
        link = f'<{self.desec.url}/domains/{name}/rrsets/?cursor={start + _PAGE}>; rel="next"'
        more = {"Link": link} if len(listed) > start + _PAGE else {}
        self._answer(200, listed[start : start + _PAGE], **more)

    def do_POST(self) -> None:
        token = self._token()
        if token is None:
            return
        name = self._body()["name"]
        owned = [zone for zone in self.desec.zones.values() if zone.account == token.account]
        if not token.creates:
            self._answer(403, {"detail": "You do not have permission to perform this action."})
        elif len(owned) >= self.desec.most_zones:
            self._answer(403, {"detail": "Domain limit exceeded. Please contact support to create additional domains."})
        elif name in self.desec.zones or not name.endswith(".dedyn.io"):
            reason = "This domain name conflicts with an existing zone, or is disallowed by policy."
            self._answer(400, {"name": [reason]})
        else:
            self.desec.zones[name] = Zone(token.account)
            self.desec.publish(name, {})
            self._answer(201, {"name": name, "minimum_ttl": 60})

    def do_PATCH(self) -> None:
        token = self._token()
        found = self._zone(token) if token else None
        if token is None or found is None:
            return
        body = self._body()
        if token.writes is not None and found[0] not in token.writes:
            self._answer(403, {"detail": "Insufficient token permissions."})
            return
        wrong = self.desec.change(found[0], body)
        self._answer(400 if wrong else 200, wrong or body)

    def _body(self) -> Any:  # noqa: ANN401 whatever JSON it is
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_words: object) -> None:
        """Say nothing."""
