"""One kind of problem with a certificate, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from xmpp_wizard.core.text import Text, say

Retry: TypeAlias = Literal["now", "backoff", "at", "user", "never"]
"""When to try again: at once; by itself after a while; when the authority says; once a person has done something, for
which is looked again and again; never by itself. :mod:`xmpp_wizard.core.acme.retry` has the times."""
Blame: TypeAlias = Literal["name", "request", "authority", "host", "line"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of problem: its ACME type, what its detail looks like, and the words for it."""

    type: str
    pattern: str
    key: str
    what: Text
    do: Text
    retry: Retry
    blame: Blame = "name"
    method: str = ""
    """The challenge that it is about; empty: any."""


STAYS = say("Nothing to do: the certificate that is served stays, and it is tried again by itself.")
