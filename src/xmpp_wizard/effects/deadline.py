"""HTTP and HTTPS whose answers have to be whole by a set moment, however slowly they come.

The time limits of ``requests`` are for each read: a server that sends one byte now and then is never given up.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool


@contextmanager
def session_within(seconds: float, **pool: Any) -> Iterator[requests.Session]:  # noqa: ANN401 as in the library
    """Give a session in which all that is asked must be answered in ``seconds``; ``pool`` is urllib3's.

    What is late fails with an error of ``requests``, or of urllib3 where the answer is read bit by bit.
    """
    adapter = DeadlineAdapter(**pool)
    with requests.Session() as session, adapter.within(seconds):
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)
        yield session


class DeadlineAdapter(HTTPAdapter):
    """Gives all connections of a session one moment by which to be done, set by :meth:`within`."""

    def __init__(self, **pool: Any) -> None:  # noqa: ANN401 as in the library
        """Begin without a limit."""
        self._until = _Until()
        self._context = _Context(ssl.PROTOCOL_TLS_CLIENT)
        self._context.sslsocket_class, self._context.until = _SecureSocket, self._until
        self._pool = pool
        super().__init__()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let whatever is asked in the block fail with :class:`TimeoutError` once ``seconds`` have passed."""
        self._until.deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until.deadline = None

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 as in the library
        """Let all connections look at the same deadline."""
        super().init_poolmanager(*args, **{**kwargs, **self._pool, "ssl_context": self._context})
        pools = {**self.poolmanager.pool_classes_by_scheme, "http": _plain_pool(self._until)}
        self.poolmanager.pool_classes_by_scheme = pools


class _Until:
    """The moment by which to be done, if there is one."""

    deadline: float | None = None

    def limit(self, waiting: socket.socket) -> None:
        """Let the next read wait no longer than what is left.

        Raises:
            TimeoutError: nothing is left.
        """
        if self.deadline is None:
            return
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not whole in time")
        waiting.settimeout(min(left, waiting.gettimeout() or left))


class _Context(ssl.SSLContext):
    """Where sockets under TLS find the deadline."""

    until: _Until


class _SecureSocket(ssl.SSLSocket):
    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:  # noqa: ANN401 as in the library
        # while it is made, the library gives it another context
        if isinstance(self.context, _Context):
            self.context.until.limit(self)
        return super().recv_into(buffer, nbytes, flags)


class _PlainSocket(socket.socket):
    until: _Until

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:  # noqa: ANN401 as in the library
        self.until.limit(self)
        return super().recv_into(buffer, nbytes, flags)


def _plain_pool(until: _Until) -> type[HTTPConnectionPool]:
    """Return the kind of connections without TLS that look at this deadline."""

    class Connection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            # an address for one link comes with that link's name as in a URL (RFC 6874)
            self.host = self.host.replace("%25", "%")
            made = super()._new_conn()
            timeout = made.gettimeout()
            limited = _PlainSocket(made.family, made.type, made.proto, made.detach())
            limited.until = until
            limited.settimeout(timeout)
            return limited

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    return Pool
