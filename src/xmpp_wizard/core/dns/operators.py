"""Resolvers that anybody may ask, each run by somebody else: what they say is what half of the world sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs a public resolver, and where it is."""

    name: str
    addresses: tuple[str, ...]


OPERATORS = (
    Operator("Quad9", ("9.9.9.9", "2620:fe::fe")),
    Operator("Cloudflare", ("1.1.1.1", "2606:4700:4700::1111")),
    Operator("Google", ("8.8.8.8", "2001:4860:4860::8888")),
)
"""All of them check DNSSEC."""
EVERYBODYS = tuple(address for operator in OPERATORS for address in operator.addresses)


def operator_of(resolver: str) -> str:
    """Return who runs the resolver; its address where that is not known."""
    return next((operator.name for operator in OPERATORS if resolver in operator.addresses), resolver)


def one_of_each(resolvers: Sequence[str], *, has_ipv4: bool, has_ipv6: bool) -> tuple[str, ...]:
    """Return the first address of each operator that a machine with these kinds of addresses can ask."""
    first: dict[str, str] = {}
    for resolver in resolvers:
        if has_ipv6 if ":" in resolver else has_ipv4:
            first.setdefault(operator_of(resolver), resolver)
    return tuple(first.values())
