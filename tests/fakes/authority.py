"""Certificates that are JSON in PEM's clothes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.fakes.recorder import Recorder

from xmpp_wizard.core.certificates.authority import CertificateFiles
from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.errors import (
    EffectError,
)
from xmpp_wizard.core.text import say


@dataclass
class FakeAuthority(Recorder):
    """Certificates that are JSON in PEM's clothes; serial numbers count up."""

    serial: int = 0

    def new_authority(self, title: str, now: datetime) -> tuple[bytes, bytes]:
        self.hit("new_authority", title)
        key = self._new_key()
        return self._certificate((), title, key, now, days=3652), key

    def issue(
        self, root: tuple[bytes, bytes], names: Sequence[str], now: datetime, key: bytes = b""
    ) -> CertificateFiles:
        self.hit("issue", names[0])
        issuer = self.inspect(*root).issuer
        key = key or self._new_key()
        return CertificateFiles(self._certificate(tuple(names), issuer, key, now, days=820), key)

    def inspect(self, chain: bytes, key: bytes = b"") -> ObservedCertificate:
        self.hit("inspect")
        facts = _from_pem("CERTIFICATE", chain)
        if key and _from_pem("PRIVATE KEY", key)["id"] != facts["key"]:
            raise EffectError(say("the private key belongs to another certificate"))
        return ObservedCertificate(
            names=tuple(facts["names"]),
            not_before=datetime.fromisoformat(facts["not_before"]),
            not_after=datetime.fromisoformat(facts["not_after"]),
            issuer=facts["issuer"],
            serial=facts["serial"],
            sha256=sha256(chain).hexdigest(),
            key_sha256=sha256(str(facts["key"]).encode()).hexdigest(),
        )

    def _new_key(self) -> bytes:
        self.serial += 1
        return _to_pem("PRIVATE KEY", {"id": self.serial})

    def _certificate(self, names: tuple[str, ...], issuer: str, key: bytes, now: datetime, *, days: int) -> bytes:
        self.serial += 1
        facts = {
            "names": names,
            "issuer": issuer,
            "serial": self.serial,
            "key": _from_pem("PRIVATE KEY", key)["id"],
            "not_before": (now - timedelta(hours=1)).isoformat(),
            "not_after": (now + timedelta(days=days)).isoformat(),
        }
        return _to_pem("CERTIFICATE", facts)


def _to_pem(kind: str, facts: Mapping[str, Any]) -> bytes:
    body = base64.b64encode(json.dumps(facts).encode()).decode()
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n".encode()


def _from_pem(kind: str, data: bytes) -> dict[str, Any]:
    lines = data.decode(errors="replace").splitlines()
    if not lines or lines[0] != f"-----BEGIN {kind}-----":
        raise EffectError(say("this is no {kind}", kind=kind.lower()))
    found: dict[str, Any] = json.loads(base64.b64decode(lines[1]))
    return found
