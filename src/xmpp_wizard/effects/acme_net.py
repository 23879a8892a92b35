"""HTTP to an ACME server: signed by the ``acme`` library, with what that leaves out (as of 5.9).

It drops Retry-After and the document of HTTP 409, tries a bad nonce once more only, and knows problems without their
parts. Whatever goes wrong here becomes an :class:`~xmpp_wizard.core.acme.model.AcmeError`.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import josepy.errors
import requests
from acme import client, errors, messages
from josepy import jwa, jwk

from xmpp_wizard.core.acme.model import AcmeError, Problem
from xmpp_wizard.core.kit.foreign import one_line
from xmpp_wizard.effects.deadline import DeadlineAdapter

_PREFIX = "urn:ietf:params:acme:error:"
_NONCE_TRIES = 6
_SECONDS = 20
_WHOLE_SECONDS = 30.0
"""For a request and all of its answer; a renewal must not hang on a server that drips."""
_CONNECT_SECONDS = 4
"""An apply waits for it: whoever does not even pick up is tried again later."""
_SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
_LONGEST_WORDS = 1000
_MOST_PARTS = 100
"""As many names as a certificate has at most at usual authorities."""
_BUSY = (429, 500, 502, 503, 504)


class Net(client.ClientNetwork):
    """A connection that signs with one account key."""

    def __init__(self, key: jwk.JWK, trusted_roots: str) -> None:
        """``trusted_roots`` is a PEM file; without one the roots of the system count."""
        # the library hands it to requests, which takes a path as well
        roots: Any = trusted_roots or (str(_SYSTEM_ROOTS) if _SYSTEM_ROOTS.exists() else True)
        timeout: Any = (_CONNECT_SECONDS, _SECONDS)
        agent = "xmpp-wizard (acme-python)"
        super().__init__(key, alg=algorithm(key), verify_ssl=roots, user_agent=agent, timeout=timeout)
        self._adapter = DeadlineAdapter()
        # ACME is HTTPS alone (RFC 8555 6.1), also where a redirect leads
        self.session.adapters.clear()
        self.session.mount("https://", self._adapter)

    def _send_request(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 as in the library
        with self._adapter.within(_WHOLE_SECONDS):
            return super()._send_request(*args, **kwargs)

    @classmethod
    def _check_response(cls, response: requests.Response, content_type: str | None = None) -> requests.Response:
        if response.ok:
            return super()._check_response(response, content_type)
        raise AcmeError(_refusal(response))

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 as in the library
        """Send; a nonce that the server does not know any more is replaced."""
        for _ in range(_NONCE_TRIES - 1):
            try:
                return self._post_once(*args, **kwargs)
            except AcmeError as error:
                if error.problem.type != "badNonce":
                    raise
                self._nonces.clear()
        return self._post_once(*args, **kwargs)


def look_up(url: str) -> None:
    """See whether the name in ``url`` can be looked up; the system itself would go on trying for much longer.

    Raises:
        AcmeError: there was no answer in time (``noLookup``); what the answer says is for the connection to find out.
    """
    host = urlsplit(url).hostname or ""
    answered = threading.Event()

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            socket.getaddrinfo(host, None)
        answered.set()

    threading.Thread(target=ask, daemon=True).start()
    if not answered.wait(_CONNECT_SECONDS):
        raise AcmeError(Problem("noLookup", f"no answer for {host} within {_CONNECT_SECONDS} seconds"))


def algorithm(key: jwk.JWK) -> jwa.JWASignature:
    """Return what ``key`` signs by."""
    if not isinstance(key, jwk.JWKEC):
        return jwa.RS256
    return {32: jwa.ES256, 48: jwa.ES384}[int((key.key.key_size + 7) // 8)]


def wait_seconds(response: requests.Response) -> float | None:
    """Return what Retry-After says, given as seconds or as a date; None where it says nothing that can be read."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    with suppress(TypeError, ValueError, IndexError):
        when = parsedate_to_datetime(value)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - datetime.now(UTC)).total_seconds())
    return None


def _refusal(response: requests.Response) -> Problem:
    wait = wait_seconds(response)
    try:
        document = response.json()
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("type"), str):
        return problem(document, wait)
    kind = "busy" if response.status_code in _BUSY else "notAcme"
    return Problem(kind, f"HTTP {response.status_code} {response.reason}", retry_after_seconds=wait)


def problem(document: Any, wait: float | None = None) -> Problem:  # noqa: ANN401 whatever the server sent
    """Return a problem document (RFC 7807) as a value; what is malformed in it is left out."""
    if not isinstance(document, dict):
        return Problem("notAcme", _words(document))
    identifier = document.get("identifier")
    parts = document.get("subproblems")
    return Problem(
        type=_words(document.get("type", "")).removeprefix(_PREFIX),
        detail=_words(document.get("detail", "")),
        name=_words(identifier.get("value", "")) if isinstance(identifier, dict) else "",
        parts=tuple(problem(part, wait) for part in parts[:_MOST_PARTS]) if isinstance(parts, list) else (),
        retry_after_seconds=wait,
    )


def _words(said: object) -> str:
    """Return what a server said as one line of limited length: it is kept, shown and sent by mail."""
    return one_line(str(said), _LONGEST_WORDS)


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error of the library and of the network below it into an :class:`AcmeError`."""
    try:
        yield
    except AcmeError:
        raise
    except requests.exceptions.SSLError as error:
        text = str(error)
        is_time = "not yet valid" in text or "certificate has expired" in text
        raise AcmeError(Problem("clock" if is_time else "intercepted", text)) from error
    except requests.exceptions.Timeout as error:
        raise AcmeError(Problem("offline", str(error))) from error
    except requests.exceptions.ConnectionError as error:
        text = str(error)
        is_lookup = any(sign in text for sign in ("NameResolution", "getaddrinfo", "Name or service not known"))
        raise AcmeError(Problem("noLookup" if is_lookup else "offline", text)) from error
    except messages.Error as error:
        raise AcmeError(problem(error.to_partial_json())) from error
    except (errors.Error, requests.exceptions.RequestException, josepy.errors.Error, OSError) as error:
        raise AcmeError(Problem("notAcme", f"{type(error).__name__}: {error}")) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # an answer that is JSON but not what RFC 8555 says: a captive portal, a proxy, a broken server
        raise AcmeError(Problem("notAcme", f"the answer cannot be understood ({error!r})")) from error
