"""Whatever is pasted into a field: it stays there, is answered in words, breaks nothing and takes no time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, picture, press, settle
from textual.events import Paste
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.engine.asking.session import first_session
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.forms.controls import Entry
from xmpp_wizard.tui.forms.fields import Group, every_group
from xmpp_wizard.tui.forms.question import Question
from xmpp_wizard.tui.screens.address import AddressPage
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.screens.save import SavePage
from xmpp_wizard.tui.screens.search import SearchPage
from xmpp_wizard.tui.screens.source import SourcePage

FILE = 'domain = "a.example"\n'
PASTED = {
    "long": "x" * 10_000,
    "long words": "/root/ü 🎉 " * 1_000,
    "emoji": "🎉👩‍👩‍👧‍👦🇩🇪",
    "right to left": "\u202emoc.elpmaxe\u2066 שלום مرحبا",
    "controls": "a\x1b[2J\x00\x07\x9b31m\x7fb",
    "lines": "alice@a.example\r\nrm -rf /\r\n",
    "markup": "[red]x[/] {name} %s $(id) `id` ';--",
}
SECONDS = 5.0

FIELDS: dict[str, tuple[Callable[[Desk], Screen[Any]], str]] = {
    "address": (lambda desk: AddressPage(desk, first_session(desk.world, desk.layout, {})), "#address"),
    "source": (SourcePage, "#path"),
    "save": (lambda desk: SavePage(desk, "", "text"), "#path"),
    "search": (lambda desk: SearchPage(desk, Draft(FILE)), "#words"),
}


async def paste(pilot: Pilot[Any], field: Input, text: str) -> str:
    """Paste ``text`` as a terminal does, press Enter, and return what is seen."""
    field.focus()
    await pilot.pause()
    field.post_message(Paste(text))
    await pilot.pause(0.4)
    await press(pilot, "enter")
    return picture(pilot.app)


def check(seen: str, app: WizardApp) -> None:
    """Nothing reaches the terminal that would steer it, and the frame is whole."""
    assert app.crash is None
    assert not {sign for sign in seen if not sign.isprintable() and sign != "\n"}
    lines = seen.splitlines()
    assert len(lines) == SMALL[1]
    assert lines[0].startswith(" xmpp-wizard")
    assert lines[-2] == "─" * SMALL[0]
    assert lines[-3].strip()


@pytest.mark.parametrize("kind", PASTED)
@pytest.mark.parametrize("name", FIELDS)
async def test_single_fields(desk: Desk, name: str, kind: str) -> None:
    make, selector = FIELDS[name]
    app = WizardApp(desk, lambda: make(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        field = app.screen.query_one(selector, Input)
        began = time.monotonic()
        seen = await paste(pilot, field, PASTED[kind])
        assert time.monotonic() - began < SECONDS
        check(seen, app)


def typed_in(group: Group) -> int:
    """Return into how many fields of the group something is typed."""
    return sum(spec.kind not in ("choice", "ticks") for spec in group.specs)


FORMS = [group for group in every_group() if typed_in(group)]


@pytest.mark.parametrize("group", FORMS, ids=lambda group: ".".join(group.key) or "top")
async def test_every_field_of_every_form(desk: Desk, group: Group) -> None:
    screen = FormScreen(desk, FormOf(group.title, tuple(spec.key for spec in group.specs)), Draft(FILE))
    app = WizardApp(desk, lambda: screen)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        asked = [(one, one.control) for one in screen.query(Question) if isinstance(one.control, Entry)]
        assert len(asked) == typed_in(group)
        for question, entry in asked:
            question.display = True
            before = entry.value
            for kind, text in PASTED.items():
                began = time.monotonic()
                entry.focus()
                entry.post_message(Paste(text))
                await pilot.pause()
                assert time.monotonic() - began < SECONDS
                has_taken_it = entry.value != before
                assert has_taken_it == ("long" not in kind), (question.spec.name, kind)
                check(picture(app), app)
                entry.value = before


def test_there_are_many_fields_to_paste_into() -> None:
    assert sum(map(typed_in, FORMS)) > 20


async def test_what_is_too_long_is_said(desk: Desk, fakes: Fakes) -> None:
    app = WizardApp(desk, lambda: AddressPage(desk, first_session(fakes.world(), desk.layout, {})))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        field = app.screen.query_one("#address", Input)
        field.value = "alice@a.example"
        field.post_message(Paste("x" * 10_000))
        await pilot.pause()
        assert field.value == "alice@a.example"
        assert "! That is too long: at most 2000 signs fit here. Nothing was taken over." in picture(app)
