"""What is said of the amount that is kept somewhere."""

from __future__ import annotations

import pytest

from xmpp_wizard.core.storage.moving import Census, how_much


@pytest.mark.parametrize(
    ("census", "told"),
    [
        (None, "all accounts and messages"),
        (Census(accounts=2, messages=1), "2 accounts and 1 message"),
        (Census(accounts=0, messages=3), "3 messages"),
    ],
)
def test_no_accounts_are_told_where_only_messages_moved(census: Census | None, told: str) -> None:
    assert str(how_much(census)) == told
