"""The page with the plan: what its rows and keys lead to, and what is built meanwhile."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, TINY, picture, press, settle
from tests.tui.on_plan import planned, to_plan, wizard
from textual.widgets import Input

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.listeners import Listener, Neighbour
from xmpp_wizard.engine.applying import apply
from xmpp_wizard.engine.asking import proposals
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens import launching, plan
from xmpp_wizard.tui.screens.front import FrontPage
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.screens.port import PortPage
from xmpp_wizard.tui.screens.question import QuestionPage
from xmpp_wizard.tui.screens.save import SavePage
from xmpp_wizard.tui.widgets import Plain

LOCK = "/run/xmpp-wizard/lock"
SAVED = "/root/a.example.toml"


def builds(fakes: Fakes) -> int:
    return sum(call.startswith("build ") for call in fakes.containers.calls)


async def test_the_images_are_built_while_the_plan_is_read(desk: Desk, fakes: Fakes) -> None:
    app = wizard(desk, fakes)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert builds(fakes) == 0, "not before the address is given"
        page = await to_plan(pilot)
        assert builds(fakes) == 2
        assert not fakes.containers.containers
        assert not any(path.startswith(("/etc/xmpp", "/var/lib/xmpp")) for path in fakes.files.nodes)
        page.think()
        await settle(pilot)
        assert "Apply starts 2 containers, writes 5 files." in picture(app), "what is built needs no building"
        await press(pilot, "escape")
        await to_plan(pilot, "alice@b.example")
        assert builds(fakes) == 2, "no image is built twice"


async def test_that_it_is_built_is_said_and_leaving_ends_it(desk: Desk, fakes: Fakes) -> None:
    app = wizard(desk, fakes)
    async with app.run_test(size=SMALL) as pilot:
        page = await to_plan(pilot)
        assert page._early is not None
        page._early.pid = 4711
        fakes.background.alive = {4711}
        page._watch_build()
        assert "Nothing is set up yet; the program is being built meanwhile." in picture(app).splitlines()[-3]
        await press(pilot, "escape")
        assert fakes.background.is_alive(4711), "the address is still given"
        await press(pilot, "escape")
    assert not fakes.background.is_alive(4711)
    assert app.return_value == 0


async def test_an_apply_that_begins_meanwhile_keeps_it(desk: Desk, fakes: Fakes) -> None:
    async with planned(desk, fakes) as (pilot, page):
        assert page._early is not None
        page._early.pid = 4711
        fakes.background.alive = {4711}
        fakes.lock.held[str(desk.layout.lock)] = 4712
        await press(pilot, "escape", "escape")
    assert fakes.background.is_alive(4711)


async def test_every_step_has_its_cause(desk: Desk, fakes: Fakes) -> None:
    app = wizard(desk, fakes)
    async with app.run_test(size=LARGE) as pilot:
        page = await to_plan(pilot)
        text = await press(pilot, "right", "enter")
        assert "Build the image of prosody" in text
        assert "because: " in text
        assert page.prepared is not None
        assert f"{len(page.prepared.plan.steps):>3}  " in await press(pilot, "end")


async def test_the_answer_file_is_saved_where_one_wants_and_nothing_is_written_over(desk: Desk, fakes: Fakes) -> None:
    app = wizard(desk, fakes)
    fakes.files.put("/root/other.toml", "precious")
    async with app.run_test(size=SMALL) as pilot:
        page = await to_plan(pilot)
        await press(pilot, "s")
        assert isinstance(app.screen, SavePage)
        field = app.screen.query_one("#path", Input)
        assert field.value == SAVED
        for wrong, told in (("", "not the path"), ("/no/a.toml", "there is no folder /no"), ("/root", "is a folder")):
            field.value = wrong
            assert told in await press(pilot, "enter")
        field.value = "/root/other.toml"
        await press(pilot, "enter")
        assert isinstance(app.screen, QuestionPage)
        await press(pilot, "enter")
        assert fakes.files.nodes["/root/other.toml"].content == b"precious"
        field.value = SAVED
        assert f"Saved: {SAVED}" in await press(pilot, "enter")
        assert fakes.files.nodes[SAVED].content.decode() == page.session.draft.new_text()
        await press(pilot, "s", "enter", "down", "enter")
        assert app.screen is page


async def test_a_taken_port_has_a_screen_of_its_own(desk: Desk, fakes: Fakes) -> None:
    fakes.sockets.listening = (Listener("", 443, "tcp", "lighttpd", 812),)
    async with planned(desk, fakes) as (pilot, page):
        text = picture(pilot.app)
        assert "( Apply: first Port 443 )" in text
        assert "Apply needs an answer first; any other ! can wait." in text
        assert "Enter what is first" in text, "it applies nothing"
        text = await press(pilot, "enter", "enter")
        assert isinstance(pilot.app.screen, PortPage)
        assert "is in use by lighttpd" in " ".join(text.split())
        assert "systemctl stop lighttpd" in " ".join(text.split())
        await press(pilot, "enter")
        assert "( Apply: first Port 443 )" in picture(pilot.app), "it is still there"
        text = await press(pilot, "enter", "down", "enter")
        assert "Port for web, uploads and  █8443" in text
        await press(pilot, "tab", "enter")
        assert id(pilot.app.screen) == id(page)
        assert page.session.draft.value(("network", "https_port")) == 8443
        assert "» [ Apply ]" in picture(pilot.app), "the row is gone, and Enter is enough again"


async def test_a_port_that_was_freed_is_no_row_any_more(desk: Desk, fakes: Fakes) -> None:
    fakes.sockets.listening = (Listener("", 443, "tcp", "lighttpd", 812),)
    async with planned(desk, fakes) as (pilot, _):
        await press(pilot, "enter", "enter")
        fakes.sockets.listening = ()
        text = await press(pilot, "enter")
        assert "Port 443" not in text
        assert "[ Apply ]" in text


async def test_what_was_changed_on_the_plan_is_there_after_a_look_at_the_address(desk: Desk, fakes: Fakes) -> None:
    async with planned(desk, fakes) as (pilot, page):
        page.query_one("#plan-security").focus()
        await press(pilot, "enter", "right", "tab", "enter")
        assert "Strict. Shuts out" in picture(pilot.app)
        await press(pilot, "escape", "enter")
        assert pilot.app.screen is not page
        assert "Strict. Shuts out" in picture(pilot.app)


async def test_the_tick_can_be_taken_back(desk: Desk, fakes: Fakes) -> None:
    app = wizard(desk, fakes)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, *"alice@a.example", "tab", "space", "enter")
        page = app.screen
        assert isinstance(page, PlanPage)
        assert page.session.draft.said(("features", "federation", "mode")) == "off"
        assert "! Names at home your router must lead a.example to this machine" in picture(app)
        assert "Router  " not in picture(app), "nobody outside is to come in"
        await press(pilot, "escape", "space", "enter")
        page = app.screen
        assert isinstance(page, PlanPage)
        assert page.session.draft.said(("features", "federation", "mode")) is None


async def test_an_answer_file_that_lies_there_is_proposed(desk: Desk, fakes: Fakes) -> None:
    fakes.files.put("/root/rubbish.toml", "domain = [")
    fakes.files.put(SAVED, 'domain = "a.example"\nadmins = ["carol"]\n')
    app = wizard(desk, fakes)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "( ) a new server  (*) an answer file" in picture(app)
        assert f"Found: {SAVED}" in picture(app)
        await press(pilot, "enter", "enter")
        assert isinstance(app.screen, PlanPage)
        assert "carol@a.example" in picture(app)


@pytest.mark.parametrize("size", [TINY, SMALL, LARGE])
async def test_no_word_is_cut_and_wide_screens_have_details(desk: Desk, fakes: Fakes, size: tuple[int, int]) -> None:
    app = wizard(desk, fakes)
    async with app.run_test(size=size) as pilot:
        page = await to_plan(pilot)
        page.query_one("#plan-storage").focus()
        await pilot.pause()
        text = picture(app)
        assert ("In the answer file: storage" in text) == (size == LARGE)
        *_, message, second, _, keys = text.splitlines()
        told = f"{message} {second}" if size == TINY else second
        assert " ".join(told.split()) == "An estimate: 20 people, each 50 messages and 2 MB of files a day."
        assert keys.endswith("Esc back")


async def test_any_setting_is_found_from_the_plan_in_either_language(desk: Desk, fakes: Fakes) -> None:
    fakes.appliance.catalogues["de"] = 'msgid "Largest file"\nmsgstr "Größte Datei"\n'
    desk.speak("de")
    async with planned(desk, fakes) as (pilot, _):
        for words in ("größte", "largest", "max_file_mb"):
            text = await press(pilot, "slash", *words)
            assert "Größte Datei" in text.splitlines()[5], words
            await press(pilot, "escape")


def nginx(fakes: Fakes) -> None:
    fakes.sockets.listening = (Listener("", 80, "tcp", "nginx", 812), Listener("", 443, "tcp", "nginx", 812))
    fakes.files.put("/etc/nginx/nginx.conf", "http { include /etc/nginx/conf.d/*.conf; }")


async def test_a_web_server_that_is_there_is_proposed_as_the_way_through(desk: Desk, fakes: Fakes) -> None:
    nginx(fakes)
    async with planned(desk, fakes) as (pilot, page):
        text = picture(pilot.app)
        assert "Web server    nginx has the web's ports; it passes the chat's pages on" in text
        assert "Port 443" not in text
        assert "» [ Apply ]" in text
        assert page.session.answers().network.web_server == "nginx"
        page.query_one("#plan-web-server").focus()
        assert "/etc/nginx/conf.d/xmpp-wizard.conf" in await press(pilot, "d")
        await press(pilot, "escape")
        text = await press(pilot, "enter")
        assert isinstance(pilot.app.screen, FrontPage)
        assert "nginx (process 812) has port 443." in text
        assert "server_name a.example" in await press(pilot, "down", "enter", *["down"] * 5)
        await press(pilot, "escape")
        assert page.session.answers().network.web_server == "other"
        assert "! Web server    another one has the web's ports; you tell it what to pass on" in picture(pilot.app)


async def test_the_web_server_can_keep_its_port_or_give_it_up(desk: Desk, fakes: Fakes) -> None:
    nginx(fakes)
    async with planned(desk, fakes) as (pilot, page):
        page.query_one("#plan-web-server").focus()
        await press(pilot, "enter", "down", "down", "enter", "tab", "enter")
        assert page.session.answers().network.https_port == 8443
        assert page.session.answers().network.web_server == "own"
        assert "Web server" not in picture(pilot.app)
        page.take(page.session.draft.with_change(("network", "https_port"), None))
        await settle(pilot)
        assert page.session.answers().network.web_server == "nginx", "it is still there"
        fakes.sockets.listening = ()
        page.query_one("#plan-web-server").focus()
        text = await press(pilot, "enter", "down", "down", "down", "enter")
        assert page.session.answers().network.web_server == "own"
        assert "Web server" not in text


@pytest.mark.parametrize(
    "owner", [Listener("", 443, "tcp", "lighttpd", 7), Listener("", 443, "tcp", "nginx", 7, "c0ffee")]
)
async def test_what_is_not_known_or_in_a_container_is_a_taken_port(desk: Desk, fakes: Fakes, owner: Listener) -> None:
    fakes.sockets.listening = (owner,)
    async with planned(desk, fakes) as (pilot, page):
        assert "! Port 443" in picture(pilot.app)
        assert page.session.answers().network.web_server == "own"


async def test_one_in_a_container_is_told_by_hand_in_its_own_words(desk: Desk, fakes: Fakes) -> None:
    fakes.sockets.listening = (Listener("", 443, "tcp", "docker-proxy", 7),)
    folders = {"/etc/letsencrypt": "/srv/npm/letsencrypt"}
    image = "jc21/nginx-proxy-manager:latest"
    fakes.sockets.own_addresses = ("192.0.2.10", "172.18.0.1")
    fakes.containers.others = (Neighbour("c0ffee", "npm", image, (("", 443),), folders, "172.18.0.1"),)
    async with planned(desk, fakes) as (pilot, page):
        text = await press(pilot, "enter", "enter")
        assert isinstance(pilot.app.screen, FrontPage)
        assert "Nginx Proxy Manager (process 7) has port 443." in text
        assert "Pass on through it" not in text
        text = await press(pilot, "enter")
        assert "Lines for Nginx Proxy Manager" in text
        assert "network.local_http_address=172.18.0.1" in text
        text = await press(pilot, *["down"] * 30)
        assert "certificates.store=/srv/npm/letsencrypt/live" in text
        await press(pilot, "escape")
        assert page.session.answers().network.web_server == "other"
        assert page.session.answers().network.local_http_address == "172.18.0.1"
        fakes.sockets.listening = ()
        page.query_one("#plan-web-server").focus()
        await press(pilot, "enter", "down", "down", "enter")
        assert page.session.answers().network.web_server == "own"
        assert page.session.answers().network.local_http_address is None


async def test_a_closed_firewall_is_a_row_and_enter_opens_it(desk: Desk, fakes: Fakes) -> None:
    fakes.firewall.kind = "ufw"
    fakes.firewall.allowed = {Door(443), Door(22)}
    async with planned(desk, fakes) as (pilot, page):
        assert "! Firewall      ufw keeps out 3478 5000 5222 5223 5269 5270 5349" in picture(pilot.app)
        page.query_one("#plan-firewall").focus()
        text = await press(pilot, "enter")
        assert page.session.answers().network.open_firewall
        assert "  Firewall      ufw is told to let in 3478 5000 5222 5223 5269 5270" in text
        assert page.prepared is not None
        people, calls = (
            "5000/tcp, 5222/tcp, 5223/tcp, 5269/tcp, 5270/tcp",
            ("3478/tcp, 3478/udp", "5349/tcp, 49152-49251/udp"),
        )
        assert f"Open {calls[0]}, {people}, {calls[1]} in the firewall (ufw)" in [
            str(step.title) for step in page.prepared.plan.steps
        ]
        await press(pilot, "enter")
        assert not page.session.answers().network.open_firewall


async def test_a_firewall_that_lets_people_in_is_no_row(desk: Desk, fakes: Fakes) -> None:
    fakes.firewall.kind = "nftables"
    calls = {Door(3478), Door(3478, "udp"), Door(5349), Door(49152, "udp", 49251)}
    fakes.firewall.allowed = calls | {Door(port) for port in (80, 443, 5000, 5222, 5223, 5269, 5270)}
    async with planned(desk, fakes) as (pilot, _):
        assert "Firewall" not in picture(pilot.app)


async def test_port_443_is_told_where_another_program_has_port_80(desk: Desk, fakes: Fakes) -> None:
    fakes.sockets.listening = (Listener("", 80, "tcp", "printer-page", 812),)
    app = wizard(desk, fakes)
    async with app.run_test(size=SMALL) as pilot:
        page = await to_plan(pilot, "alice@kolibri.net")
        assert "Certificates  Let's Encrypt through port 443; every name rehearsed first" in picture(app)
        page.query_one("#plan-certificates").focus()
        await pilot.pause()
        assert "Another program has port 80. Apply accepts Let's Encrypt's terms." in picture(app)


async def test_a_public_name_gets_public_certificates_unless_one_chooses_others(desk: Desk, fakes: Fakes) -> None:
    app = wizard(desk, fakes)
    async with app.run_test(size=SMALL) as pilot:
        page = await to_plan(pilot, "alice@kolibri.net")
        text = picture(app)
        assert "Certificates  Let's Encrypt through port 80; every name rehearsed first" in text
        assert "! can wait, it completes later by itself. Apply accepts Let's Encrypt's terms." in text
        page.query_one("#plan-certificates").focus()
        await pilot.pause()
        assert "Names without DNS get theirs later. Apply accepts Let's Encrypt's terms." in picture(app)
        page.take(page.session.draft.with_change(("certificates", "source"), "local"))
        await press(pilot, "escape", "enter")
        assert "from this machine itself; each phone trusts it once" in picture(app), "that choice holds"


async def test_who_presses_enter_before_there_is_a_plan_is_told_and_applies_nothing_unseen(
    desk: Desk, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_thought = Event()
    prepare = proposals.prepare_with_proposals

    def slowly(*arguments: Any) -> Any:  # noqa: ANN401 as the real one
        assert is_thought.wait(60)
        return prepare(*arguments)

    monkeypatch.setattr(plan, "prepare_with_proposals", slowly)
    app = wizard(desk, fakes)
    async with app.run_test(size=SMALL) as pilot:
        app.screen.query_one("#address", Input).value = "alice@a.example"
        await pilot.pause(0.4)
        try:
            await pilot.press("enter", "enter")
            await pilot.pause()
            assert "One moment: there is no plan to apply yet." in picture(app)
        finally:
            is_thought.set()
        await settle(pilot)
        assert isinstance(app.screen, PlanPage)
        assert "One moment" not in picture(app)
        assert not fakes.containers.containers
        await press(pilot, "enter")
        assert fakes.containers.containers


async def test_a_slow_machine_says_that_it_begins(desk: Desk, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    launch = apply.launch

    def slowly(*arguments: Any) -> Any:  # noqa: ANN401 as the real one
        said.append(str(page.query_one("#message", Plain).content))
        return launch(*arguments)

    monkeypatch.setattr(launching, "launch", slowly)
    async with planned(desk, fakes) as (pilot, page):
        await press(pilot, "enter")
        assert [words.strip() for words in said] == ["It begins ..."]
        assert "It begins" not in str(page.query_one("#message", Plain).content)
