"""Names below a domain of somebody else's, to be had for free with an account and a token."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.dns.answers import DnsAnswers
from xmpp_wizard.core.names import ascii_name


@dataclass(frozen=True, slots=True)
class FreeNames:
    """Who gives such names away, and what must be known to deal with them."""

    title: str
    domain: str
    """Names are one label below it."""
    provider: str
    """As ``dns.provider`` has it."""
    page: str
    """Where an account and a token are made."""
    address_url: str
    """Answers with the address that a question comes from."""


DESEC = FreeNames("deSEC", "dedyn.io", "desec", "https://desec.io", "https://checkipv4.dedyn.io")
"""It gives all that a server needs: records of services, several texts at a name, DNSSEC; and makes a name by itself.

Others, by lexicon, serve as far as they take records; their names are made on their own pages."""


def free_names_of(domain: str) -> FreeNames | None:
    """Return who gives ``domain`` away; None where nobody is known to."""
    return DESEC if ascii_name(domain).endswith(f".{DESEC.domain}") else None


def claimed_zone(answers: DnsAnswers) -> str:
    """Return the zone (A-labels) that is to be made at the provider if it is not there; empty: none."""
    given = free_names_of(answers.zone) if answers.zone else None
    is_given = answers.zone is not None and given is not None and given.provider == answers.provider
    return ascii_name(answers.zone or "") if is_given else ""


def provider_title(answers: DnsAnswers) -> str:
    """Return how people call who keeps the records."""
    return DESEC.title if answers.provider == DESEC.provider else answers.provider
