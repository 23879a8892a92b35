"""The account with the public authority, on the command line."""

from __future__ import annotations

from tests.cli.conftest import Cli

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.surroundings import Lookup

NAMES = ("a.example", "groups.a.example", "share.a.example", "turn.a.example")
KEY = "/var/lib/xmpp-wizard/acme/acme-v02.api.letsencrypt.org-directory/account.key"
PUBLIC = 'domain = "a.example"\ncertificates.source = "acme"\n'
ACCOUNT = "https://acme-v02.api.letsencrypt.org/directory/account"


def set_up(cli: Cli) -> None:
    cli.fakes.surroundings.names = {name: Lookup(("192.0.2.10",), is_known=True) for name in NAMES}
    cli.set_up(PUBLIC)


def test_an_account_is_shown_and_gets_another_key(cli: Cli) -> None:
    set_up(cli)
    assert cli.run("cert", "account") == 0
    assert f"Let's Encrypt: {ACCOUNT}/1" in cli.out
    assert KEY in cli.out
    before = cli.fakes.files.read(KEY)
    assert cli.run("cert", "account", "rollover") == 0
    assert f"{ACCOUNT}/1" in cli.out
    assert f"The key in {KEY} is a new one" in " ".join(cli.err.split())
    assert cli.fakes.files.read(KEY) != before
    found = cli.json("cert", "account")
    assert (found["authority"], found["account"]["url"]) == ("Let's Encrypt", f"{ACCOUNT}/1")
    assert found["account"]["former_url"] == ""
    assert "PRIVATE" not in cli.out


def test_a_lost_key_is_told_with_what_it_means(cli: Cli) -> None:
    set_up(cli)
    cli.fakes.files.remove(KEY)
    assert cli.run("cert", "renew", "--force", "--yes", "--no-proof") == 0
    for words in (("cert", "account"), ("cert", "status")):
        assert cli.run(*words) == 0
        said = " ".join(cli.out.split())
        assert "there is a new account with Let's Encrypt, as the key of the one before was lost" in said
        assert f"CAA records that name {ACCOUNT}/1 must name {ACCOUNT}/2 instead" in said


def test_without_a_public_authority_there_is_no_account(cli: Cli) -> None:
    cli.set_up()
    assert cli.run("cert", "account", "rollover") == 5
    assert "--set certificates.source=acme" in cli.err
    assert cli.run("cert", "account", "revoke") == 64


def test_what_the_authority_did_not_give_is_not_called_done(cli: Cli) -> None:
    set_up(cli)
    directory = ACCOUNT.removesuffix("/account")
    cli.fakes.acme.down[directory] = Problem("offline", "refused")
    assert cli.run("cert", "renew", "--force", "--yes", "--no-proof") == 3
    (asked,) = [line for line in cli.err.splitlines() if "Ask Let's Encrypt" in line and not line.startswith("  ")]
    assert asked.startswith("later"), cli.err
    assert "the authority is not reached from this machine" in " ".join(cli.err.split())
    del cli.fakes.acme.down[directory]
    assert cli.run("cert", "renew", "--force", "--yes", "--no-proof") == 0
    assert "later" not in cli.err


def test_what_would_be_revoked_is_named_before_it_is(cli: Cli) -> None:
    set_up(cli)
    cli.type("n\n")
    assert cli.run("cert", "revoke") == 5
    assert "Declare the public certificates of a.example, turn.a.example invalid for good?" in " ".join(cli.err.split())
    assert cli.fakes.acme.revoked == []


def test_nobody_is_asked_where_there_is_nothing_to_revoke(cli: Cli) -> None:
    cli.set_up()
    cli.type("y\n")
    assert cli.run("cert", "revoke") == 5
    assert "this server has no public certificates" in cli.err
    assert "invalid for good" not in cli.out + cli.err


def test_scripts_are_told_what_was_revoked(cli: Cli) -> None:
    set_up(cli)
    found = cli.json("cert", "revoke", "--yes", "--no-proof")
    assert found[:2] == [{"kind": "revoked", "name": name} for name in ("a.example", "turn.a.example")]
    assert found[2]["kind"] == "plan"
    assert len(cli.fakes.acme.revoked) == 2
