"""People, with prosodyctl's own words and statuses (Prosody 13.0.1)."""

from __future__ import annotations

import tomllib

import pytest
from tests.engine.conftest import validated, wish
from tests.engine.people.prosodyctl import Prosodyctl
from tests.fakes import Fakes

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EffectError, EngineError, NeedsPersonError, NotSetUpError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.setup import ApplyAnswers
from xmpp_wizard.engine.welcome import welcome

GOOD = Secret("correct horse battery")


@pytest.fixture
def prosodyctl() -> Prosodyctl:
    return Prosodyctl()


@pytest.fixture(autouse=True)
def _real_templates(fakes: Fakes) -> None:
    fakes.appliance.texts = dict(ShippedAppliance().templates())


@pytest.fixture
def people(fakes: Fakes, layout: Layout, prosodyctl: Prosodyctl) -> People:
    launch(fakes.world(), layout, wish(extra_domains=("b.example",)), Consent(wants_proof=False))
    fakes.containers.on_run = prosodyctl
    return People(fakes.world(), layout)


def test_there_are_no_people_without_a_server(fakes: Fakes, layout: Layout) -> None:
    with pytest.raises(NotSetUpError):
        People(fakes.world(), layout)


def test_somebody_is_added_as_prosody_with_the_password_on_stdin_only(people: People, prosodyctl: Prosodyctl) -> None:
    people.add("alice@a.example", GOOD)
    command, user, stdin = prosodyctl.seen[-1]
    assert (list(command), user) == (["prosodyctl", "adduser", "--", "alice@a.example"], "5222:5222")
    assert stdin == b"correct horse battery\ncorrect horse battery\n"
    assert people.exists("alice@a.example")
    assert not people.exists("bob@a.example")


def test_somebody_who_is_there_is_not_added_again(people: People, prosodyctl: Prosodyctl) -> None:
    people.add("alice@a.example", GOOD)
    with pytest.raises(NeedsPersonError, match="is there already") as caught:
        people.add("alice@a.example", Secret("another password"))
    assert "user passwd alice@a.example" in str(caught.value.hint)
    assert prosodyctl.passwords["alice@a.example"] == GOOD.reveal()


def test_a_password_is_changed(people: People, prosodyctl: Prosodyctl) -> None:
    people.add("alice@a.example", GOOD)
    people.set_password("alice@a.example", Secret("another password"))
    assert prosodyctl.passwords["alice@a.example"] == "another password"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        " " * 20,
        "a" * 1024,
        "ü" * 512,
        "tab\tin the password",
        "line\nin the password",
        "escape\x1b[2Jin the password",
    ],
)
def test_bad_passwords_never_reach_prosody(people: People, prosodyctl: Prosodyctl, password: str) -> None:
    with pytest.raises(NeedsPersonError, match="password"):
        people.add("alice@a.example", Secret(password))
    assert prosodyctl.seen == []


def test_the_longest_password_is_taken(people: People, prosodyctl: Prosodyctl) -> None:
    people.add("alice@a.example", Secret("a" * 1023))
    assert len(prosodyctl.passwords["alice@a.example"]) == 1023


def test_a_strict_server_wants_longer_passwords(fakes: Fakes, layout: Layout, prosodyctl: Prosodyctl) -> None:
    text = 'domain = "a.example"\n[security]\nlevel = "strict"\n'
    request = wish(security={"level": "strict"})
    launch(fakes.world(), layout, type(request)(request.answers, text, request.path), Consent(wants_proof=False))
    fakes.containers.on_run = prosodyctl
    strict = People(fakes.world(), layout)
    with pytest.raises(NeedsPersonError) as caught:
        strict.check_password(Secret("x" * 13))
    assert "at least 14" in str(caught.value.hint)
    strict.check_password(Secret("x" * 14))
    strict.check_password(strict.new_password())


def test_unknown_people_are_named_with_the_nearest(people: People) -> None:
    people.add("alice@a.example", GOOD)
    for act in (people.delete, lambda jid: people.set_password(jid, GOOD)):
        with pytest.raises(NeedsPersonError, match="nobody called alcie") as caught:
            act("alcie@a.example")
        assert str(caught.value.hint) == "Did you mean: alice@a.example"


def test_another_name_on_the_same_domain_is_no_near_one(people: People) -> None:
    people.add("ünï@a.example", GOOD)
    with pytest.raises(NeedsPersonError, match="nobody called nobody") as caught:
        people.delete("nobody@a.example")
    assert str(caught.value.hint) == "All of them: xmpp-wizard user list"


def test_a_name_that_begins_with_a_hyphen_is_a_name(people: People) -> None:
    people.add("-x@a.example", GOOD)
    people.set_password("-x@a.example", Secret("another password"))
    with pytest.raises(NeedsPersonError, match="begins with a hyphen") as caught:
        people.invitation("-y@a.example")
    assert "user add -- -y@a.example" in str(caught.value.hint)
    people.delete("-x@a.example")


@pytest.mark.parametrize("given", ["xn--bcher-kva.example", "BÜCHER.example.", "bücher.example"])
def test_a_domain_is_known_in_every_form(fakes: Fakes, layout: Layout, prosodyctl: Prosodyctl, given: str) -> None:
    launch(fakes.world(), layout, wish(domain="bücher.example"), Consent(wants_proof=False))
    fakes.containers.on_run = prosodyctl
    assert People(fakes.world(), layout).all(given) == {"bücher.example": ()}


def test_what_is_no_domain_is_not_listed(people: People) -> None:
    with pytest.raises(NeedsPersonError, match="whole address"):
        people.all("alice@a.example")


def test_somebody_is_deleted(people: People) -> None:
    people.add("alice@a.example", GOOD)
    people.delete("alice@a.example")
    assert people.all() == {"a.example": (), "b.example": ()}


def test_people_are_listed_by_domain(people: People) -> None:
    for address in ("zoe@a.example", "adam@a.example", "bob@b.example"):
        people.add(address, GOOD)
    assert people.all() == {"a.example": ("adam@a.example", "zoe@a.example"), "b.example": ("bob@b.example",)}
    assert people.all("b.example") == {"b.example": ("bob@b.example",)}
    with pytest.raises(NeedsPersonError, match=r"c\.example is not served here"):
        people.all("c.example")


@pytest.mark.parametrize(
    ("given", "address"),
    [("Alice", "alice@a.example"), ("bob@B.example", "bob@b.example"), ("bücher", "bücher@a.example")],
)
def test_names_become_addresses(people: People, given: str, address: str) -> None:
    assert people.address(given) == address


@pytest.mark.parametrize(
    "given", ["", "a b", "a@b@a.example", "alice@", "@a.example", "-/-", "alice@elsewhere.example"]
)
def test_what_is_no_address_here_is_refused(people: People, prosodyctl: Prosodyctl, given: str) -> None:
    with pytest.raises(NeedsPersonError):
        people.address(given)
    assert prosodyctl.seen == []


@pytest.mark.parametrize("trouble", ["stopped", "paused", "missing"])
def test_a_server_that_does_not_run_is_started_by_apply(fakes: Fakes, people: People, trouble: str) -> None:
    known = fakes.containers.containers
    match trouble:
        case "stopped":
            known["xmpp-wizard-prosody"].is_running = False
        case "paused":
            known["xmpp-wizard-prosody"].is_paused = True
        case _:
            known.clear()
    with pytest.raises(EngineError, match="the server is not running") as caught:
        people.all()
    assert str(caught.value.hint) == "Start it: xmpp-wizard apply"


def test_other_trouble_of_the_engine_keeps_its_words(fakes: Fakes, people: People) -> None:
    fakes.containers.fail_at["run"] = EngineError(say("cannot run a command: no memory"), say("Get some."))
    with pytest.raises(EngineError, match="no memory"):
        people.all()


def test_other_failures_keep_prosodyctls_words(fakes: Fakes, people: People) -> None:
    fakes.containers.on_run = lambda *_: CommandResult(1, "", "Error: Error saving to storage\n")
    with pytest.raises(EffectError, match=r"cannot add alice@a\.example: Error saving to storage"):
        people.add("alice@a.example", GOOD)


def test_a_full_disk_has_a_hint(fakes: Fakes, people: People) -> None:
    words = "Error: Could not create user: Execute failed database or disk is full\n"
    fakes.containers.on_run = lambda *_: CommandResult(1, "", words)
    with pytest.raises(EffectError, match="disk is full") as caught:
        people.add("alice@a.example", GOOD)
    assert "Make room" in str(caught.value.hint)


def test_a_status_of_zero_without_ok_is_no_success(fakes: Fakes, people: People) -> None:
    fakes.containers.on_run = lambda *_: CommandResult(0, "something else\n", "")
    with pytest.raises(EffectError, match="something else"):
        people.add("alice@a.example", GOOD)


def test_an_invitation_is_a_link(fakes: Fakes, people: People) -> None:
    assert people.invitation("alice@a.example") == "https://a.example/invite?t"
    fakes.containers.on_run = lambda *_: CommandResult(0, "OK: xmpp:alice@a.example?register;preauth=x\n", "")
    assert people.invitation("alice@a.example") == ""


@pytest.mark.parametrize(("source", "words"), [("jwt", "first log-in by a token"), ("ldap", "those of your directory")])
def test_where_accounts_are_kept_elsewhere_none_is_made_and_it_is_said_how_they_begin(
    fakes: Fakes, layout: Layout, prosodyctl: Prosodyctl, source: str, words: str
) -> None:
    off = "calls.enabled = false\ninvitations.enabled = false"
    text = f'domain = "a.example"\n[features]\n{off}\n{source}.enabled = true\n'
    wanted = ApplyAnswers(validated(tomllib.loads(text)), text, "/root/answers.toml")
    launch(fakes.world(), layout, wanted, Consent(wants_proof=False))
    fakes.containers.on_run = prosodyctl
    people = People(fakes.world(), layout)
    for make in (
        lambda: people.add("bob@a.example", GOOD),
        lambda: people.set_password("bob@a.example", GOOD),
        lambda: people.invitation("bob@a.example"),
    ):
        with pytest.raises(NeedsPersonError, match="no account or password is made on this server") as caught:
            make()
        assert words in str(caught.value.hint)
    assert not prosodyctl.passwords
    greeting = welcome(fakes.world(), layout)
    assert (greeting.link, words in str(greeting.elsewhere)) == ("", True)
