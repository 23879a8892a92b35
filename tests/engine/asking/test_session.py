"""What is typed into the address field, and what a session makes of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import Fakes

from xmpp_wizard.core.errors import AnswersError, DiskError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking.session import (
    Entry,
    Session,
    change_session,
    file_session,
    first_session,
    found_answer_file,
    parse_entry,
)
from xmpp_wizard.engine.setup import ApplyAnswers, GoBack


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("alice@a.example", Entry("alice", "a.example")),
        ("  xmpp:Alice@A.example.  ", Entry("alice", "a.example")),
        ("https://a.example/chat?x=1", Entry("bob", "a.example")),
        ("xmpp://alice@a.example/phone", Entry("alice", "a.example")),
        ("a.example", Entry("bob", "a.example")),
        ("alice@bücher.example", Entry("alice", "bücher.example")),
    ],
)
def test_what_people_type_is_understood(typed: str, entry: Entry) -> None:
    assert parse_entry(typed, "bob") == entry


@pytest.mark.parametrize("user", ["", "root", "a b", "\0"])
def test_a_domain_alone_needs_a_name(user: str) -> None:
    assert parse_entry("a.example", user) == Entry("admin", "a.example")


def test_a_mail_providers_domain_has_a_sentence_of_its_own() -> None:
    with pytest.raises(AnswersError, match=r"gmail\.com is a mail provider's\.") as caught:
        parse_entry("me@gmail.com", "bob")
    assert str(caught.value.hint) == "Use a domain that is yours, or tick the box below."


@given(st.text(max_size=300))
def test_rubbish_is_refused_in_words(typed: str) -> None:
    with suppress(AnswersError):
        entry = parse_entry(typed, "bob")
        assert parse_entry(entry.address, "") == entry


def test_ten_thousand_signs_are_refused_shortly() -> None:
    with pytest.raises(AnswersError) as caught:
        parse_entry("x" * 10_000 + "@a.example", "bob")
    assert len(str(caught.value)) < 200


def test_an_address_becomes_answers(fakes: Fakes, layout: Layout) -> None:
    session = first_session(
        fakes.world(), layout, {"XMPP_WIZARD__SECURITY__LEVEL": "strict"}, ["network.client_port=6222"]
    )
    assert session.entry is None
    session = session.with_entry(Entry("alice", "a.example"))
    answers = session.answers()
    assert (answers.domain, answers.admins) == ("a.example", ("alice",))
    assert (answers.security.level, answers.network.client_port) == ("strict", 6222)
    assert session.entry == Entry("alice", "a.example")
    assert session.problem().message == ""
    request = session.request()
    assert isinstance(request, ApplyAnswers)
    assert request.path == "/etc/xmpp-wizard/answers.toml"


def test_another_address_replaces_the_first_admin_only(fakes: Fakes, layout: Layout) -> None:
    session = first_session(fakes.world(), layout, {}, ["admins=alice,carol"])
    session = session.with_entry(Entry("alice", "a.example")).with_entry(Entry("dora", "b.example"))
    assert session.answers().admins == ("dora", "carol")


def test_at_home_only_talks_to_no_other_server(fakes: Fakes, layout: Layout) -> None:
    session = first_session(fakes.world(), layout, {}).with_entry(Entry("alice", "pi.lan"))
    home = session.at_home(is_wanted=True)
    assert 'mode = "off"' in home.draft.new_text()
    assert home.at_home(is_wanted=False).draft.new_text() == session.draft.new_text()


def test_answers_of_a_file_and_of_the_server_here(fakes: Fakes, layout: Layout) -> None:
    fakes.files.put("/root/mine.toml", '# mine\ndomain = "a.example"\n')
    session = file_session(fakes.world(), layout, "/root/mine.toml", {})
    assert session.path == "/root/mine.toml"
    assert session.answers().domain == "a.example"
    fakes.files.put(str(layout.answers), 'domain = "b.example"\n')
    change = change_session(fakes.world(), layout)
    assert (change.is_first, change.answers().domain) == (False, "b.example")
    assert first_session(fakes.world(), layout, {}).entry == Entry("admin", "b.example")
    with pytest.raises(AnswersError, match="there is no file"):
        file_session(fakes.world(), layout, "/root/other.toml", {})
    fakes.files.put("/root/empty.toml", "")
    with pytest.raises(AnswersError, match="domain: is missing"):
        file_session(fakes.world(), layout, "/root/empty.toml", {})


def test_another_wish_goes_before_the_answers(fakes: Fakes, layout: Layout) -> None:
    session = replace(first_session(fakes.world(), layout, {}), other=GoBack(3))
    assert session.request() == GoBack(3)
    assert not session.problem()


def test_an_answer_file_that_lies_there_is_found(fakes: Fakes, layout: Layout) -> None:
    assert found_answer_file(fakes.world(), layout, {}) == ""
    fakes.files.put("/root/broken.toml", 'domain = "a"')
    fakes.files.put("/root/other.toml", 'title = "x"')
    fakes.files.put("/root/mine.toml", 'domain = "a.example"')
    assert found_answer_file(fakes.world(), layout, {}) == "/root/mine.toml"
    fakes.files.put("/srv/chat.toml", 'domain = "b.example"')
    assert found_answer_file(fakes.world(), layout, {"PWD": "/srv"}) == "/srv/chat.toml"
    fakes.files.fail_at["read /srv/chat.toml"] = DiskError(say("it is broken"))
    assert found_answer_file(fakes.world(), layout, {"PWD": "/srv"}) == "/root/mine.toml"


def test_a_folder_that_cannot_be_read_holds_nothing(
    fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names(folder: str) -> list[str]:
        raise DiskError(say("cannot read {folder}", folder=folder))

    monkeypatch.setattr(fakes.files, "names", names)
    assert found_answer_file(fakes.world(), layout, {"PWD": "/srv"}) == ""


@pytest.mark.parametrize("typed", ["alice @ a.example", "alice@\u200ba.example\r\n", "\ufeffalice@a.example\x00"])
def test_what_pasting_brings_along_unseen_is_taken_off(typed: str) -> None:
    assert parse_entry(typed, "bob") == Entry("alice", "a.example")


def test_a_name_for_home_is_at_home_however_it_is_asked(fakes: Fakes, layout: Layout) -> None:
    session = first_session(fakes.world(), layout, {}, ["features.federation.mode=list"])
    assert session.at(Entry("alice", "a.example")).draft.said(("features", "federation", "mode")) == "list"
    assert session.at(Entry("alice", "pi.lan")).is_at_home


def _source(session: Session) -> str:
    return session.answers().certificates.source


def test_a_domain_of_ones_own_gets_public_certificates(fakes: Fakes, layout: Layout) -> None:
    first = first_session(fakes.world(), layout, {})
    mine = first.with_entry(Entry("alice", "chat.meier-familie.net"))
    assert _source(mine) == "acme"
    assert 'source = "acme"' in mine.draft.new_text()
    assert _source(mine.at_home(is_wanted=True)) == "local"
    assert _source(mine.at_home(is_wanted=True).at_home(is_wanted=False)) == "acme"
    assert _source(mine.with_entry(Entry("alice", "home.lan"))) == "local"


@pytest.mark.parametrize("domain", ["a.example", "x.example.org", "home.lan", "b.internal"])
def test_names_that_no_authority_may_certify_get_local_ones(fakes: Fakes, layout: Layout, domain: str) -> None:
    assert _source(first_session(fakes.world(), layout, {}).with_entry(Entry("alice", domain))) == "local"


def test_certificates_that_were_wished_for_stay(fakes: Fakes, layout: Layout) -> None:
    entry = Entry("alice", "meier-familie.net")
    wished = first_session(fakes.world(), layout, {}, ["certificates.source=local"])
    assert _source(wished.with_entry(entry)) == "local"
    own = ["certificates.source=acme", "certificates.acme.directory_url=https://ca.internal/dir"]
    session = first_session(fakes.world(), layout, {}, own)
    assert _source(session.with_entry(Entry("alice", "home.internal")).at_home(is_wanted=True)) == "acme"


def test_only_a_new_server_with_a_public_name_gets_public_certificates(fakes: Fakes, layout: Layout) -> None:
    world, entry = fakes.world(), Entry("alice", "kolibri.net")

    def source(**given: str) -> str:
        return first_session(world, layout, given).at(entry).answers().certificates.source

    new = first_session(world, layout, {})
    assert new.at(entry).answers().certificates.source == "acme"
    assert new.at(entry).at(Entry("alice", "chat.lan")).answers().certificates.source == "local"
    assert new.at(Entry("alice", "chat.lan")).at(entry).answers().certificates.source == "acme"
    assert new.at(entry, is_at_home=True).answers().certificates.source == "local"
    assert source(XMPP_WIZARD__CERTIFICATES__SOURCE="local") == "local"
    fakes.files.put(str(layout.answers), 'version = 1\ndomain = "kolibri.net"\n')
    assert source() == "local", "answers that were there keep what they have"
    assert change_session(world, layout).answers().certificates.source == "local"
