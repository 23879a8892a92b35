"""Our account with an authority, and what in DNS is bound to it (RFC 8657)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from xmpp_wizard.core.dns.reply import SILENCE, Question, Replies, ancestors

_BOUND = re.compile(r"""accounturi=([^\s;"]+)""")


@dataclass(frozen=True, slots=True)
class Account:
    """What is remembered of an account beside its key."""

    url: str
    key_sha256: str
    """Of the file of the key that it has, so that another key is noticed."""
    since: datetime
    former_url: str = ""
    """The account before it, whose key was lost or which the authority has closed."""


def bound_accounts(name: str, replies: Replies) -> frozenset[str]:
    """Return the accounts that alone may have certificates for ``name``, as its CAA records say; none where any may."""
    for parent in ancestors(name):
        values = replies.get(Question(parent, "CAA"), SILENCE).values
        if values:
            return frozenset(url for value in values for url in _BOUND.findall(value))
    return frozenset()
