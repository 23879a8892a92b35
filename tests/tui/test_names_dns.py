"""The records on the page of names and certificates: they turn to ok while one looks, are copied, and entered."""

from __future__ import annotations

import threading

import pytest
from tests.engine.acme.public import CLOSED, NAMES
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, picture, press, settle
from tests.tui.server import set_up

from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.core.text import say
from xmpp_wizard.engine import names_look
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.rows import records
from xmpp_wizard.tui.screens import names as module
from xmpp_wizard.tui.screens.names import NamesPage
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.screens.push import PushPage
from xmpp_wizard.tui.table import Table


def say_in_file(fakes: Fakes, line: str) -> None:
    fakes.files.put(str(Layout().answers), f'domain = "a.example"\n{line}\n')


def wizard(desk: Desk) -> tuple[WizardApp, NamesPage]:
    page = NamesPage(desk)
    return WizardApp(desk, lambda: page), page


async def test_a_record_turns_to_ok_while_one_looks(desk: Desk, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(fakes)
    fakes.surroundings.names.clear()
    fakes.resolver.zone("a.example", ns1="198.51.100.53")
    monkeypatch.setattr(module, "DNS_SECONDS", 0.2)
    app, page = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        first = picture(app)
        assert "!     a.example                          A     none; wanted: 192.0.2.10" in first
        assert "right, asked 0 s ago" in first
        lacking = first.count("\n !  ")
        assert f"{lacking} things need you" in first.splitlines()[0], "the head agrees with the rows"
        place = next(at for at, line in enumerate(first.splitlines()) if "!     a.example  " in line)
        fakes.resolver.put("a.example", "A", "192.0.2.10")
        await pilot.pause(0.5)
        await settle(pilot)
        assert picture(app).splitlines()[place].startswith(" ok    a.example                          A     192.0.2.10")
        assert page.names is not None


async def test_a_slow_name_server_holds_nothing_up(desk: Desk, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(fakes)
    released = threading.Event()
    look = names_look.look_at_names
    monkeypatch.setattr(module, "look_at_names", lambda *given: released.wait(20) and look(*given))
    app, _ = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause(0.3)
        assert "DNS records   asking ..." in picture(app)
        assert "days left, by this machine" in picture(app), "certificates are there"
        await pilot.press("tab", "tab", "escape")
        await pilot.pause()
        assert not released.is_set()
    released.set()


async def test_what_cannot_be_asked_is_said_and_the_rest_stays(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    fakes.resolver.fail_at["ask"] = EngineError(say("the resolver is broken"))
    app, page = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "DNS records   ! the resolver is broken" in picture(app)
        fakes.resolver.fail_at.clear()
        page.ask_dns()
        await settle(pilot)
        assert "right, asked" in picture(app)


async def test_a_record_is_shown_whole_with_advice(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    fakes.resolver.zone("a.example", ns1="198.51.100.53")
    fakes.resolver.put("a.example", "A", "203.0.113.9")
    app, page = wizard(desk)
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        page.query_one("#records", Table).focus()
        text = await press(pilot, "home")
        assert "203.0.113.9; wanted: 192.0.2.10" in text
        assert "To be entered at your DNS" in text, "a wide screen shows it beside the table"
        text = await press(pilot, "enter")
        assert "xmpp-wizard • a.example A" in text
        assert "Found: 203.0.113.9" in text
        assert "  a.example  A     192.0.2.10" in text


def test_a_record_of_a_name_for_home_is_entered_at_home() -> None:
    finding = Finding("!", "missing", "home.lan", "A", say("home.lan has no A record yet"))
    text = "\n".join(records.details(finding, [Record("home.lan", "A", "192.168.1.5", is_required=True)], str))
    assert "in the router" in text
    assert "provider" not in text


async def test_all_records_can_be_copied(desk: Desk, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(fakes)
    printed: list[str] = []
    monkeypatch.setattr(module, "print_plain", lambda _page, lines: printed.extend(lines))
    app, page = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "c")
        assert page.names is not None
        assert len(printed) == len(page.names.records)
    assert any(line.split() == ["a.example", "A", "192.0.2.10"] for line in printed)
    assert any("SRV" in line and line.endswith("5222 a.example.") for line in printed)


async def test_the_limits_are_told_and_lacking_names_asked_for_at_once(desk: Desk, fakes: Fakes) -> None:
    fakes.surroundings.names = {name: Lookup(("192.0.2.10",), is_known=True) for name in NAMES}
    fakes.acme.failing["groups.a.example"] = CLOSED
    set_up(fakes, certificates={"source": "acme"})
    say_in_file(fakes, 'certificates.source = "acme"')
    app, page = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = picture(app)
        assert "days left, by Let's Encrypt" in text
        assert "Limits                        orders 1, failed checks 0, certificates 1" in text
        await press(pilot, "n")
        assert "Nothing new came: the rows say why, and when it is tried again." in picture(app)
        fakes.acme.failing.clear()
        await press(pilot, "n")
        assert isinstance(app.screen, PlanPage)
        assert app.screen.prepared is not None
        assert "certificates" in [step.id for step in app.screen.prepared.plan.steps]
        assert page.view.status is not None


async def test_records_are_entered_after_they_were_shown(desk: Desk, fakes: Fakes) -> None:
    fakes.files.put("/root/token", "right")
    set_up(fakes)
    fakes.surroundings.names.clear()
    say_in_file(fakes, 'dns = {provider = "desec", zone = "a.example", token_file = "/root/token"}')
    fakes.resolver.zone("a.example", ns1="198.51.100.53")
    app, page = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "p enter in DNS" in picture(app)
        text = await press(pilot, "p")
        assert isinstance(app.screen, PushPage)
        assert "Zone a.example" in text
        assert "+ a.example" in text
        assert "» [ Leave DNS as it is ]" in text
        await press(pilot, "enter")
        assert fakes.dns_providers.changes == []
        await press(pilot, "p", "down", "enter")
        assert id(app.screen) == id(page)
        assert fakes.resolver.records["a.example", "A"] == ("192.0.2.10",)
        assert " ok    a.example " in picture(app)


async def test_without_an_account_it_says_where_to_name_one(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    app, _ = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        text = await press(pilot, "p")
        assert "p enter in DNS" not in text
        assert "Say first who keeps your DNS records" in text


def test_a_row_is_told_from_others_by_name_and_kind() -> None:
    one = Finding("ok", "right", "a.example", "A", say("fine"))
    assert records.key(one) != records.key(Finding("ok", "right", "a.example", "AAAA", say("fine")))


async def test_what_is_not_known_of_others_is_said_once(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    fakes.files.put(str(Layout().answers), 'domain = "family-chat.net"\n')
    fakes.resolver.zone("family-chat.net", ns1="192.168.1.53")
    app, _ = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        shown = picture(app)
    assert shown.count("\n The name servers are in your own network: nobody outside was asked.\n") == 1
