"""Records that this program enters by itself, as far as a plan has to know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.dns.answers import DnsAnswers
from xmpp_wizard.core.dns.free_names import provider_title
from xmpp_wizard.core.kit.feature import DnsRecord


@dataclass(frozen=True, slots=True)
class Keeping:
    """Which records they are. The addresses in them are found out when they are entered."""

    domains: tuple[str, ...]
    title: str
    """How people call who keeps them."""
    mark: str
    """Another one means other records, or another account."""


def keeping(said: DnsAnswers, domains: Sequence[str], records: Sequence[DnsRecord], *more: object) -> Keeping | None:
    """Return what is entered by itself; None where a person does it. ``more`` is what else the records depend on."""
    if said.account is None or not said.enters_records:
        return None
    return Keeping(tuple(domains), provider_title(said), _mark(said.account, said.caa, said.pins, tuple(records), more))


def _mark(account: DnsAccount, *parts: object) -> str:
    return sha256(repr((account, *parts)).encode()).hexdigest()[:32]
