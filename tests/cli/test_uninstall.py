"""uninstall: shown first, asked always, and people's data only with their domain typed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cli.conftest import Cli

MAIL = "/var/lib/xmpp-wizard/data/prosody/prosody.sqlite"


@pytest.fixture
def server(cli: Cli) -> Cli:
    """Return a command line with a server that has data."""
    cli.set_up()
    cli.fakes.files.put(MAIL, "messages")
    return cli


def _runs(cli: Cli) -> bool:
    return "xmpp-wizard-prosody" in cli.fakes.containers.containers


def test_it_shows_and_does_nothing_without_a_yes(server: Cli) -> None:
    assert server.run("uninstall") == 5
    assert "This goes:\n  xmpp-wizard-prosody\n" in server.err
    assert "This stays:\n  /var/lib/xmpp-wizard/data\n" in server.err
    assert _runs(server)


@pytest.mark.parametrize(("typed", "is_gone"), [("y\n", True), ("\n", False)])
def test_on_a_terminal_it_asks(server: Cli, typed: str, *, is_gone: bool) -> None:
    server.type(typed)
    assert server.run("uninstall") == (0 if is_gone else 5)
    assert _runs(server) is not is_gone
    assert MAIL in server.fakes.files.nodes


@pytest.mark.parametrize(("typed", "is_gone"), [("a.example\n", True), ("y\n", False), ("\n", False)])
def test_data_go_only_with_the_domain_typed(server: Cli, typed: str, *, is_gone: bool) -> None:
    server.type(typed)
    assert server.run("uninstall", "--delete-data") == (0 if is_gone else 5)
    assert (MAIL not in server.fakes.files.nodes) is is_gone
    assert _runs(server) is not is_gone


def test_headless(server: Cli) -> None:
    assert server.run("uninstall", "--delete-data") == 5
    assert MAIL in server.fakes.files.nodes
    found = server.json("uninstall", "--yes")
    assert "xmpp-wizard-prosody" in found["removed"]
    assert "/var/lib/xmpp-wizard/data" in found["kept"]
    assert server.run("uninstall", "--yes") == 0
    assert "only what is kept is left" in server.err
    assert server.run("uninstall", "--yes", "--delete-data") == 0
    assert MAIL not in server.fakes.files.nodes
    assert server.run("uninstall", "--yes") == 5


def test_json_with_nothing_to_do(server: Cli) -> None:
    server.run("uninstall", "--yes")
    found = server.json("uninstall", "--yes")
    assert found["removed"] == []
    assert "/var/lib/xmpp-wizard/data" in found["kept"]


def test_an_image_that_is_used_elsewhere_is_not_told_as_removed(server: Cli) -> None:
    ours = server.fakes.containers.containers["xmpp-wizard-prosody"].container
    server.fakes.containers.create(replace(ours, project="other"), "other")
    found = server.json("uninstall", "--yes")
    assert ours.tag not in found["removed"]
    assert ours.tag in found["kept"]
    assert f"left the image {ours.tag}, which is used" in server.err
