"""A server that speaks the interface of acme-dns (github.com/joohoi/acme-dns): places by HTTP, their texts by DNS.

The real one is a program in Go that no package archive has; here is what its manual and its sources promise: 201 for a
registration, 401 for wrong credentials, 400 for a text that is not 43 signs long, the last two texts of a place.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

_TEXT_SIGNS = 43


@dataclass
class Place:
    """A place for texts."""

    user: str
    password: str
    texts: list[str] = field(default_factory=list)


@dataclass
class AcmeDns:
    """One server: HTTP on any port of ``address``, DNS over UDP on port 53 of it, for the zone ``zone``."""

    address: str
    zone: str = "auth.example.lab"
    registers: bool = True
    has_dns: bool = True
    places: dict[str, Place] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where its interface is."""
        return f"http://{self.address}:{self._http.server_port}"

    def __enter__(self) -> Self:
        """Start both."""
        self._http = ThreadingHTTPServer((self.address, 0), type("Talk", (_Talk,), {"server_here": self}))
        self._threads = [threading.Thread(target=self._http.serve_forever, args=(0.02,))]
        self._dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if self.has_dns:
            self._dns.bind((self.address, 53))
            self._threads.append(threading.Thread(target=self._serve_dns))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop both."""
        self._http.shutdown()
        if self.has_dns:
            self._wake()
        for thread in self._threads:
            thread.join()
        self._http.server_close()
        self._dns.close()

    def _wake(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (self.address, 53))

    def _serve_dns(self) -> None:
        while True:
            packet, sender = self._dns.recvfrom(4096)
            if not packet:
                return
            self._dns.sendto(self._answer(dns.message.from_wire(packet)).to_wire(), sender)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        own = {
            (self.zone, "NS"): [f"ns.{self.zone}."],
            (self.zone, "SOA"): [f"ns.{self.zone}. admin.{self.zone}. 1 60 60 600 1"],
            (f"ns.{self.zone}", "A"): [self.address],
        }
        place = self.places.get(name.removesuffix(f".{self.zone}"))
        found = own.get((name, kind)) or ([f'"{text}"' for text in place.texts] if place and kind == "TXT" else [])
        if found:
            answer.answer.append(dns.rrset.from_text(question.name, 1, "IN", kind, *found))
        elif name not in {owner for owner, _ in own}:
            # so does the real one, even for a place that waits for its first text
            answer.set_rcode(dns.rcode.NXDOMAIN)
        if not found:
            answer.authority.append(dns.rrset.from_text(f"{self.zone}.", 1, "IN", "SOA", *own[self.zone, "SOA"]))
        return answer


class _Talk(BaseHTTPRequestHandler):
    """One request."""

    server_here: AcmeDns

    def do_POST(self) -> None:
        here = self.server_here
        here.seen.append(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        if self.path == "/register" and here.registers:
            self._register()
        elif self.path == "/update":
            self._update(body)
        else:
            self._answer(404, None)

    def _register(self) -> None:
        name, user, password = str(uuid.uuid4()), str(uuid.uuid4()), secrets.token_urlsafe(30)
        self.server_here.places[name] = Place(user, password)
        full = f"{name}.{self.server_here.zone}"
        given = {"username": user, "password": password, "fulldomain": full, "subdomain": name, "allowfrom": []}
        self._answer(201, given)

    def _update(self, body: dict[str, str]) -> None:
        place = self.server_here.places.get(body.get("subdomain", ""))
        given = (self.headers.get("X-Api-User"), self.headers.get("X-Api-Key"))
        if place is None or given != (place.user, place.password):
            self._answer(401, {"error": "forbidden"})
        elif len(body.get("txt", "")) != _TEXT_SIGNS:
            self._answer(400, {"error": "bad_txt"})
        else:
            place.texts = [*place.texts, body["txt"]][-2:]
            self._answer(200, {"txt": body["txt"]})

    def _answer(self, status: int, body: object) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"404 page not found\n" if body is None else json.dumps(body).encode())

    def log_message(self, *_words: object) -> None:
        """Say nothing."""
