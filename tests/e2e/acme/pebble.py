"""A real ACME authority for tests, with a name server of its own; both on an address that nobody else has."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.addresses import own_address

PROGRAMS = Path(sys.prefix) / "pebble" / "usr" / "bin"
"""Where run-tests.sh puts it."""
KEY_ID = "kid-1"
HMAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
PROFILES = {
    "classic": {"description": "90 days", "validityPeriod": 7776000},
    "tlsserver": {"description": "45 days", "validityPeriod": 3888000},
    "shortlived": {"description": "160 h", "validityPeriod": 576000},
}
_QUIET = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}


class Pebble:
    """Pebble and its challtestsrv. ``host`` is where all names lead unless a test says otherwise."""

    def __init__(
        self,
        folder: Path,
        host: str,
        dns: str = "",
        **config: Any,  # noqa: ANN401 keys of pebble's configuration
    ) -> None:
        """Take a folder and an address; ``dns`` is the resolver that it asks, else one of its own."""
        self.address = own_address(60)
        self.host = host
        self.url = f"https://{self.address}:14000/dir"
        self.roots = folder / "roots.pem"
        self.resolver = f"{self.address}@8053"
        self._dns_server = f"{dns}:53" if dns else f"{self.address}:8053"
        self._folder = folder
        self._config = config
        self._processes: list[subprocess.Popen[bytes]] = []
        folder.mkdir(exist_ok=True)
        self.certificate, self.key = self_signed(folder, self.address)
        self.roots.write_bytes(self.certificate.read_bytes())

    def __enter__(self) -> Self:
        """Start both."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop both."""
        self.stop()

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start with an empty memory: all accounts are unknown."""
        config = {
            "listenAddress": f"{self.address}:14000",
            "managementListenAddress": f"{self.address}:15000",
            "certificate": str(self.certificate),
            "privateKey": str(self.key),
            "httpPort": 80,
            "tlsPort": 443,
            "retryAfter": {"authz": 1, "order": 1},
            "caaIdentities": ["pebble.example"],
            "externalAccountMACKeys": {KEY_ID: HMAC_KEY},
            "profiles": PROFILES,
            **self._config,
        }
        (self._folder / "pebble.json").write_text(json.dumps({"pebble": config}))
        off = [word for name in ("http01", "https01", "tlsalpn01", "doh") for word in (f"-{name}", "")]
        own = ["-dnsserver", f"{self.address}:8053", "-management", f"{self.address}:8055"]
        leads = ["-defaultIPv4", self.host, "-defaultIPv6", ""]
        self._run("pebble-challtestsrv", *off, *own, *leads)
        _wait_for(self.address, 8055)
        where = ["-config", str(self._folder / "pebble.json"), "-dnsserver", self._dns_server]
        self._run("pebble", *where, environment={**_QUIET, **(environment or {})})
        _wait_for(self.address, 14000)
        _wait_for(self.address, 15000)
        # what issues and what serves the directory are trusted by one file, as with an authority of one's own
        issuer = requests.get(f"https://{self.address}:15000/roots/0", verify=str(self.certificate), timeout=5).text
        self.roots.write_text(self.certificate.read_text() + issuer)

    def stop(self) -> None:
        """Stop both."""
        for process in self._processes:
            process.terminate()
            process.wait(10)
        self._processes.clear()

    def lead(self, name: str, *addresses: str) -> None:
        """Let ``name`` lead elsewhere; without addresses it does not exist."""
        if not addresses:
            self._dns("set-servfail", {"host": f"{name}."})
            return
        self._dns("clear-servfail", {"host": f"{name}."})
        self._dns("add-a", {"host": f"{name}.", "addresses": [a for a in addresses if ":" not in a]})
        six = [address for address in addresses if ":" in address]
        if six:
            self._dns("add-aaaa", {"host": f"{name}.", "addresses": six})

    def lead_back(self, name: str) -> None:
        """Let ``name`` lead to the host again."""
        self._dns("clear-servfail", {"host": f"{name}."})
        self._dns("clear-a", {"host": f"{name}."})
        self._dns("clear-aaaa", {"host": f"{name}."})

    def suggest(self, chain: bytes, body: str) -> None:
        """Let the renewal information for a certificate be ``body``."""
        wish = {"certificate": chain.decode(), "ariResponse": body}
        self._manage("POST", "set-renewal-info/", wish)

    def revocation(self, serial: int) -> str:
        """Return ``Valid`` or ``Revoked``."""
        return str(self._manage("GET", f"cert-status-by-serial/{serial:x}").json()["Status"])

    def said(self) -> str:
        """Return what the authority wrote into its log."""
        return (self._folder / "pebble.log").read_text()

    def _dns(self, what: str, wish: Mapping[str, Any]) -> None:
        requests.post(f"http://{self.address}:8055/{what}", json=wish, timeout=5).raise_for_status()

    def _manage(self, method: str, path: str, wish: Mapping[str, Any] | None = None) -> requests.Response:
        url = f"https://{self.address}:15000/{path}"
        answer = requests.request(method, url, json=wish, verify=str(self.certificate), timeout=5)
        answer.raise_for_status()
        return answer

    def _run(self, program: str, *words: str, environment: Mapping[str, str] | None = None) -> None:
        with (self._folder / f"{program}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(PROGRAMS / program), *words], stdout=log, stderr=log, env={**os.environ, **(environment or {})}
            )
        self._processes.append(process)


def self_signed(folder: Path, address: str, *, begins_in_days: int = 0) -> tuple[Path, Path]:
    """Write a certificate for an HTTPS server at ``address`` and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"ACME at {address}")])
    begin = datetime.now(UTC) + timedelta(days=begins_in_days, minutes=-5)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain_file, key_file = folder / "server.pem", folder / "server.key"
    chain_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return chain_file, key_file


def _wait_for(address: str, port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        with socket.socket() as connection:
            connection.settimeout(0.5)
            if connection.connect_ex((address, port)) == 0:
                return
        assert time.monotonic() < deadline, f"nobody listens at {address} port {port}"
        time.sleep(0.02)
