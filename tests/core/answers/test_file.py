"""Answer files, good ones and bad ones: what is taken, what wins, and what is said about the rest."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_wizard.core.answers.file import MAX_BYTES, load, migrated
from xmpp_wizard.core.answers.model import Answers, answers_model
from xmpp_wizard.core.answers.problems import WrongAnswersError
from xmpp_wizard.core.errors import AnswersError, UsageError

DAYS = "features.group_chat.history_days"
DAYS_VARIABLE = "XMPP_WIZARD__FEATURES__GROUP_CHAT__HISTORY_DAYS"


def loaded(text: str | bytes, environment: Mapping[str, str] | None = None, sets: Sequence[str] = ()) -> Answers:
    content = text.encode() if isinstance(text, str) else text
    return load(content, "a.toml", environment or {}, sets)[0]


def refused(text: str | bytes, environment: Mapping[str, str] | None = None, sets: Sequence[str] = ()) -> list[str]:
    with pytest.raises(WrongAnswersError) as caught:
        loaded(text, environment, sets)
    assert caught.value.exit_status == 4
    assert caught.value.code == "answers"
    assert caught.value.hint
    return str(caught.value).split("\n")


def history_days(answers: Answers) -> object:
    return answers.model_dump()["features"]["group_chat"]["history_days"]


def test_the_domain_alone_gives_the_defaults() -> None:
    assert loaded('domain = "Example.ORG"') == answers_model()(domain="example.org")


def test_the_line_of_options_wins_over_environment_over_file_over_defaults() -> None:
    file = 'domain = "a.example"\n[features.group_chat]\nhistory_days = 1\n'
    assert history_days(loaded('domain = "a.example"')) is None
    assert history_days(loaded(file)) == 1
    assert history_days(loaded(file, {DAYS_VARIABLE: "2"})) == 2
    assert history_days(loaded(file, {DAYS_VARIABLE: "2"}, [f"{DAYS}=3"])) == 3
    assert history_days(loaded(file, {}, [f"{DAYS}=3", f"{DAYS}=4"])) == 4


def test_an_empty_variable_and_those_of_others_say_nothing() -> None:
    environment = {"XMPP_WIZARD__DOMAIN": " ", "XMPP_WIZARD_OTHER": "x", "PATH": "/bin", "domain": "b.example"}
    assert loaded('domain = "a.example"', environment).domain == "a.example"


@pytest.mark.parametrize(
    "written", ['["alice", "bob"]', "[alice, bob]", "alice,bob", "alice, bob", ' "alice" , "bob" ', "['alice','bob',]"]
)
def test_a_list_may_be_written_as_a_shell_leaves_it(written: str) -> None:
    assert loaded("", {}, ["domain=a.example", f"admins={written}"]).admins == ("alice", "bob")


@pytest.mark.parametrize(("written", "admins"), [("alice", ("alice",)), ("[]", ()), ('["a","b"]', ("a", "b"))])
def test_a_list_in_the_environment(written: str, admins: tuple[str, ...]) -> None:
    assert loaded('domain = "a.example"', {"XMPP_WIZARD__ADMINS": written}).admins == admins


@pytest.mark.parametrize(
    ("written", "title"),
    [("2024", "2024"), ("true", "true"), ('"in quotes"', "in quotes"), ("Müllers, 2 = x # y", "Müllers, 2 = x # y")],
)
def test_a_text_needs_no_quotes_on_the_command_line(written: str, title: str) -> None:
    assert loaded("", {}, ["domain=a.example", f"title={written}"]).title == title


def test_a_list_of_groups_on_the_command_line() -> None:
    files = 'certificates.files=[{chain_file = "/a", key_file = "/b"}]'
    assert loaded("", {}, ["domain=a.example", "certificates.source=files", files]).certificates.files[0].key_file == (
        "/b"
    )


@pytest.mark.parametrize("option", ["domain", "=x", "a b=c", "", "domain.=x", "[a]=1"])
def test_an_option_of_another_form_is_a_usage_error(option: str) -> None:
    with pytest.raises(UsageError, match="key, an equals sign and a value"):
        loaded('domain = "a.example"', {}, [option])


def test_the_effective_text_says_the_same_by_itself() -> None:
    file = '# mine\ndomain = "a.example" # keep\n[security]\nlevel = "strict"\n'
    answers, text = load(file.encode(), "a.toml", {DAYS_VARIABLE: "2"}, ["admins=alice", "domain=b.example"])
    assert load(text.encode(), "b.toml", {}, ())[0] == answers
    assert text.startswith('# mine\ndomain = "b.example" # keep\n')


def test_without_environment_and_options_the_text_stays_as_it_is() -> None:
    file = 'domain   =  "a.example"   # odd\r\n\r\n'
    assert load(file.encode(), "a.toml", {}, ())[1] == file


WRONG = """\
domain = "a b"
admns = ["x"]
admins = [
  "a b",
  3,
]
[security]
level = "strikt"
[features.group_chat]
history_day = 3
history_days = "3"
enabled = "yes"
[network]
client_port = true
https_port = 70000
listen = "x"
"""


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('schema = 1\ndomain = "a.example"', ""),
        ('domain = "a.example"\nlevel = "strict"', "; did you mean security.level?"),
        ('domain = "a.example"\n[feature.calls]\nenabled = true', "; did you mean features?"),
        ('domain = "a.example"\n[features.x]', ""),
    ],
)
def test_only_what_is_near_is_said_to_be_meant(text: str, meant: str) -> None:
    (line,) = refused(text)
    assert line.endswith(f"there is no such answer{meant}")


def test_everything_wrong_is_told_at_once_with_line_and_key() -> None:
    lines = refused(WRONG)
    assert [line.partition(": ")[0] for line in lines] == [
        f"a.toml:{number}" for number in (1, 2, 4, 5, 8, 10, 11, 12, 14, 15, 16)
    ]
    assert lines[1] == "a.toml:2: admns: there is no such answer; did you mean admins?"
    assert lines[3] == "a.toml:5: admins[2]: must be a text in quotes, not 3"
    assert "one of" in lines[4]
    assert 'did you mean "strict"?' in lines[4]
    assert "did you mean features.group_chat.history_days?" in lines[5]
    assert 'whole number without quotes, such as 30, not "3"' in lines[6]
    assert "true or false" in lines[7]
    assert "whole number" in lines[8]
    assert "at most 65535, not 70000" in lines[9]
    assert "list in square brackets" in lines[10]


def test_a_file_of_something_else_is_refused_quickly_and_briefly() -> None:
    lines = refused("".join(f"key{number} = 1\n" for number in range(60_000)))
    assert len(lines) == 101
    assert "a.toml: and 59901 more" in lines


@pytest.mark.parametrize("key", ["x" * 900_000, '"' + "x" * 900_000 + '"', '"\\u001b[2J"', '"a\\nb"'])
def test_a_key_that_is_long_or_invisible_is_shown_short_and_visible(key: str) -> None:
    (line,) = refused(f'domain = "a.example"\n{key} = 1')
    assert line.isprintable()
    assert len(line) < 200


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing", "\ufeff", "[features]\n"])
def test_an_empty_file_lacks_the_domain(text: str) -> None:
    (line,) = refused(text)
    assert line.startswith("a.toml: domain: is missing")
    assert 'domain = "example.org"' in line


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ('domain = "a.example"\nsecurity = "strict"', "a.toml:2: security:", "own [heading]"),
        ('domain = "a.example"\nhistory_days = 3', "a.toml:2: history_days:", "history_days?"),
        ('domain = "a.example"\n[feature]\nx = 1', "a.toml:2: feature:", "did you mean features?"),
        ('domain = "a.example"\nnetwork = {https = 1}', "a.toml:2: network.https:", "network.https_port?"),
        ('domain = "a.example"\nnetwork.https_prt = 1', "a.toml:2: network.https_prt:", "network.https_port?"),
        ('domain = "a.example"\n[qqq]\n', "a.toml:2: qqq:", "no such answer"),
        ("domain = 2020-01-01", "a.toml:1: domain:", "text in quotes"),
        ("domain = 1.5", "a.toml:1: domain:", "text in quotes, not 1.5"),
        ('domain = ["a.example"]', "a.toml:1: domain:", "text in quotes, not a list"),
        ('[[domain]]\nx = "a.example"', "a.toml:1: domain:", "text in quotes"),
        ('domain = "a.example"\nextra_domains = ["a.example"]', "a.toml:2: extra_domains:", "given twice"),
        (
            'domain = "a.example"\n[[certificates.files]]\nchain_file = "/a"',
            "a.toml:2: certificates.files[1].key_file:",
            "is missing",
        ),
        (
            'domain = "a.example"\n\n[network]\nclient_port = 443',
            "a.toml:3: network.https_port:",
            "network.client_port",
        ),
        (f'domain = "a.example"\n[features.group_chat]\nhistory_days = {"9" * 400}', "a.toml:3: ", "at most 3650"),
    ],
)
def test_a_wrong_value_has_its_line_and_advice(text: str, where: str, words: str) -> None:
    (line,) = refused(text)
    assert line.startswith(where)
    assert words in line
    assert len(line) < 300


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ('domain = "a"\ndomain = "b"', "a.toml:2:13: domain:", "second time"),
        ("[a]\n[b]\n[a]", "a.toml:3:3:", "second time"),
        ('domain = "a', "a.toml:1:12:", "closing quote"),
        ("domain = a.example", "a.toml:1:10:", "need quotes"),
        ("domain: a.example", "a.toml:1:7:", "equals sign"),
        ('{"domain": "a.example"}', "a.toml:1:1:", "neither a key"),
        ("domain = ", "a.toml:1:10:", "value is missing"),
        ("admins = [\n'a'\n", "a.toml:2", "closing bracket"),
        ("[network", "a.toml:1", "not closed"),
        ("a = 1 2", "a.toml:1:7:", "more on the line"),
        ('a = "\\x"', "a.toml:1:8:", "backslash"),
        ("a = 2020-02-30", "a.toml:1", "date"),
        ("a = " + "[" * 100_000, "a.toml:", "nested"),
        ("a = " + "1" * 100_000, "a.toml:", "digits"),
    ],
)
def test_what_is_no_toml_has_line_and_column(text: str, where: str, words: str) -> None:
    (line,) = refused(text)
    assert line.startswith(where)
    assert words in line
    assert len(line) < 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x7fELF\x02\x01\x01\x00\x00", "a.toml: is no text file"),
        ('domain = "ä"'.encode("utf-16"), "not in UTF-8"),
        ('# one\ndomain = "ä"'.encode("latin-1"), "a.toml:2: this line is not in UTF-8"),
        (b"#" * (MAX_BYTES + 1), "larger than 1 MB"),
        (b"\n" * 10_000_000, "larger than 1 MB"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, words: str) -> None:
    (line,) = refused(content)
    assert words in line


def test_the_largest_file_that_is_taken_is_taken() -> None:
    start = b'domain = "a.example"\n#'
    assert loaded(start + b"x" * (MAX_BYTES - len(start))).domain == "a.example"


def test_a_mark_at_the_start_as_some_editors_write_it_is_no_error() -> None:
    answers, text = load('\ufeffdomain = "a.example"'.encode(), "a.toml", {}, ())
    assert answers.domain == "a.example"
    assert text == 'domain = "a.example"'


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("2", "a.toml:1: version: the file was written by a newer xmpp-wizard"),
        ("0", "there is no version 0; write 1"),
        ("-1", "there is no version -1"),
        ("true", "must be the number 1, not true"),
        ('"1"', 'must be the number 1, not "1"'),
        ("1.0", "must be the number 1"),
    ],
)
def test_a_version_that_is_not_ours_is_told_before_anything_else(version: str, words: str) -> None:
    (line,) = refused(f"version = {version}\nnew_thing = 1")
    assert words in line


def test_an_older_file_is_brought_to_our_version_step_by_step() -> None:
    steps = {
        1: lambda text: text.replace("version = 1", "version = 2").replace("name", "nick"),
        2: lambda text: text.replace("version = 2", "version = 3").replace("nick", "title"),
    }
    text, data = migrated("version = 1\nname = 'x' # mine", "a.toml", steps, 3)
    assert text == "version = 3\ntitle = 'x' # mine"
    assert data == {"version": 3, "title": "x"}
    assert migrated("version = 3", "a.toml", steps, 3)[0] == "version = 3"


def test_wrong_values_from_outside_are_told_by_their_source() -> None:
    lines = refused(
        'domain = "a.example"',
        {"XMPP_WIZARD__FEATURES__GROUP_CHAT__HISTRY_DAYS": "30", "XMPP_WIZARD__DOMAIN__X": "1"},
        ["security.level=x", "network.client_port=abc"],
    )
    assert {line.partition(": ")[0] for line in lines} == {
        "XMPP_WIZARD__FEATURES__GROUP_CHAT__HISTRY_DAYS",
        "XMPP_WIZARD__DOMAIN__X",
        "--set security.level",
        "--set network.client_port",
    }
    assert "did you mean features.group_chat.history_days?" in "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ('domain = "a.example"\nadmin_password = "hunter2"', []),
        ('domain = "a.example"\n[storage]\npassword = "hunter2"', []),
        ('domain = "a.example"\n[storage]\npassword = ["hunter2"]', []),
        ('domain = "a.example"', ["storage.api_token=hunter2"]),
    ],
)
def test_a_secret_is_refused_and_never_repeated(text: str, sets: list[str]) -> None:
    (line,) = refused(text, {}, sets)
    assert "a secret is never a value here" in line
    assert "hunter2" not in line


def test_a_secret_in_place_of_its_path_is_not_repeated() -> None:
    text = 'domain = "a.example"\n[[certificates.files]]\nchain_file = "/a"\nkey_file = "-----BEGIN hunter2"'
    (line,) = refused(text)
    assert "whole path" in line
    assert "hunter2" not in line


@given(st.binary(max_size=60) | st.text(st.sampled_from("domain=\"'[]{}.,#\n\\ 1a"), max_size=60).map(str.encode))
def test_whatever_is_read_gives_answers_or_wrong_answers(content: bytes) -> None:
    try:
        answers = loaded(content)
    except WrongAnswersError as error:
        answers = None
        told = error.problems
    else:
        told = ()
    assert bool(answers) != bool(told)


WORDS = st.text(st.sampled_from("abäß,[]\"'={}# \\1.-"), max_size=12)


@given(title=WORDS, admins=st.lists(st.sampled_from(["alice", "bob", "ö"]), max_size=3), days=st.integers(0, 3650))
def test_the_effective_text_always_says_the_same(title: str, admins: list[str], days: int) -> None:
    file = 'domain = "a.example" # mine\n[features]\npreset = "family"\n[network]\nlisten = []\n'
    sets = [f"title={title}", f"admins={admins}", f"{DAYS}={days}", 'network.listen=["127.0.0.1"]']
    answers, text = load(file.encode(), "a.toml", {}, sets)
    assert load(text.encode(), "a.toml", {}, ())[0] == answers
    assert "# mine" in text
    assert tomllib.loads(text)["network"]["listen"] == ["127.0.0.1"]


TAKES_BACK = b"""domain = "a.example"
admins = ["alice"]
dns.zone = "example.org" # mine
dns.public_resolvers = ["192.0.2.1"]
features.group_chat.history_days = 9
[features.public_channels]
enabled = true
messages_per_minute = 6
[notify]
mail_to = ["a@b.example"]
"""


@pytest.mark.parametrize(
    ("option", "key", "value"),
    [
        ("dns.zone=", ("dns", "zone"), None),
        ("dns.zone= ", ("dns", "zone"), None),
        ("admins=", ("admins",), ()),
        ("dns.public_resolvers=", ("dns", "public_resolvers"), ()),
        ("features.group_chat.history_days=", ("features", "group_chat", "history_days"), None),
        ("features.public_channels.enabled=", ("features", "public_channels", "enabled"), None),
        ("features.public_channels.messages_per_minute=", ("features", "public_channels", "messages_per_minute"), 60),
        ("features.public_channels.block_list=", ("features", "public_channels", "block_list"), ""),
        ("storage.backend=", ("storage", "backend"), "sqlite"),
        ("notify=", ("notify", "mail_to"), ()),
        ("title=", ("title",), ""),
    ],
)
def test_nothing_behind_the_equals_sign_takes_an_answer_back(option: str, key: tuple[str, ...], value: object) -> None:
    found, text = load(TAKES_BACK, "a.toml", {}, [option])
    again, _ = load(text.encode(), "a.toml", {}, [])
    for answers in (found, again):
        node: object = answers
        for part in key:
            node = getattr(node, part)
        assert node == value
    assert "[features.public_channels]" in text


def test_a_domain_cannot_be_taken_back() -> None:
    with pytest.raises(AnswersError, match="domain"):
        load(TAKES_BACK, "a.toml", {}, ["domain="])


@pytest.mark.parametrize(
    "options",
    [
        ("dns.zone=", "dns.zone=b.example"),
        ("dns.zone=b.example", "dns.zone="),
        ("notify=", "notify.mail_to=a@b.example"),
    ],
)
def test_who_takes_an_answer_back_does_not_give_it(options: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="contradict each other"):
        load(TAKES_BACK, "a.toml", {}, options)
