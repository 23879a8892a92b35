"""Asking web servers of others."""

from __future__ import annotations

from typing import Any

from xmpp_wizard.core.dns.host_meta import WebPage
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say

_MOST_BYTES = 65536


class HttpPages:
    """:class:`~xmpp_wizard.core.dns.ports.WebPages` over the network."""

    def get(self, url: str, seconds: float, *, over_ipv4: bool = False) -> WebPage:
        """Ask, following redirects; only the beginning of a long answer is read."""
        import requests  # noqa: PLC0415 it takes long to load, and few need it
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        from xmpp_wizard.effects.deadline import session_within  # noqa: PLC0415

        ours: dict[str, Any] = {"source_address": ("0.0.0.0", 0)} if over_ipv4 else {}  # noqa: S104 any of ours
        try:
            with (
                session_within(seconds, **ours) as session,
                session.get(url, timeout=seconds, stream=True) as answer,
            ):
                text = answer.raw.read(_MOST_BYTES, decode_content=True).decode(errors="replace")
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return WebPage(answer.status_code, headers, text)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise EffectError(
                say("{url} is not reached: {reason}", url=url, reason=type(error).__name__),
                say("Is this machine online, and the address right?"),
            ) from error
