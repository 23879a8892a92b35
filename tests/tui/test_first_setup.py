"""From the address to the invitation: type the address, Enter, Enter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, TINY, picture, press, settle
from tests.tui.first_setup import LINK, answer, type_address, wizard
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking.session import first_session
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.entry import first_screen
from xmpp_wizard.tui.screens.address import AddressPage
from xmpp_wizard.tui.screens.apply import ApplyPage
from xmpp_wizard.tui.screens.done import DonePage
from xmpp_wizard.tui.screens.form import FormScreen
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.widgets import Field, Tick


async def test_the_shortest_way_is_address_enter_enter(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    fakes.surroundings.names = {"a.example": Lookup(("192.0.2.10",), is_known=True)}
    app = wizard(replace(desk, environment={**desk.environment, "TERM": "xterm"}))
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        assert "ok    You are alice, the admin. All others will be name@a.example" in picture(app)
        assert "ok    a.example leads to this machine" in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)
        assert "Security      Recommended. Shuts out apps without SCRAM-SHA-256" in picture(app)
        assert "» [ Apply ]" in picture(app)
        assert not fakes.containers.containers
        await press(pilot, "enter")
        assert fakes.containers.containers
        # a proof of fakes cannot be green: what came out is shown, and one key leads on
        assert isinstance(app.screen, ApplyPage)
        await press(pilot, "enter")
        assert isinstance(app.screen, DonePage)
        text = picture(app)
        assert LINK in text
        assert "1. Scan this with the phone's camera." in text
        assert text.count("█") > 100
        await pilot.press("q")
        await pilot.pause()
    assert app.return_value == 0
    assert b"Emergency" in fakes.files.nodes["/root/emergency-sheet.html"].content


async def test_enter_without_an_address_says_what_is_lacking(desk: Desk) -> None:
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "!     Type your address here first, for instance you@example.org" in await press(pilot, "enter")
        await type_address(pilot)
        assert "Type your address" not in picture(app)


async def test_the_first_log_in_is_reported(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    fakes.surroundings.names = {"a.example": Lookup(("192.0.2.10",), is_known=True)}
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        await press(pilot, "enter", "enter", "enter")
        page = app.screen
        assert isinstance(page, DonePage)
        assert "wait  for your phone to log in" in picture(app)
        answer(fakes, devices="alice@a.example/phone\t203.0.113.9")
        page.look()
        await settle(pilot)
        assert "alice logged in" in picture(app)
        assert "Invite the next person" in picture(app)


async def test_no_code_is_shown_that_would_not_work(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        for _ in range(3):
            await press(pilot, "enter")
        assert isinstance(app.screen, DonePage)
        assert LINK not in picture(app)
        assert "a.example leads nowhere yet." in picture(app)
        assert "n new code" not in picture(app)
        made = app.screen.welcome
        await press(pilot, "n")
        assert app.screen.welcome is made, "nobody would see it"


@pytest.mark.parametrize("typed", ["", "gmail.com", "\u202egro.elpmaxe", "🦀" * 50, "x" * 10_000, "a@b@c", "127.0.0.1"])
async def test_rubbish_is_refused_where_it_stands(desk: Desk, typed: str) -> None:
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot, typed)
        await press(pilot, "enter")
        assert isinstance(app.screen, AddressPage)
        assert app.screen.query_one("#address", Field).has_focus
        lines = picture(app).splitlines()
        assert lines[8].startswith(("  !     ", "  todo  For instance"))
        assert all(len(line) <= 80 for line in lines)


async def test_a_tick_leads_to_a_server_at_home(desk: Desk, fakes: Fakes) -> None:
    fakes.user = "alice"
    desk.world = fakes.world()
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("tab", "space")
        await pilot.pause(0.4)
        await settle(pilot)
        assert app.screen.query_one("#address", Field).value == "alice@testhost.lan"
        assert "At home only: works in this network, not from outside" in picture(app)
        assert "Your router must lead testhost.lan here; each phone trusts this" in picture(app)
        await pilot.press("space")
        await pilot.pause(0.4)
        assert app.screen.query_one("#address", Field).value == "", "what nobody typed goes with the tick"
        await pilot.press("space")
        await pilot.pause(0.4)
        await settle(pilot)
        await press(pilot, "enter")
        page = app.screen
        assert isinstance(page, PlanPage)
        assert page.session.answers().domain == "testhost.lan"
        assert "5269" not in picture(app)


async def test_a_row_opens_its_form_and_comes_back(desk: Desk) -> None:
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        await press(pilot, "enter")
        page = app.screen
        assert isinstance(page, PlanPage)
        page.query_one("#plan-security").focus()
        await pilot.pause()
        assert "Fits nearly all apps" in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, FormScreen)
        app.screen.dismiss(page.session.draft.with_change(("security", "level"), "strict"))
        await settle(pilot)
        assert "Strict. Shuts out" in picture(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, AddressPage)
        assert app.screen.query_one("#address", Field).value == "alice@a.example"


async def test_a_taken_port_is_a_row_and_stops_apply(desk: Desk, fakes: Fakes) -> None:
    fakes.sockets.listening = (Listener("", 443, "tcp", "lighttpd", 812),)
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        await press(pilot, "enter")
        assert "! Port 443" in picture(app)
        assert "is taken by lighttpd" in picture(app)
        assert "» ( Apply: first Port 443 )" in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)
        assert not fakes.containers.containers


async def test_what_the_engine_says_no_to_is_told(desk: Desk, fakes: Fakes) -> None:
    fakes.containers.fail_at["observe"] = EngineError(
        say("Docker does not answer"), say("Start it: systemctl start docker")
    )
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        await press(pilot, "enter")
        assert "! Docker does not answer. Start it: systemctl start docker" in picture(app)
        assert "Enter looks again" in picture(app)
        fakes.containers.fail_at.clear()
        await press(pilot, "enter")
        assert "Docker does not answer" not in picture(app)
        assert "Nothing is changed yet" in picture(app)


async def test_a_failure_says_what_to_do(desk: Desk, fakes: Fakes) -> None:
    fakes.containers.fail_at["start"] = EngineError(say("port 5222 is taken by ejabberd"), say("Stop it, then retry."))
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        text = await press(pilot, "enter", "enter")
        assert "FAIL" in text
        assert "port 5222 is taken by ejabberd" in text
        assert "Stop it, then retry." in text
        assert "» [ Retry ]" in text
        fakes.containers.fail_at.clear()
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)
        await press(pilot, "escape")
        assert "» [ Retry ]" in picture(app), "the failure is still there to be read"
        await press(pilot, "enter", "enter")
        # fakes are no server to be proven: Go on
        await press(pilot, "enter")
        assert isinstance(app.screen, DonePage)
        assert "not all of it is" in picture(app)
        assert "Your server works" not in picture(app)
        await press(pilot, "q")
    assert len(app.screen_stack) <= 1, "no page of before comes up again"


async def test_an_answer_file_is_a_way_to_begin(desk: Desk, fakes: Fakes) -> None:
    fakes.files.put("/root/mine.toml", 'domain = "b.example"\nadmins = ["carol"]\n')
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("shift+tab", "right", "enter")
        await settle(pilot)
        for path, fine in (("/root/none.toml", False), ("/root/mine.toml", True)):
            app.screen.query_one("#path", Field).value = path
            await press(pilot, "enter")
            assert isinstance(app.screen, PlanPage) is fine
        assert "carol@b.example, admin" in picture(app)


async def test_values_of_the_command_line_go_before_those_of_a_chosen_file(desk: Desk, fakes: Fakes) -> None:
    fakes.files.put("/root/mine.toml", 'domain = "b.example"\nsecurity.level = "strict"\n')
    app = WizardApp(desk, first_screen(desk, ["security.level=compatible", "admins=carol"]))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("shift+tab", "right", "enter")
        await settle(pilot)
        app.screen.query_one("#path", Field).value = "/root/mine.toml"
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)
        assert app.screen.session.draft.value(("security", "level")) == "compatible"
        assert "carol@b.example, admin" in picture(app)


async def test_the_language_switches_and_keeps_what_was_typed(desk: Desk, fakes: Fakes) -> None:
    fakes.appliance.catalogues["de"] = 'msgid "This machine"\nmsgstr "Dieser Rechner"\n'
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        await press(pilot, "f2")
        assert " Dieser Rechner" in picture(app)
        assert app.screen.query_one("#address", Field).value == "alice@a.example"
        await press(pilot, "f2")
        assert " This machine" in picture(app)


@pytest.mark.parametrize("size", [TINY, SMALL, LARGE, (200, 60)])
async def test_every_size_has_message_and_keys(desk: Desk, size: tuple[int, int]) -> None:
    app = WizardApp(desk, lambda: AddressPage(desk, first_session(desk.world, desk.layout, {})))
    async with app.run_test(size=size) as pilot:
        await type_address(pilot)
        for _ in range(2):
            lines = picture(app).splitlines()
            assert len(lines) == size[1]
            assert lines[-1].startswith(" Enter")
            assert lines[-3].strip()
            await press(pilot, "enter")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert len(picture(app).splitlines()) == 24


async def test_enter_right_behind_the_last_letter_goes_on(desk: Desk) -> None:
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        field = app.screen.query_one("#address", Field)
        # what a terminal sends in one piece is worked on in one piece
        for key in "alice@a.example":
            app.post_message(Key(key, key))
        app.post_message(Key("enter", None))
        await settle(pilot)
        assert field.value == "alice@a.example"
        assert isinstance(app.screen, PlanPage)


async def test_the_last_page_leads_to_apps_records_router_and_proof(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    fakes.sockets.own_addresses = ("192.168.1.20",)
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        for _ in range(3):
            await press(pilot, "enter")
        text = picture(app)
        assert "»! DNS     a.example and 3 more" in text
        assert "! Router  forward 443 3478 5000 5222 +5" in text
        for key, words in (
            ("a", "Conversations   Google Play"),
            ("a", "Windows        Gajim"),
            ("d", "Missing:"),
            ("r", "5222 tcp  -> 192.168.1.20"),
            ("p", "FAIL  Throw-away accounts"),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert words in picture(app), key
            await pilot.press("escape")
            await pilot.pause()
        fakes.surroundings.names = {
            name: Lookup(("192.168.1.20",), is_known=True)
            for name in ("a.example", "groups.a.example", "share.a.example")
        }
        page = app.screen
        assert isinstance(page, DonePage)
        page.look_outside()
        await settle(pilot)
        assert "DNS     a.example" not in picture(app), "what is done is gone"
        assert LINK in picture(app), "and the link is there by itself"


async def test_a_code_that_has_ended_says_so(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    fakes.surroundings.names = {"a.example": Lookup(("192.0.2.10",), is_known=True)}
    app = wizard(replace(desk, environment={**desk.environment, "TERM": "xterm"}))
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        for _ in range(3):
            await press(pilot, "enter")
        assert LINK in picture(app)
        fakes.clock.sleep(24 * 3600 + 1)
        page = app.screen
        assert isinstance(page, DonePage)
        page._tick()
        await settle(pilot)
        assert LINK not in picture(app)
        assert "! This code has ended. n makes a new one." in picture(app)
        await press(pilot, "n")
        assert LINK in picture(app)


async def test_where_nobody_can_see_the_way_in_a_person_may_ask_for_the_code(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    fakes.surroundings.names = {"a.example": Lookup()}
    app = wizard(replace(desk, environment={**desk.environment, "TERM": "xterm"}))
    async with app.run_test(size=SMALL) as pilot:
        await type_address(pilot)
        for _ in range(3):
            await press(pilot, "enter")
        assert LINK not in picture(app)
        await press(pilot, "c")
        assert LINK in picture(app)


async def choose_free_name(pilot: Pilot[int], token: str) -> None:
    """Tick that there is no domain, choose a free name and type a token, as a person does."""
    page = pilot.app.screen
    for key in ("tab", "space", "tab", "right", "tab"):
        await pilot.press(key)
        await settle(pilot)
    assert page.query_one("#token").has_focus
    await pilot.press(*token)
    await pilot.pause(0.4)
    await settle(pilot)


async def test_a_free_name_is_looked_at_at_once_and_had_by_apply(desk: Desk, fakes: Fakes) -> None:
    answer(fakes)
    fakes.resolver.zone("dedyn.io", ns1="192.0.2.53")
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await choose_free_name(pilot, "")
        assert "Make an account at https://desec.io" in picture(app)
        await press(pilot, "enter")
        assert app.screen.query_one("#token").has_focus, "without a token there is no such name"
        await pilot.press(*"right")
        await pilot.pause(0.4)
        await settle(pilot)
        assert "testhost.dedyn.io is free: Apply makes it yours" in picture(app)
        assert "│•••••" in picture(app).replace("█", "│")
        assert not fakes.dns_providers.changes
        await press(pilot, "enter")
        assert "records at deSEC, and keeps them right" in " ".join(picture(app).split())
        await press(pilot, "enter")
    assert fakes.resolver.records["testhost.dedyn.io", "A"] == ("9.9.9.9",)
    assert fakes.files.nodes["/etc/xmpp-wizard/secrets/dns-token"].mode == 0o600


async def test_a_wrong_token_and_a_taken_name_are_told_where_they_stand(desk: Desk, fakes: Fakes) -> None:
    fakes.resolver.zone("dedyn.io", ns1="192.0.2.53")
    fakes.resolver.zone("chat.dedyn.io", ns1="192.0.2.53")
    fakes.dns_providers.taken.add("chat.dedyn.io")
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await choose_free_name(pilot, "wrong")
        assert "  !     another secret" in picture(app)
        assert "  todo  Make a new token on the provider's page" in picture(app)
        app.screen.query_one("#token", Input).value = "right"
        await type_address(pilot, "alice@chat")
        assert "chat.dedyn.io belongs to somebody else" in picture(app)
        await type_address(pilot, "alice@chat.example.net")
        assert "does not end in .dedyn.io" in picture(app)
        assert app.screen.query_one("#provider").region.height, "another provider can be named"
        await press(pilot, "f2")
        assert app.screen.query_one("#token", Input).value == "right", "what was typed stays over another language"


async def test_a_domain_of_ones_own_after_all(desk: Desk, fakes: Fakes) -> None:
    fakes.resolver.zone("dedyn.io", ns1="192.0.2.53")
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await choose_free_name(pilot, "right")
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)
        await press(pilot, "escape")
        page = app.screen
        assert isinstance(page, AddressPage)
        page.query_one("#home", Tick).value = False
        await type_address(pilot, "alice@a.example")
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanPage)
        assert app.screen.session.answers().dns.provider == "none"
        assert "not entered" not in picture(app)


@pytest.mark.parametrize("typed", ["🦀" * 50, "x" * 10_000, "a@b@c", "..", "a..b.dedyn.io", "-.dedyn.io"])
async def test_rubbish_as_a_free_name_is_refused_where_it_stands(desk: Desk, typed: str) -> None:
    app = wizard(desk)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await choose_free_name(pilot, "right")
        await type_address(pilot, typed)
        await press(pilot, "enter")
        assert isinstance(app.screen, AddressPage)
        assert app.screen.query_one("#address", Field).has_focus
        assert all(len(line) <= 80 for line in picture(app).splitlines())
