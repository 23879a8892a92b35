"""Talking to a provider's programming interface: JSON over HTTP."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from xmpp_wizard.core.errors import DnsProviderError
from xmpp_wizard.core.kit.foreign import one_line
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.deadline import session_within

_SECONDS = (10.0, 30.0)
"""To connect, and between two parts of an answer."""
_WHOLE_SECONDS = 60.0
"""For all of an answer; the timer must not hang on a server that drips."""
_TOO_MANY = 429
_LONGEST_PAUSE_SECONDS = 15.0
"""What asks for more patience is told so, and asked again by a later run."""
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``body`` is None where it was no JSON, ``links`` are the addresses of more by what they are."""

    status: int
    body: Any = None
    wait_seconds: float = 0.0
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The server's own words on what it did not like."""
        return one_line(" ".join(_words(self.body))) or f"HTTP {self.status}"


def call(who: str, method: str, url: str, headers: Mapping[str, str], body: object = None) -> Answer:
    """Send one request and return the answer, whatever its status; waits where it is only a little too early.

    Raises:
        DnsProviderError: ``who`` is not reached, or has a fault.
    """
    for left in reversed(range(_TRIES)):
        answer = _once(who, method, url, headers, body)
        if answer.status != _TOO_MANY or not left or answer.wait_seconds > _LONGEST_PAUSE_SECONDS:
            break
        time.sleep(max(answer.wait_seconds, 1.0))
    if answer.status >= 500:  # noqa: PLR2004 the server's own fault (RFC 9110 15.6)
        raise DnsProviderError(
            say("{provider} has a fault: HTTP {status}", provider=who, status=answer.status),
            say("Run it again later; it goes on where it stopped."),
        )
    return answer


def _once(who: str, method: str, url: str, headers: Mapping[str, str], body: object) -> Answer:
    try:
        with session_within(_WHOLE_SECONDS) as session:
            # never to another address: the secret would go along
            found = session.request(
                method, url, headers=dict(headers), json=body, timeout=_SECONDS, allow_redirects=False
            )
    except (requests.RequestException, OSError) as error:
        # not the error's own words: an address may hold a secret
        raise DnsProviderError(
            say("{provider} is not reached: {reason}", provider=who, reason=type(error).__name__),
            say("Is this machine online? If it is, the provider has a fault: run it again later."),
        ) from None
    links = {name: str(link.get("url", "")) for name, link in found.links.items()}
    return Answer(found.status_code, _json(found), _seconds(found.headers.get("Retry-After", "")), links)


def _json(found: requests.Response) -> Any:  # noqa: ANN401 whatever JSON it is
    try:
        return found.json()
    except ValueError:
        return None


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _words(body: object) -> list[str]:
    if isinstance(body, dict):
        return [word for value in body.values() for word in _words(value)]
    if isinstance(body, list):
        return [word for value in body for word in _words(value)]
    return [body] if isinstance(body, str) else []
