"""Logging in over TCP with slixmpp: STARTTLS (RFC 6120) or TLS at once (XEP-0368), to a given address, never by DNS."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from inspect import signature
from typing import Any
from xml.etree.ElementTree import Element

from slixmpp import ClientXMPP
from slixmpp.xmlstream import XMLStream

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.kit.bench import Account
from xmpp_wizard.core.kit.stanzas import CLIENT, error_words
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.effects.xmpp_sasl import not_offered, refused, wanted
from xmpp_wizard.effects.xmpp_session import FEATURES, ClientSession, closed
from xmpp_wizard.effects.xmpp_tls import connection_failure

LOG_IN_SECONDS = 10.0
_LOG_OUT_SECONDS = 1.0

# without one, slixmpp reads all of the host's roots twice for each client; 1.8 cannot be given one
_TAKES_CONTEXT = "ssl_context" in signature(XMLStream).parameters

# it logs refused log-ins as errors, which here are what is looked for, and would write into the TUI
logging.getLogger("slixmpp").setLevel(logging.CRITICAL + 1)


@asynccontextmanager
async def log_in_by_tcp(
    account: Account, where: tuple[str, int], context: ssl.SSLContext, *, direct: bool, mechanism: str
) -> AsyncIterator[ClientSession]:
    """Log in at ``where`` (address, port), send first presence, log out at the end of the block.

    Raises:
        ProofFailedError: refused by the network, by TLS or by the server, with its words.
    """
    client = _Client(account, where, context, mechanism)
    try:
        await client.log_in(direct=direct)
        await client.session.become_available()
        yield client.session
    finally:
        await client.log_out()


class _Client(ClientXMPP):
    """slixmpp's client on a connection that is made here: its own way of connecting tries again for ever."""

    def __init__(self, account: Account, where: tuple[str, int], context: ssl.SSLContext, mechanism: str) -> None:
        self.session = ClientSession(self.send_raw_text)
        self._where = where
        self._wanted_mechanism = mechanism
        self._outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pump: asyncio.Task[None] | None = None
        super().__init__(
            account.jid,
            account.password.reveal(),
            plugin_config={
                "feature_mechanisms": {"use_mechs": wanted(mechanism), "sasl_callback": self._credentials_for}
            },
            **({"ssl_context": context} if _TAKES_CONTEXT else {}),
        )
        self.ssl_context = context
        self.default_domain = ascii_name(self.boundjid.host)
        # proof steps answer for themselves
        self.auto_authorize = None
        self.auto_subscribe = False
        for event, handler in (
            ("session_start", lambda _: self._succeed()),
            ("failed_auth", lambda failure: self._fail(refused(account.jid, error_words(failure.xml)))),
            ("failed_all_auth", lambda _: self._fail(self._nothing_offered())),
            ("ssl_invalid_chain", lambda error: self._fail(self._cut(error))),
            ("stream_error", lambda error: self._fail(closed(error_words(error.xml)))),
            ("disconnected", self._on_end),
        ):
            self.add_event_handler(event, handler)

    async def log_in(self, *, direct: bool) -> None:
        """Connect, go to TLS, authenticate and bind a resource."""
        loop = asyncio.get_running_loop()
        self._pump = loop.create_task(self.run_filters())
        self.init_plugins()  # type: ignore[no-untyped-call]  # slixmpp gives no types here
        # slixmpp takes a connection without a pending attempt for one that was called off
        self._current_connection_attempt = loop.create_future()
        tls: dict[str, Any] = {"ssl": self.ssl_context, "server_hostname": self.default_domain} if direct else {}
        try:
            async with asyncio.timeout(LOG_IN_SECONDS):
                await loop.create_connection(lambda: self, *self._where, **tls)
                await self._outcome
        except OSError as error:
            raise self._cut(error) from error
        self.session.jid = self.boundjid.full
        mechanism = self.plugin["feature_mechanisms"].mech
        self.session.mechanism = mechanism.name if mechanism is not None else ""
        version = self.socket.version() if isinstance(self.socket, ssl.SSLObject) else None
        self.session.tls_version = version or ""

    async def log_out(self) -> None:
        """Close the stream, and the connection whatever the server says to that."""
        # nobody asks any more how the log-in came out
        self._outcome.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOG_OUT_SECONDS):
                await self.disconnect(wait=_LOG_OUT_SECONDS)
        transport = self.transport
        if transport is not None:
            transport.abort()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait([self._pump])
        # one more turn: aborted transports close their sockets in it
        await asyncio.sleep(0)

    def incoming_filter(self, xml: Element) -> Element:
        """Note each stanza before slixmpp deals with it."""
        if xml.tag.startswith(f"{{{CLIENT}}}"):
            self.session.take(xml)
        elif xml.tag == FEATURES:
            # those of the last stream are what counts: it began with the log-in
            self.session.features = deepcopy(xml)
        return xml

    def send_raw_text(self, text: str) -> None:
        """Write one stanza; slixmpp's error for a lost connection becomes an OSError."""
        if self.transport is None:
            raise ConnectionError("closed by the server")
        self.send_raw(text)

    def _credentials_for(self, required: Iterable[str], optional: Iterable[str]) -> dict[str, Any]:
        """Return what a mechanism asks for; channel binding only if it was asked for by name."""
        known: dict[str, Any] = {
            "username": self.requested_jid.user,
            "password": self.credentials.get("password", ""),
            "host": self.requested_jid.domain,
            "realm": self.requested_jid.domain,
            "service": "xmpp",
        }
        if self._wanted_mechanism.endswith("-PLUS") and isinstance(self.socket, ssl.SSLObject):
            known["channel_binding"] = self.socket.get_channel_binding("tls-unique")
        return {name: known[name] for name in (*required, *optional) if name in known}

    def _nothing_offered(self) -> ProofFailedError:
        return not_offered(self.plugin["feature_mechanisms"].mech_list, self._wanted_mechanism)

    def _cut(self, error: OSError) -> ProofFailedError:
        return connection_failure(error, self.boundjid.host, self._where)

    def _succeed(self) -> None:
        if not self._outcome.done():
            self._outcome.set_result(None)

    def _fail(self, error: ProofFailedError) -> None:
        if not self._outcome.done():
            self._outcome.set_exception(error)

    def _on_end(self, reason: object) -> None:
        words = str(reason) if reason else ""
        self._fail(self._cut(reason) if isinstance(reason, OSError) else closed(words))
        self.session.end(words)
