"""What an ACME authority and we tell each other (RFC 8555, RFC 9773), as plain values, and the port to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say

KeyKind: TypeAlias = Literal["ec256", "ec384", "rsa2048", "rsa3072", "rsa4096"]
Method: TypeAlias = Literal["http-01", "dns-01", "tls-alpn-01"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was refused or failed.

    ``type`` is ACME's error type without its prefix (RFC 8555 6.7), or one of ours, from before a CA was reached:
    ``offline``, ``noLookup``, ``clock``, ``intercepted``, ``notAcme``, ``busy``, ``slow``, ``portTaken``,
    ``noChallenge``, ``noMethod``, ``noSuchName``, ``dnsProvider``,
    ``noAlias``, ``noZone``, ``tlsTaken``, ``noWayPast``.
    """

    type: str
    detail: str
    name: str = ""
    """The identifier that it is about; empty where it is about the whole request."""
    parts: tuple[Problem, ...] = ()
    retry_after_seconds: float | None = None
    method: str = ""
    """The challenge that it is about, such as ``tls-alpn-01``; empty where it is about none in particular."""


class AcmeError(EffectError):
    """An authority refused, or could not be asked; ``problem`` has all that is known."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem; :func:`xmpp_wizard.core.acme.advice.explain` says it in plain words."""
        super().__init__(say("the certificate authority said: {detail}", detail=problem.detail or problem.type))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ExternalBinding:
    """An account at the authority's own web site (RFC 8555 7.3.4): key id, and HMAC key in base64url."""

    key_id: str
    hmac_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DirectoryFacts:
    """What an authority tells of itself."""

    profiles: Mapping[str, str] = field(default_factory=dict)
    """Kinds of certificates, each with a description."""
    has_renewal_info: bool = False


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to prove that a name is ours. ``status``: pending, processing, valid, invalid."""

    kind: str
    url: str
    status: str
    token: str
    proof: str
    """The key authorization (RFC 8555 8.1)."""
    dns_value: str
    """What the TXT record for it says (RFC 8555 8.4)."""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Authorization:
    """What the authority thinks of one name. ``status``: pending, valid, invalid, deactivated, expired, revoked."""

    url: str
    name: str
    """Without ``*.``; see ``is_wildcard``."""
    is_wildcard: bool
    status: str
    challenges: tuple[Challenge, ...]
    wait_seconds: float | None = None
    """How long to wait before asking again, if the authority said so."""

    @property
    def identifier(self) -> str:
        """The name as it was ordered."""
        return f"*.{self.name}" if self.is_wildcard else self.name


@dataclass(frozen=True, slots=True)
class Order:
    """A wish for a certificate. ``status``: pending, ready, processing, valid, invalid."""

    url: str
    status: str
    names: tuple[str, ...]
    authorizations: tuple[str, ...]
    finalize_url: str
    certificate_url: str = ""
    problem: Problem | None = None
    wait_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RenewalInfo:
    """When the authority would like a certificate to be renewed (RFC 9773)."""

    start: datetime
    end: datetime
    check_again_seconds: float
    explanation_url: str = ""


class CertificateAuthority(Protocol):
    """One ACME server and our account key there. Everything raises :class:`AcmeError`."""

    @property
    def facts(self) -> DirectoryFacts:
        """What the directory says."""

    def log_in(self, binding: ExternalBinding | None = None, *, makes_new: bool = True) -> str:
        """Find the account of the key, or make one and accept the terms; return its URL.

        Without ``makes_new`` only an account that exists is found, else it is ``accountDoesNotExist``.
        """

    def change_key(self, key: bytes) -> None:
        """Give the account that is logged in another key (RFC 8555 7.3.5); its URL stays, the old key is worthless."""

    def order(self, names: Sequence[str], profile: str = "", replaces: bytes = b"") -> Order:
        """Ask for a certificate; ``replaces`` is the PEM chain that it will replace."""

    def resume(self, url: str) -> Order:
        """Return an order as it is now."""

    def authorization(self, url: str) -> Authorization:
        """Return an authorization as it is now."""

    def answer(self, challenge: Challenge) -> None:
        """Tell that the challenge can be looked at."""

    def finalize(self, order: Order, key: bytes) -> Order:
        """Hand in the request, signed by ``key`` (PEM), for an order that is ready."""

    def download(self, order: Order) -> bytes:
        """Return the chain of a valid order, PEM."""

    def renewal_info(self, chain: bytes) -> RenewalInfo | None:
        """Return when to renew; None where the authority does not say or says nonsense."""

    def revoke(self, chain: bytes, reason: int) -> None:
        """Revoke the first certificate of ``chain``; ``reason`` as in RFC 5280 5.3.1."""


class CertificateAuthorities(Protocol):
    """The way to ACME servers."""

    def connect(self, directory_url: str, account_key: bytes, trusted_roots: str = "") -> CertificateAuthority:
        """Read the directory. ``trusted_roots`` is a PEM file; empty means the system's own roots."""

    def new_key(self, kind: KeyKind) -> bytes:
        """Return a new private key, PKCS #8 PEM."""

    def key_kind(self, key: bytes) -> str:
        """Return what ``key`` is, as a :data:`KeyKind`; empty for any other."""


class Responder(Protocol):
    """Answers the checks of HTTP-01 (RFC 8555 8.3) on port 80 while an order is going on."""

    def serve(self, addresses: Sequence[str], proofs: Mapping[str, str]) -> AbstractContextManager[Sequence[str]]:
        """Answer with ``proofs`` (by token) until the block ends; gives the addresses that asked so far.

        No address means all of this machine.

        Raises:
            AcmeError: the port is taken (``portTaken``) or an address is not one of this machine.
        """


class TlsResponder(Protocol):
    """Answers the checks of TLS-ALPN-01 (RFC 8737) on port 443 while an order is going on.

    Where our own server has the port, new connections are led past it by rules of the name ``past``; who does not
    come to check anything is passed on to the server, and those whom it serves already notice nothing.
    """

    def hindrance(self, name: str) -> str:
        """Return why this machine cannot lead connections past who has the port; empty where it can."""

    def serve(
        self, addresses: Sequence[str], proofs: Mapping[str, str], past: str = ""
    ) -> AbstractContextManager[Sequence[str]]:
        """Answer with ``proofs`` (key authorizations by name) until the block ends; gives the addresses that checked.

        No address means all of this machine; an empty ``past`` that the port is free.

        Raises:
            AcmeError: the port is taken (``tlsTaken``), or nobody can be led past (``noWayPast``).
        """

    def tidy(self, name: str) -> None:
        """Remove the rules that a run which was killed has left; nothing happens where there are none."""
