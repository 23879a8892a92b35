"""Fetching whole files from web servers of others, over TLS only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say

if TYPE_CHECKING:
    import requests

_MOST_HOPS = 5
_OK = 200


class HttpsFiles:
    """:class:`~xmpp_wizard.core.ports.WebFiles` over the network."""

    def fetch(self, url: str, most_bytes: int, seconds: float) -> bytes:
        """Fetch, following redirects as long as they stay with TLS."""
        import requests  # noqa: PLC0415 it takes long to load, and few need it
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        from xmpp_wizard.effects.deadline import session_within  # noqa: PLC0415

        until = time.monotonic() + seconds
        try:
            with session_within(seconds) as session:
                return _followed(session, url, most_bytes, until)
        # ValueError: a redirect to what is no address
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise EffectError(
                say("it is not reached: {reason}", reason=type(error).__name__),
                say("Is this machine online, and the address right? Its certificate must be trusted here, too."),
            ) from error


def _followed(session: requests.Session, url: str, most_bytes: int, until: float) -> bytes:
    """Return what is at ``url``, or where that leads."""
    for _ in range(_MOST_HOPS):
        _only_https(url)
        left = max(until - time.monotonic(), 0.1)
        with session.get(url, timeout=left, stream=True, allow_redirects=False) as answer:
            if not answer.is_redirect:
                return _content(answer, most_bytes)
            url = urljoin(url, answer.headers["Location"])
    raise EffectError(say("it leads from one address to the next"), say("Take the last of these addresses."))


def _only_https(url: str) -> None:
    if not url.startswith("https://"):
        raise EffectError(say("it leads to {url}, without TLS", url=url), say("Take an address that stays with https."))


def _content(answer: requests.Response, most_bytes: int) -> bytes:
    if answer.status_code != _OK:
        raise EffectError(
            say("the web server answers with HTTP {status}", status=answer.status_code),
            say("Open the address in a browser: is it the file's?"),
        )
    content = bytearray()
    for piece in answer.iter_content(16384):
        content += piece
        if len(content) > most_bytes:
            raise EffectError(
                say("it is larger than {most} kB", most=most_bytes // 1000),
                say("No module is that large: is it the right address?"),
            )
    return bytes(content)
