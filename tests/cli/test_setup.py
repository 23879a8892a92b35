"""The wizard line by line: the same questions, the same plan, the same invitation."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from tests.cli.conftest import ANSWERS, Cli

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import DnsProviderError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.asking.free_name import FreeName, with_free_name
from xmpp_wizard.engine.asking.session import Entry, first_session
from xmpp_wizard.engine.memory import generations

LINK = "https://a.example/invite?k3VtQm8sZx1RfYc2LwPdHb7N"


@pytest.fixture
def plain(cli: Cli) -> Cli:
    """Return a command line with a server that makes invitations."""

    def on_run(_name: str, command: Sequence[str], _user: str, _stdin: bytes) -> CommandResult:
        return CommandResult(0, f"{LINK}\n" if "invite" in command else "OK: \n", "")

    cli.fakes.containers.on_run = on_run
    return cli


def test_an_address_and_enter_are_enough(plain: Cli) -> None:
    plain.type("alice@a.example\n\n")
    plain.run("setup", "--plain")
    assert "You are alice, the admin." in plain.err
    assert "Security" in plain.err
    assert plain.out == f"{LINK}\n"
    assert "/root/emergency-sheet.html" in plain.err
    assert 'admins = ["alice"]' in generations.load_answers(plain.fakes.world(), Layout(), 1)


def test_what_is_left_is_told_before_the_invitation(plain: Cli) -> None:
    plain.type("alice@a.lan\ncertificates.source=local\n\n")
    plain.run("setup", "--plain")
    told = plain.err
    assert told.index("do not lead to this machine yet: a.lan") < told.index("sudo xmpp-wizard dns show")
    assert told.index("sudo xmpp-wizard ca > root.crt") < told.index("Open this on your phone")


def test_whoever_lost_the_line_is_told_the_end_as_long_as_the_admin_has_no_account(plain: Cli) -> None:
    plain.type("alice@a.example\n\n")
    plain.run("setup", "--plain")
    plain.type("\n")
    plain.run("setup", "--plain")
    assert plain.out == f"{LINK}\n"
    assert "Open this on your phone" in plain.err
    plain.fakes.containers.on_run = lambda *_: CommandResult(0, "alice@a.example\nOK: 1\n", "")
    plain.type("\n")
    plain.run("setup", "--plain")
    assert (plain.out, "Open this on your phone" in plain.err) == ("", False)


def test_a_file_without_admins_ends_in_the_way_to_an_account(plain: Cli) -> None:
    plain.fakes.files.put("/root/mine.toml", 'domain = "a.example"\n')
    plain.type("\n")
    plain.run("setup", "--plain", "--answers", "/root/mine.toml")
    assert plain.out == ""
    assert "sudo xmpp-wizard user add NAME" in plain.err


def test_a_server_that_is_set_up_does_not_take_its_own_ports_for_those_of_others(plain: Cli) -> None:
    plain.set_up()
    plain.fakes.sockets.listening = (Listener("", 443, "tcp", "lua5.4", 7),)
    for answers in ((), ("--answers", ANSWERS)):
        plain.type("\n")
        plain.run("setup", "--plain", *answers)
        assert "lua5.4" not in plain.err


def test_the_answers_are_those_of_the_full_screen(plain: Cli) -> None:
    session = first_session(plain.fakes.world(), Layout(), {}).at(Entry("alice", "a.example"))
    plain.type("alice@a.example\n\n")
    plain.run("setup", "--plain")
    assert generations.load_answers(plain.fakes.world(), Layout(), 1) == session.draft.new_text()


def test_what_is_wrong_is_asked_again(plain: Cli) -> None:
    plain.type("me@gmail.com\nrubbish\nalice@a.example\nq\n")
    assert plain.run("setup", "--plain") == 5
    after = plain.err.partition("gmail.com is a mail provider's.")[2].partition("Your chat address")[0]
    assert "you@chat.lan: it works at home only." in after, "there is no box to tick here"
    assert "nothing was done, as you wished" in plain.err
    assert not plain.fakes.containers.containers


def test_nobody_at_the_keyboard_ends_it(plain: Cli) -> None:
    plain.type("")
    assert plain.run("setup", "--plain") == 5
    assert "no address was given" in plain.err


def test_a_row_is_changed_by_its_number(plain: Cli) -> None:
    plain.type("alice@a.example\n99\n5\nhighest\n\nq\n")
    plain.run("setup", "--plain")
    assert "There is no row 99." in plain.err
    assert "Security level" in plain.err
    plain.type("alice@a.example\n5\nstrict\n\n\n")
    plain.run("setup", "--plain")
    assert 'level = "strict"' in generations.load_answers(plain.fakes.world(), Layout(), 1)


def test_an_answer_file_is_a_way_to_begin(plain: Cli) -> None:
    plain.fakes.files.put("/root/mine.toml", 'domain = "a.example"\nadmins = ["carol"]\n')
    plain.type("\n")
    plain.run("setup", "--plain", "--answers", "/root/mine.toml")
    assert "carol@a.example, admin" in plain.err


def test_the_full_screen_needs_a_terminal(plain: Cli) -> None:
    assert plain.run("setup") == 64
    assert "xmpp-wizard setup --plain" in plain.err


def test_the_end_of_what_is_typed_is_no_yes(plain: Cli) -> None:
    plain.type("alice@a.example\n")
    assert plain.run("setup", "--plain") == 5
    assert "the input ended before you agreed" in plain.err
    assert not plain.fakes.containers.containers


def test_a_setting_is_changed_by_its_key(plain: Cli) -> None:
    plain.type("alice@a.example\nsecurity.level=strict\nfeatures.group_chat.history_days\nmany\n7\nno.such\nq\n")
    plain.run("setup", "--plain")
    assert "There is no setting no.such." in plain.err
    plain.type("alice@a.example\nsecurity.level=strict\nfeatures.group_chat.history_days\nmany\n7\n\n")
    plain.run("setup", "--plain")
    kept = generations.load_answers(plain.fakes.world(), Layout(), 1)
    assert 'level = "strict"' in kept
    assert "history_days = 7" in kept


def test_what_a_setting_means_fits_eighty_columns_in_german(plain: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    plain.fakes.appliance.catalogues["de"] = ShippedAppliance().catalogue("de")
    plain.type("alice@a.example\nsecurity.level\n\nq\n")
    plain.run("setup", "--plain")
    meaning = plain.err.partition("security.level: Sicherheitsstufe")[2].partition("Möglich:")[0].splitlines()
    assert "verträglich (compatible)" in meaning[1]
    assert max(map(len, meaning)) <= 80


def test_a_server_that_is_set_up_is_changed_by_keys(plain: Cli) -> None:
    plain.set_up()
    plain.type("\n")
    assert plain.run("setup", "--plain") == 0
    assert "A key such as security.level changes a setting" in plain.err
    plain.type("features.group_chat.history_days=7\n\n")
    assert plain.run("setup", "--plain") in (0, 3), plain.err
    assert "history_days = 7" in generations.load_answers(plain.fakes.world(), Layout(), 2)


def test_nothing_is_drawn(plain: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    plain.type("\x1b[31malice\x00@a.example\x07\n\n")
    plain.run("setup", "--plain")
    assert "You are alice, the admin." in plain.err
    assert not {sign for sign in plain.err + plain.out if ord(sign) < 32} - {"\n"}
    assert os.environ["TERM"] == "xterm"


@pytest.mark.parametrize("name", ["", "dumb", "unknown"])
def test_a_terminal_that_only_writes_lines_gets_lines(plain: Cli, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("TERM", name)
    plain.type("alice@a.example\nq\n")
    assert plain.run("setup") == 5
    assert "You are alice, the admin." in plain.err


def test_a_screen_whose_output_goes_elsewhere_is_refused(plain: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    plain.type("")
    assert plain.run("--instance", "two", "setup") == 64
    assert "sudo xmpp-wizard --instance two setup --plain" in plain.err


def test_only_root_may_and_gets_the_whole_command(plain: Cli) -> None:
    plain.type("")
    assert plain.run("setup", "--ascii", "--set", "language=a b", is_root=False) == 5
    assert "Run: sudo xmpp-wizard setup --ascii --set 'language=a b'" in plain.err


def test_what_is_to_be_entered_elsewhere_is_listed(plain: Cli) -> None:
    plain.type("alice@a.example\n10\n11\nq\n")
    plain.run("setup", "--plain")
    assert "_xmpp-client._tcp" in plain.err
    assert "5269" in plain.err.partition("_xmpp-client._tcp")[2]


def test_where_nobody_can_call_the_ways_are_rows_with_numbers(plain: Cli) -> None:
    plain.fakes.sockets.own_addresses = ("192.168.1.5", "2003:e5::5")
    plain.fakes.line.wan = "100.64.1.2"
    plain.type("alice@a.example\nq\n")
    plain.run("setup", "--plain")
    numbers = [line.split(".")[0].strip() for line in plain.err.splitlines() if "   Enter: " in line]
    assert len(numbers) == 3
    six, _, relay = numbers
    plain.type(f"alice@a.example\n{relay}\n{six}\nq\n")
    plain.run("setup", "--plain")
    assert "sudo xmpp-wizard router relay ADDRESS" in plain.err
    assert "IPv6 only     over 2003:e5::5\n" in plain.err


def test_it_speaks_the_language_of_the_environment(plain: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANGUAGE", "de")
    plain.fakes.appliance.catalogues["de"] = ShippedAppliance().catalogue("de")
    plain.type("rubbish\nalice@a.example\nfeatures.group_chat\n\n\n0\n\n\n\n")
    plain.run("setup", "--plain")
    for words in (
        '"rubbish" ist nur ein Wort; eine Domain hat einen Punkt, etwa example.org',
        "Sie sind alice und verwalten.",
        "features.group_chat.history_days: Verlauf der Räume (Tage)",
        "Möglich:   eine ganze Zahl von 0 bis 3650",
        "features.group_chat.rooms_for_all, Enter behält keine:",
        "Anwenden baut 2 Abbilder",
        "prosody starten",
        "a.example ist eingerichtet (Stand 1)",
        "Öffnen Sie dies am Telefon",
    ):
        assert words in plain.err, plain.err
    plain.type("")
    assert plain.run("setup", "--plain", "--instance", "second") == 5
    assert "xmpp-wizard: nichts geschah: es wurde keine Adresse genannt" in plain.err


def test_a_web_server_that_is_there_is_proposed_line_by_line_too(plain: Cli) -> None:
    plain.fakes.sockets.listening = (Listener("", 443, "tcp", "nginx", 812),)
    plain.fakes.files.put("/etc/nginx/nginx.conf", "http { include /etc/nginx/conf.d/*.conf; }")
    plain.type("alice@kolibri.net\n\n")
    plain.run("setup", "--plain")
    assert "nginx has the web's ports; it passes the chat's pages on" in " ".join(plain.err.split())
    assert "Let's Encrypt through port 80" in " ".join(plain.err.split())
    said = generations.load_answers(plain.fakes.world(), Layout(), 1)
    assert 'web_server = "nginx"' in said
    assert 'source = "acme"' in said


def test_a_web_server_that_is_not_wanted_is_not_proposed_again(plain: Cli) -> None:
    plain.fakes.sockets.listening = (Listener("", 443, "tcp", "nginx", 812),)
    plain.fakes.files.put("/etc/nginx/nginx.conf", "http { include /etc/nginx/conf.d/*.conf; }")
    plain.type("alice@kolibri.net\nnetwork.web_server\nown\nq\n")
    assert plain.run("setup", "--plain") == 5
    proposed, own = plain.err.split("network.web_server")[0], plain.err.split("network.web_server")[-1]
    assert "nginx has the web's ports" in proposed
    assert "nginx has the web's ports" not in own
    assert "443" in own


def test_enter_before_what_is_in_the_way_loses_no_answers(plain: Cli) -> None:
    plain.fakes.sockets.listening = (Listener("", 443, "tcp", "python3", 812),)
    plain.type("alice@a.example\n\nnetwork.https_port=8443\n\n")
    plain.run("setup", "--plain")
    assert "!     First: port 443 (web, uploads and invitations) is taken by python3" in plain.err
    assert "as you wished" not in plain.err
    assert "https_port = 8443" in generations.load_answers(plain.fakes.world(), Layout(), 1)


@pytest.fixture
def names(plain: Cli) -> Cli:
    """Return a command line where free names are to be had."""
    plain.fakes.resolver.zone("dedyn.io", ns1="192.0.2.53")
    return plain


def test_a_free_name_and_its_token_are_enough(names: Cli) -> None:
    names.type("alice@chat.dedyn.io\nright\n\n")
    names.run("setup", "--plain")
    assert "The token is right, and chat.dedyn.io is free: Apply makes it yours" in names.err
    assert names.fakes.resolver.records["chat.dedyn.io", "A"] == ("9.9.9.9",)
    assert "right" not in generations.load_answers(names.fakes.world(), Layout(), 1)
    assert names.fakes.files.nodes["/etc/xmpp-wizard/secrets/dns-token"].content == b"right\n"


def test_a_free_name_gives_the_answers_of_the_full_screen(names: Cli) -> None:
    first = first_session(names.fakes.world(), Layout(), {})
    wanted = with_free_name(first, Layout(), FreeName(Entry("alice", "chat.dedyn.io"), Secret("right")))
    names.type("alice@chat.dedyn.io\nright\n\n")
    names.run("setup", "--plain")
    assert generations.load_answers(names.fakes.world(), Layout(), 1) == wanted.draft.new_text()


def test_a_wrong_token_is_told_at_once_and_asked_again(names: Cli) -> None:
    names.type("alice@chat.dedyn.io\nwrong\n\nright\nq\n")
    assert names.run("setup", "--plain") == 5
    assert "another secret" in names.err.partition("The token is right")[0]


def test_without_a_token_another_name_is_asked_for(names: Cli) -> None:
    names.type("alice@chat.dedyn.io\n\nalice@a.example\nq\n")
    names.run("setup", "--plain")
    assert "alice@a.example, admin" in names.err
    assert not names.fakes.dns_providers.calls


def test_a_provider_that_is_down_keeps_nobody(names: Cli) -> None:
    names.fakes.dns_providers.fail_at = {"has": DnsProviderError(say("deSEC is not reached"), say("later"))}
    names.type("alice@chat.dedyn.io\nright\ng\nq\n")
    names.run("setup", "--plain")
    assert "deSEC is not reached" in names.err
    assert "alice@chat.dedyn.io, admin" in names.err


@pytest.mark.parametrize("how", [["--plain"], []])
def test_values_for_a_new_server_are_not_dropped_where_one_is(plain: Cli, how: list[str]) -> None:
    plain.set_up()
    assert plain.run("setup", *how, "--set", "features.group_chat.history_days=9") == 5
    assert "To change it: sudo xmpp-wizard apply --set features.group_chat.history_days=9" in " ".join(
        plain.err.split()
    )
