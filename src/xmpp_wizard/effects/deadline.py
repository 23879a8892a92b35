"""HTTPS whose answers have to be whole by a set moment, however slowly they come.

The time limits of ``requests`` are for each read: a server that sends one byte now and then is never given up.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter


class DeadlineAdapter(HTTPAdapter):
    """Gives all connections of a session one moment by which to be done, set by :meth:`within`."""

    def __init__(self) -> None:
        """Begin without a limit."""
        self._context = _Context(ssl.PROTOCOL_TLS_CLIENT)
        self._context.sslsocket_class = _Socket
        super().__init__()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let whatever is asked in the block fail with :class:`TimeoutError` once ``seconds`` have passed."""
        self._context.deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self._context.deadline = None

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 as in the library
        """Let all connections be made with the same context."""
        return super().init_poolmanager(*args, **kwargs, ssl_context=self._context)


class _Context(ssl.SSLContext):
    """Where sockets find the deadline."""

    deadline: float | None = None


class _Socket(ssl.SSLSocket):
    """Waits for no read longer than what is left until its context's deadline."""

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:  # noqa: ANN401 as in the library
        deadline = getattr(self.context, "deadline", None)
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer was not whole in time")
            self.settimeout(min(left, self.gettimeout() or left))
        return super().recv_into(buffer, nbytes, flags)
