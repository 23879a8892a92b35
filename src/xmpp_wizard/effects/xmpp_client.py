"""The proof's workbench: real clients, of slixmpp and aiohttp, through the real ports (core.ports.Benches)."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.kit.bench import (
    Account,
    Bench,
    ByteStream,
    HttpAnswer,
    Relay,
    RelayOffer,
    Session,
    StrangerAnswer,
)
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.socks import meet
from xmpp_wizard.effects.turn import open_relay
from xmpp_wizard.effects.xmpp_session import ClientSession
from xmpp_wizard.effects.xmpp_stranger import ask_as_stranger
from xmpp_wizard.effects.xmpp_tcp import log_in_by_tcp
from xmpp_wizard.effects.xmpp_tls import Trust, connection_failure
from xmpp_wizard.effects.xmpp_websocket import log_in_by_websocket

Way = Literal["starttls", "direct-tls", "https-port", "websocket"]
_HTTP_SECONDS = 15.0


class SlixmppBenches:
    """Makes workbenches whose clients speak over the network."""

    @asynccontextmanager
    async def open(
        self,
        domain: str,
        accounts: tuple[Account, Account],
        addresses: Mapping[str, tuple[str, int]],
        roots: bytes,
        invitation: str = "",
    ) -> AsyncIterator[Bench]:
        """Return a bench for ``domain``; ``addresses`` gives (address, port) for each way in that is open.

        ``roots`` are PEM certificates trusted beside the host's own.
        """
        trust = Trust(roots)
        connector = aiohttp.TCPConnector(
            resolver=_Fixed(addresses), ssl=trust.context(), use_dns_cache=False, limit_per_host=8
        )
        async with aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(total=_HTTP_SECONDS), raise_for_status=False
        ) as web:
            yield SlixmppBench(domain, *accounts, invitation, dict(addresses), trust, web)


@dataclass(slots=True)
class SlixmppBench:
    """Two accounts and real clients (core.ports.Bench)."""

    domain: str
    alice: Account
    bob: Account
    invitation: str
    _addresses: Mapping[str, tuple[str, int]]
    _trust: Trust
    _web: aiohttp.ClientSession

    def log_in(
        self, account: Account, via: Way = "starttls", *, mechanism: str = "", max_tls: Literal["", "1.2"] = ""
    ) -> AbstractAsyncContextManager[Session]:
        """Log in as ``account`` and log out at the end of the block."""
        if via == "websocket":
            return self._log_in_by_websocket(account, mechanism)
        context = self._trust.context(max_tls, xmpp_alpn=via != "starttls")
        direct = via != "starttls"
        return log_in_by_tcp(account, self._where(via), context, direct=direct, mechanism=mechanism)

    async def http(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        """Ask this server over HTTPS, whatever DNS says about the name in ``url``; redirects are not followed."""
        try:
            async with self._web.request(
                method, url, headers=headers, data=body or None, allow_redirects=False
            ) as answer:
                return HttpAnswer(answer.status, dict(answer.headers), await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._http_failure(url, error) from error

    async def ask_as_stranger(self, stanza: Element, *, encrypted: bool = True) -> StrangerAnswer:
        """Send ``stanza`` without having logged in, with TLS or without; return the features and what came back."""
        context = self._trust.context() if encrypted else None
        return await ask_as_stranger(self.domain, self._where("starttls"), stanza, context)

    def relay(self, offer: RelayOffer) -> AbstractAsyncContextManager[Relay]:
        """Get a relay of this server's, whatever DNS says about its name."""
        return open_relay(offer, self._where("starttls")[0], self._trust.context())

    def byte_stream(self, port: int, meeting: str) -> AbstractAsyncContextManager[ByteStream]:
        """Connect to this server's proxy for files, whatever DNS says about its name."""
        return meet((self._where("starttls")[0], port), meeting)

    def ports(self) -> Mapping[str, int]:
        """Return the port of each way of :meth:`log_in` that is open."""
        return {way: port for way, (_, port) in self._addresses.items()}

    @asynccontextmanager
    async def _log_in_by_websocket(self, account: Account, mechanism: str) -> AsyncIterator[ClientSession]:
        url = await self._websocket_url()
        async with log_in_by_websocket(account, self._web, url, mechanism) as session:
            yield session

    async def _websocket_url(self) -> str:
        """Return where the server says its WebSocket is (XEP-0156), as a web client finds it."""
        port = self._where("websocket")[1]
        found = f"https://{ascii_name(self.domain)}:{port}/.well-known/host-meta.json"
        answer = await self.http("GET", found)
        try:
            links = json.loads(answer.body)["links"]
            return next(str(link["href"]) for link in links if link["rel"] == "urn:xmpp:alt-connections:websocket")
        except (ValueError, KeyError, TypeError, StopIteration) as error:
            raise ProofFailedError(
                say("{url} names no WebSocket (status {status})", url=found, status=answer.status),
                say("Web clients find the server there: is the feature for web connections on?"),
            ) from error

    def _where(self, via: str) -> tuple[str, int]:
        try:
            return self._addresses[via]
        except KeyError as error:
            raise ProofFailedError(
                say("this server has no port for {way}", way=via), say("Look at `xmpp-wizard status`.")
            ) from error

    def _http_failure(self, url: str, error: aiohttp.ClientError | TimeoutError) -> ProofFailedError:
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            cause: OSError = error.certificate_error  # type: ignore[assignment]  # always one of ssl's, which are
        elif isinstance(error, OSError):
            cause = error
        else:
            return ProofFailedError(
                say("{url} gave no proper answer: {reason}", url=url, reason=error),
                say("Look at `xmpp-wizard logs` for this moment."),
            )
        name = URL(url).host or self.domain
        inner = cause.os_error if isinstance(cause, aiohttp.ClientConnectorError) else cause
        return connection_failure(inner, name, self._where_web(url))

    def _where_web(self, url: str) -> tuple[str, int]:
        address = next((address for address, _ in self._addresses.values()), "")
        return address, URL(url).port or 443


class _Fixed(AbstractResolver):
    """Answers every name with the server's own address."""

    def __init__(self, addresses: Mapping[str, tuple[str, int]]) -> None:
        ways = ("https-port", "websocket", "direct-tls", "starttls")
        self._address = next((addresses[way][0] for way in ways if way in addresses), "127.0.0.1")

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 aiohttp's
    ) -> list[ResolveResult]:
        """Return the one address, as aiohttp wants it."""
        kind = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        return [
            ResolveResult(
                hostname=host, host=self._address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        """Nothing is held open."""
