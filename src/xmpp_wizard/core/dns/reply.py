"""Questions to name servers and what came back: one plain state for each reply.

Names are A-labels in lower case without a final dot. Values are as in a zone file, names in them absolute, with a
final dot; a TXT value is its text, joined and without quotes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

State: TypeAlias = Literal["OK", "NODATA", "NXDOMAIN", "SERVFAIL", "BOGUS", "REFUSED", "TIMEOUT", "LAME", "LOOP"]
"""OK: there are values. NODATA: the name is there, such records are not. NXDOMAIN: there is no such name.
SERVFAIL: the server could not find out. BOGUS: only because DNSSEC does not check. REFUSED: it does not want to.
TIMEOUT: nobody answers. LAME: a server that is named for the zone does not know it. LOOP: names lead in a circle."""

Kind: TypeAlias = Literal["A", "AAAA", "CAA", "CNAME", "DS", "NS", "SOA", "SRV", "TLSA", "TXT"]
STATES: frozenset[State] = frozenset(get_args(State))
DECIDED: frozenset[State] = frozenset(("OK", "NODATA", "NXDOMAIN"))
"""States that say something about the name and not about the server."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question for records of one kind."""

    name: str
    kind: Kind
    server: str = ""
    """The address of a name server that answers only for its own zones, or empty."""
    resolver: str = ""
    """The address of one resolver, asked instead of this network's; with ``@port`` where it is not 53."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    state: State
    values: tuple[str, ...] = ()
    """Sorted."""
    chain: tuple[str, ...] = ()
    """The names that CNAMEs led to, without final dots."""
    ttl_seconds: int = 0
    is_validated: bool = False
    """Whether the resolver says that it checked DNSSEC."""
    reason: str = ""
    """The server's own words on a failure (RFC 8914), where it has any."""
    referral: str = ""
    """The zone whose servers are named instead of an answer."""

    @property
    def is_alias(self) -> bool:
        """Say whether a CNAME leads on, to where this server could not follow."""
        return bool(self.chain) and not self.values


Replies: TypeAlias = Mapping[Question, Reply]
SILENCE = Reply("TIMEOUT")


def ancestors(name: str) -> tuple[str, ...]:
    """Return ``name`` and all above it but the root: ``a.b.c``, ``b.c``, ``c``."""
    labels = name.removeprefix("*.").split(".")
    return tuple(".".join(labels[start:]) for start in range(len(labels)))
