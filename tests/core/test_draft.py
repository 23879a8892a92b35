"""Answers that are being changed in forms."""

from __future__ import annotations

from xmpp_wizard.core.answers.writing import without_value
from xmpp_wizard.core.draft import WHOLE, Draft

FILE = """\
# mine
domain = "a.example"  # our name
[security]
level = "strict"  # no old apps
log_level = "info"
"""


def test_what_is_said_wins_over_the_default() -> None:
    draft = Draft(FILE)
    assert draft.value(("security", "level")) == "strict"
    assert draft.value(("network", "https_port")) == 443
    assert draft.value(("features", "group_chat", "history_days")) is None


def test_a_change_is_written_and_comments_stay() -> None:
    draft = Draft(FILE).with_change(("security", "level"), "recommended").with_change(("admins",), ("alice",))
    assert draft.value(("security", "level")) == "recommended"
    text = draft.new_text()
    assert "# mine" in text
    assert 'level = "recommended"  # no old apps' in text
    assert 'admins = ["alice"]' in text


def test_nothing_said_takes_the_answer_out() -> None:
    draft = Draft(FILE).with_change(("security", "log_level"), None)
    assert "log_level" not in draft.new_text()
    assert "# no old apps" in draft.new_text()
    assert draft.check().answers is not None


def test_the_same_again_is_no_change() -> None:
    draft = Draft(FILE).with_change(("security", "level"), "recommended").with_change(("security", "level"), "strict")
    assert draft.changes == {}
    assert Draft(FILE).with_change(("network", "https_port"), 443).changes == {}
    assert Draft(FILE).with_change(("extra_domains",), []).changes == {}
    assert Draft(FILE).with_change(("features", "group_chat", "history_days"), None).changes == {}


def test_what_is_wrong_is_said_for_its_key() -> None:
    checked = Draft(FILE).with_change(("network", "https_port"), 70000).check()
    assert checked.answers is None
    assert str(checked.problems["network.https_port"]) == "must be at most 65535, not 70000"


def test_what_contradicts_is_said_for_the_whole() -> None:
    text = 'domain = "a.example"\nextra_domains = ["groups.a.example"]\n'
    checked = Draft(text).check()
    assert checked.answers is None
    assert checked.problems[WHOLE]


def test_nothing_is_taken_out_where_nothing_is_said() -> None:
    assert without_value(FILE, ("network", "listen")) == FILE
    assert without_value(FILE, ("domain", "below")) == FILE
