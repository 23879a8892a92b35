"""What a form shows for a question, and what comes back from it."""

from __future__ import annotations

import pytest

from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.features import optional_features
from xmpp_wizard.tui.forms import fields, switches, values
from xmpp_wizard.tui.forms.fields import Spec, every_group, spec_for
from xmpp_wizard.tui.forms.finding import find
from xmpp_wizard.tui.forms.values import decided, parsed, problem_for, shown_value, typed

DRAFT = Draft('domain = "a.example"\n')


def spec(name: str) -> Spec:
    return spec_for(questions()[tuple(name.split("."))])


def test_every_question_is_asked_in_exactly_one_group() -> None:
    asked = [item.name for group in every_group() for item in group.specs]
    wanted = [question.name for question in questions().values() if not question.group]
    assert sorted(asked) == sorted(name for name in wanted if name != "version")


def test_every_question_has_a_title_a_sentence_and_a_control() -> None:
    for group in every_group():
        for item in group.specs:
            assert item.title, item.name
            assert item.sentence, item.name
            assert (item.kind in ("choice", "ticks")) == bool(item.options), item.name


def test_a_switch_is_explained_in_words_and_not_in_those_of_the_file() -> None:
    said = [str(spec.sentence) for group in every_group() for spec in group.specs if spec.kind == "choice"]
    assert [text for text in said if "true:" in text or "false:" in text] == []


def test_what_is_typed_comes_back() -> None:
    for group in every_group():
        for item in group.specs:
            value = DRAFT.value(item.key)
            if item.kind not in ("choice", "ticks"):
                back = parsed(item, typed(item, value))
                assert DRAFT.with_change(item.key, back).changes == {}, item.name


def test_kinds() -> None:
    assert spec("security.level").kind == "choice"
    assert spec("features.group_chat.history_days").kind == "number"
    assert spec("features.group_chat.history_days").unit.message == "days"
    assert spec("features.invitations.apps").kind == "ticks"
    assert spec("network.listen").kind == "list"
    assert spec("certificates.files").kind == "records"
    assert spec("domain").kind == "text"
    assert [option.value for option in spec("features.web.enabled").options] == [None, True, False]


def test_records_are_typed_as_words() -> None:
    files = spec("certificates.files")
    value = parsed(files, "/a/chain.pem /a/key.pem, /b/chain.pem /b/key.pem")
    assert value == [
        {"chain_file": "/a/chain.pem", "key_file": "/a/key.pem"},
        {"chain_file": "/b/chain.pem", "key_file": "/b/key.pem"},
    ]
    assert typed(files, value) == "/a/chain.pem /a/key.pem, /b/chain.pem /b/key.pem"


def test_the_last_part_of_a_record_may_be_a_list() -> None:
    groups = spec("features.shared_contacts.groups")
    value = [{"name": "Board", "members": ["ann", "ben"]}, {"name": "Sales", "members": ["cat"]}]
    assert parsed(groups, "Board ann ben, Sales cat") == value
    assert typed(groups, value) == "Board ann ben, Sales cat"
    assert DRAFT.with_change(groups.key, value).check().answers is not None
    lonely = DRAFT.with_change(groups.key, parsed(groups, "Board")).check()
    assert "at least 1" in str(problem_for(groups, lonely.problems))


def test_rubbish_is_left_to_the_check_which_says_what_is_wrong() -> None:
    days = spec("features.group_chat.history_days")
    for rubbish in ("many", "-1", "9" * 10_000, "🎉", "\u202eabc"):
        checked = DRAFT.with_change(days.key, parsed(days, rubbish)).check()
        assert checked.answers is None
        assert problem_for(days, checked.problems), rubbish


def test_a_problem_in_a_list_belongs_to_its_question() -> None:
    listen = spec("network.listen")
    checked = DRAFT.with_change(listen.key, ["127.0.0.1", "nonsense"]).check()
    assert "nonsense" in str(problem_for(listen, checked.problems))
    assert not problem_for(spec("network.resolvers"), checked.problems)


def test_who_decides_is_said() -> None:
    assert str(decided(spec("features.web.enabled"), DRAFT)) == "as the preset: on"
    minimal = DRAFT.with_change(("features", "preset"), "minimal")
    assert str(decided(spec("features.invitations.enabled"), minimal)) == "as the preset: off"
    assert str(shown_value(spec("features.accounts.undo_deletion_days"), DRAFT)) == "7 days"
    assert str(shown_value(spec("security.log_level"), DRAFT)) == "the level decides"
    assert str(shown_value(spec("notify.language"), DRAFT)) == "decided for you", "no level has a say in it"
    assert str(decided(spec("features.multi_device.history_days"), DRAFT)) == "empty: the level decides"
    assert str(decided(spec("features.calls.host"), DRAFT)) == "empty: decided for you"
    assert str(shown_value(spec("features.pages.logo_file"), DRAFT)) == "none", "nobody finds a picture by itself"
    assert str(shown_value(spec("dns.options"), DRAFT)) == "none"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("features.guests.rooms", "every open room"),
        ("features.contact_addresses.abuse", "the admins' addresses"),
        ("features.jwt.audience", "the domain itself"),
        ("network.listen", "all addresses"),
        ("network.resolvers", "those of this machine"),
    ],
)
def test_an_empty_answer_that_does_not_mean_none_says_what_it_means(name: str, shown: str) -> None:
    assert str(shown_value(spec(name), DRAFT)) == shown


def test_a_setting_is_found_by_label_explanation_and_key() -> None:
    assert find("room history")[0].spec.name == "features.group_chat.history_days"
    assert find("loopback")[0].spec.name == "network.local_http_port"
    assert find("security.level")[0].spec.name == "security.level"
    assert find("no such thing at all") == ()


def test_a_setting_is_found_by_another_word_for_it() -> None:
    names = {found.spec.name for found in find("archive")}
    assert {"features.group_chat.history_days", "features.multi_device.history_days"} <= names
    assert find("Archiv")[0].spec.name in names
    assert "features.group_chat.history_days" in {found.spec.name for found in find("muc archives")}
    assert "certificates.source" in {found.spec.name for found in find("ssl")}
    assert "storage.backend" in {found.spec.name for found in find("database")}


def test_features_are_counted() -> None:
    on, of = switches.features_on(DRAFT)
    assert of == len(optional_features())
    assert 0 < on < of
    assert switches.features_on(DRAFT.with_change(("features", "web", "enabled"), value=False)) == (on - 1, of)


def test_single_questions_of_one_model_are_asked_together() -> None:
    (group,) = fields.group_at(("title",), ("admins",))
    assert [item.name for item in group.specs] == ["title", "admins"]
    (group,) = fields.group_at(("features", "web", "enabled"))
    assert (str(group.title), group.folded) == ("Web apps", ())


def test_what_is_different_is_said_in_words() -> None:
    new = 'domain = "a.example"\n[security]\nlevel = "strict"\n[features.web]\nenabled = false\n'
    assert list(map(str, values.differences(DRAFT.text, new))) == [
        "Web apps: as the preset: on -> off",
        "Security level: recommended -> strict",
    ]


def test_choices_are_told_by_their_names_and_not_by_their_keys() -> None:
    old = DRAFT.text + '[storage]\nin_files = ["history", "room_history"]\n'
    assert list(map(str, values.differences(old, DRAFT.text))) == ["Kept as plain files: history, room history -> none"]
    assert [str(option.label) for option in spec("storage.in_files").options] == ["history", "room history", "waiting"]


@pytest.mark.parametrize("name", ["dns.public_resolvers", "features.spam_lists.lists", "features.invitations.apps"])
def test_a_list_that_is_emptied_is_shown_as_empty(name: str) -> None:
    question = spec(name)
    emptied = DRAFT.with_change(question.key, [])
    assert emptied.changes, "it is another answer than the usual one"
    assert str(shown_value(question, DRAFT)) != "none"
    assert str(shown_value(question, emptied)) == "none"
    assert str(decided(question, DRAFT)) == "empty: none"
