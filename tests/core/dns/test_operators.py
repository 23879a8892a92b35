"""Which of the public resolvers a machine asks."""

from __future__ import annotations

import pytest

from xmpp_wizard.core.dns.operators import EVERYBODYS, OPERATORS, one_of_each, operator_of


@pytest.mark.parametrize(
    ("has_ipv4", "has_ipv6", "at"),
    [(True, True, 0), (True, False, 0), (False, True, 1)],
)
def test_each_operator_is_asked_once_over_what_the_machine_has(*, has_ipv4: bool, has_ipv6: bool, at: int) -> None:
    wanted = tuple(operator.addresses[at] for operator in OPERATORS)
    assert one_of_each(EVERYBODYS, has_ipv4=has_ipv4, has_ipv6=has_ipv6) == wanted


def test_a_machine_without_addresses_asks_nobody() -> None:
    assert one_of_each(EVERYBODYS, has_ipv4=False, has_ipv6=False) == ()


def test_others_go_by_their_address() -> None:
    named = ("192.0.2.1@5353", "192.0.2.2", "8.8.8.8")
    assert one_of_each(named, has_ipv4=True, has_ipv6=False) == named
    assert [operator_of(resolver) for resolver in named] == ["192.0.2.1@5353", "192.0.2.2", "Google"]
