"""What a plan changes in the answers: in words, as everywhere else."""

from __future__ import annotations

import pytest
from tests.engine.conftest import run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.plan_page.changes import changes


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("security.level", "strict", "recommended -> strict"),
        ("features.web.enabled", False, "the preset decides -> off"),
        ("storage.in_files", ["history", "room_history"], "none -> history, room history"),
        ("features.guests.rooms", ["lobby@groups.a.example"], "every open room -> lobby@groups.a.example"),
        ("features.shared_contacts.groups", [{"name": "Team", "members": ["ann", "bob"]}], "none -> Team ann bob"),
        ("title", "The Miller's", "none -> The Miller's"),
    ],
)
def test_an_answer_is_told_in_words(fakes: Fakes, layout: Layout, key: str, value: object, shown: str) -> None:
    run(fakes, layout, wish())
    session = change_session(fakes.world(), layout)
    (row,) = changes(session.with_draft(session.draft.with_change(tuple(key.split(".")), value)))
    assert str(row.value) == shown
