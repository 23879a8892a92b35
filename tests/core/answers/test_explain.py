"""What each key means and where its value comes from."""

from __future__ import annotations

import shlex

import pytest

from xmpp_wizard.core.answers.explain import as_text, explain, origin
from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.answers.file import load
from xmpp_wizard.core.answers.problems import WrongAnswersError

DAYS = "features.group_chat.history_days"


def test_a_key_is_explained_with_all_there_is_to_know() -> None:
    found = explain(DAYS)
    assert found.variable == "XMPP_WIZARD__FEATURES__GROUP_CHAT__HISTORY_DAYS"
    assert found.option.startswith(f"--set {DAYS}=")
    assert str(found.kind) == "a whole number from 0 to 3650"
    assert "XEP-0045" in found.standards
    text = as_text(found)
    assert found.title in text
    assert found.variable in text


def test_choices_and_defaults_are_told() -> None:
    found = explain("security.level")
    assert found.choices == ("compatible", "recommended", "strict")
    assert found.default == "recommended"
    assert '"recommended"' in as_text(found)
    assert explain("domain").is_required
    assert explain("features.group_chat.enabled").choices == (True, False)


@pytest.mark.parametrize(
    ("name", "who"),
    [
        (DAYS, "the level decides"),
        ("features.group_chat.enabled", "the preset decides"),
        ("features.calls.host", "decided for you"),
        ("features.pages.logo_file", "none"),
    ],
)
def test_who_decides_without_an_answer_is_told(name: str, who: str) -> None:
    assert f"Default:   {who}\n" in as_text(explain(name))


def test_a_group_lists_its_keys() -> None:
    assert "network.https_port" in explain("network").below
    assert "network.https_port" in as_text(explain("network"))


@pytest.mark.parametrize("name", [DAYS, f"--set {DAYS}=3", "XMPP_WIZARD__FEATURES__GROUP_CHAT__HISTORY_DAYS"])
def test_a_key_may_be_spelled_as_option_or_variable(name: str) -> None:
    assert explain(name).key == DAYS


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("histry_days", "did you mean features."),
        ("history_days", "did you mean features."),
        ("features.group_chat.histry_days", f"did you mean {DAYS}?"),
        ("certificates.files.key_file", "is a part of each item of certificates.files"),
        ("", "no such answer"),
        ("a b", "no such answer"),
        ("\n", "no such answer"),
        ("storage.password", "secret"),
    ],
)
def test_an_unknown_key_is_refused_with_the_likely_one(name: str, words: str) -> None:
    with pytest.raises(WrongAnswersError, match=words.replace("?", r"\?")):
        explain(name)


# an allow-list makes sense only where it is used, and only a domain of ours can be closed
NEEDED = {
    "features.ldap.bind_name": ["features.ldap.password_file=/root/ldap-password.txt"],
    "features.federation.allow": ["features.federation.mode=list"],
    "features.jwt.public_key_file": ["features.jwt.algorithm=RS256"],
    "inside_domains": ['extra_domains=["kids.example.org"]'],
}


@pytest.mark.parametrize("name", [q.name for q in questions().values() if not q.group and q.name != "domain"])
def test_each_option_that_is_shown_can_be_used(name: str) -> None:
    words = shlex.split(explain(name).option)
    more = NEEDED.get(name, [])
    assert words[0] == "--set"
    load(b'domain = "a.example"', "a.toml", {}, [words[1], *more])


def test_the_origin_of_a_value() -> None:
    file = b'domain = "a.example"\n[features.group_chat]\nhistory_days = 1\n'
    variables = {"XMPP_WIZARD__FEATURES__GROUP_CHAT__HISTORY_DAYS": "2"}
    assert origin("storage.backend", file, "a.toml", {}, ()).where == ""
    assert origin("storage.backend", file, "a.toml", {}, ()).value == "sqlite"
    assert origin(DAYS, file, "a.toml", {}, ()).where == "a.toml:3"
    assert origin(DAYS, file, "a.toml", variables, ()).where == "XMPP_WIZARD__FEATURES__GROUP_CHAT__HISTORY_DAYS"
    found = origin(DAYS, file, "a.toml", variables, [f"{DAYS}=3"])
    assert (found.where, found.value) == (f"--set {DAYS}", 3)
