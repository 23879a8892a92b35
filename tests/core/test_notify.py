"""Who is told, what, and how often."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from xmpp_wizard.core.notify import Contact, MailServer, NotifyAnswers, contact, letter, told_after
from xmpp_wizard.core.text import say
from xmpp_wizard.core.upkeep import Trouble

HOUR = 3600
DISK = Trouble("disk", say("the disk is full"), say("Make room."))
ENGINE = Trouble("engine", say("the engine is down"), say("Start it."))
ADMINS = ("alice@a.example",)


def test_admins_are_told_by_chat_unless_they_do_not_want_it() -> None:
    assert contact(NotifyAnswers(), ADMINS) == Contact(admins=ADMINS)
    assert contact(NotifyAnswers(xmpp=False), ADMINS) == Contact()


@pytest.mark.parametrize(
    ("answers", "server"),
    [
        ({}, MailServer("localhost", 25, "", "", "a@b.example")),
        ({"smtp_host": "mx.example"}, MailServer("mx.example", 587, "", "", "a@b.example")),
        (
            {"smtp_host": "mx.example", "smtp_port": 465, "smtp_user": "u@mx.example", "smtp_password_file": "/p"},
            MailServer("mx.example", 465, "u@mx.example", "/p", "u@mx.example"),
        ),
        ({"smtp_user": "u", "mail_from": "f@b.example"}, MailServer("localhost", 25, "u", "", "f@b.example")),
    ],
)
def test_a_mail_has_a_server_and_a_sender(answers: dict[str, object], server: MailServer) -> None:
    found = contact(NotifyAnswers.model_validate({"mail_to": ("a@b.example",), **answers}), ADMINS)
    assert (found.mail_to, found.mail_server) == (("a@b.example",), server)


@pytest.mark.parametrize(
    "answers",
    [
        {"mail_to": ["nobody"]},
        {"mail_to": ["Ann <ann@a.example>"]},
        {"mail_to": ["a@b.example\nBcc: all@b.example"]},
        {"webhook_url": "ftp://a.example"},
        {"webhook_url": "https://a.example/\nX"},
        {"smtp_host": "a b"},
        {"smtp_port": 0},
        {"smtp_password_file": "secret"},
    ],
)
def test_nonsense_is_refused(answers: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NotifyAnswers.model_validate(answers)


def test_a_trouble_is_told_once_a_day_and_its_end_once() -> None:
    told: dict[str, float] = {}
    subjects = []
    for hour in range(60):
        trouble = DISK if hour < 50 else None
        given = letter("a.example", trouble, told, hour * HOUR, "sudo xmpp-wizard status")
        if given is not None:
            subjects.append((hour, str(given.subject)))
            told = dict(told_after(given, told, hour * HOUR))
    assert subjects == [
        (0, "a.example: a person is needed"),
        (24, "a.example: a person is needed"),
        (48, "a.example: a person is needed"),
        (50, "a.example: all is well again"),
    ]


def test_another_trouble_is_told_at_once_and_the_first_not_again() -> None:
    first = letter("a", DISK, {}, 0, "x")
    assert first is not None
    told = told_after(first, {}, 0)
    other = letter("a", ENGINE, told, HOUR, "x")
    assert other is not None
    told = told_after(other, told, HOUR)
    assert letter("a", DISK, told, 2 * HOUR, "x") is None
    assert letter("a", ENGINE, told, 2 * HOUR, "x") is None


def test_the_text_says_what_and_how() -> None:
    given = letter("a.example", DISK, {}, 0, "sudo xmpp-wizard status")
    assert given is not None
    assert str(given.text) == (
        "The server a.example needs you: the disk is full. Make room.\nSee more with: sudo xmpp-wizard status"
    )
