"""The link for guests: to a room of this server, or to the page where they choose one."""

from __future__ import annotations

import pytest
from tests.cli.conftest import ANSWERS, Cli
from tests.cli.hostile import HOSTILE

PAGE = "https://guests.a.example/chat"
MORE = "[features.public_channels]\nenabled = true\n"
ON = f"""domain = "a.example"
[features.web_chat]
enabled = true
[features.guests]
enabled = true
{MORE}"""


@pytest.fixture(autouse=True)
def image(cli: Cli) -> None:
    """Have the image that the page needs."""
    images = cli.fakes.appliance.images
    images["prosody+web_chat"] = images["prosody"]


@pytest.mark.parametrize(
    ("room", "query"),
    [
        ((), ""),
        (("lobby@channels.a.example",), "?room=lobby@channels.a.example"),
        (("Lobby",), "?room=lobby@channels.a.example"),
        (("Büro&Co@groups.a.example",), None),
        (("büro@GROUPS.a.example",), "?room=b%C3%BCro@groups.a.example"),
    ],
)
def test_the_link_leads_to_the_room(cli: Cli, room: tuple[str, ...], query: str | None) -> None:
    cli.set_up(ON)
    assert cli.run("user", "guests", *room) == (5 if query is None else 0)
    assert cli.out == ("" if query is None else f"{PAGE}{query}\n")


@pytest.mark.parametrize(
    "room", ["a b", "@channels.a.example", "lobby@elsewhere.example", "lobby@a.example", "lobby@channels.a.example/ann"]
)
def test_what_is_no_room_here_gets_no_link_but_an_example(cli: Cli, room: str) -> None:
    cli.set_up(ON)
    assert cli.run("user", "guests", room) == 5
    assert cli.out == ""
    assert "lobby@channels.a.example" in cli.err


@pytest.mark.parametrize(
    ("room", "query"),
    [
        ("lobby", "?room=lobby@channels.a.example"),
        ("talk@groups.a.example", "?room=talk@groups.a.example"),
        ("talk", "?room=talk@groups.a.example"),
        ("other@channels.a.example", None),
    ],
)
def test_a_room_that_the_answers_close_to_guests_gets_no_link(cli: Cli, room: str, query: str | None) -> None:
    rooms = 'rooms = ["lobby@channels.a.example", "groups.a.example"]'
    cli.set_up(ON.replace("[features.guests]\n", f"[features.guests]\n{rooms}\n"))
    assert cli.run("user", "guests", room) == (5 if query is None else 0)
    assert cli.out == ("" if query is None else f"{PAGE}{query}\n")
    if query is None:
        assert "Open to them: lobby@channels.a.example, groups.a.example" in " ".join(cli.err.split())


def test_nothing_that_is_typed_gets_into_a_link_or_steers_the_terminal(cli: Cli) -> None:
    cli.set_up(ON)
    for value in HOSTILE.values():
        for room in (value, f"{value}@channels.a.example"):
            status = cli.run("user", "guests", room)
            assert status in (0, 5, 64), ascii(room)
            assert cli.out.isascii()
            assert cli.out.isprintable() or cli.out == f"{cli.out.strip()}\n"
            assert "\x1b[2J" not in cli.err


def test_where_there_are_no_rooms_it_is_said_beforehand_what_makes_some(cli: Cli) -> None:
    cli.fakes.files.put(ANSWERS, f"{ON.removesuffix(MORE)}[features.group_chat]\nenabled = false\n")
    assert cli.run("answers", "check", ANSWERS) == 4
    assert "features.public_channels.enabled = true" in cli.err


@pytest.mark.parametrize("room", ["", "lobby"])
def test_it_says_that_the_room_has_to_be_there(cli: Cli, room: str) -> None:
    cli.set_up(ON)
    assert cli.run("user", "guests", *room.split()) == 0
    assert "there, and open to everybody." in cli.err or "there and open to everybody;" in cli.err


@pytest.mark.parametrize("feature", ["web_chat", "guests"])
def test_without_one_of_the_two_there_is_no_page(cli: Cli, feature: str) -> None:
    cli.set_up(f"domain = 'a.example'\n[features.{feature}]\nenabled = true\n{MORE}")
    assert cli.run("user", "guests") == 5
    assert "features.web_chat" in cli.err


def test_who_sets_it_up_is_told_where_people_and_guests_chat(cli: Cli) -> None:
    cli.set_up(ON)
    told = "Then log in with any XMPP app, or chat in the browser: https://a.example/chat Guests chat here"
    assert told in " ".join(cli.out.split())
    assert f"Guests chat here, without an account: {PAGE}" in " ".join(cli.out.split())
    assert cli.json("user", "guests") == {"link": PAGE}
