"""The page with the plan, as far as router and line go: what is offered, and what Enter does."""

from __future__ import annotations

from tests.fakes import Fakes
from tests.tui.conftest import picture, press
from tests.tui.on_plan import planned

from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.text import TextPage

HOME, SIX, MINE = "192.168.1.5", "2003:e5::5", "93.184.216.34"


def behind_router(fakes: Fakes, wan: str = MINE, *others: str) -> None:
    fakes.sockets.own_addresses, fakes.line.wan, fakes.line.seen = (HOME, *others), wan, MINE


async def test_a_router_that_can_be_told_is_a_row_and_enter_tells_it(desk: Desk, fakes: Fakes) -> None:
    behind_router(fakes)
    fakes.router.language = "UPnP"
    async with planned(desk, fakes) as (pilot, page):
        page.query_one("#plan-router").focus()
        await pilot.pause()
        text = picture(pilot.app)
        assert "! Router        Enter: let it forward " in text
        text = await press(pilot, "enter")
        assert page.session.answers().network.open_router
        assert "  Router        is told to forward " in text
        assert page.prepared is not None
        assert any("Let the router forward" in str(step.title) for step in page.prepared.plan.steps)
        await press(pilot, "enter")
        assert not page.session.answers().network.open_router


async def test_a_router_that_takes_no_orders_has_its_table(desk: Desk, fakes: Fakes) -> None:
    behind_router(fakes)
    async with planned(desk, fakes) as (pilot, page):
        page.query_one("#plan-router").focus()
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, TextPage)
        assert f"5222 tcp  -> {HOME}" in picture(pilot.app)


async def test_where_nobody_can_call_three_ways_are_offered(desk: Desk, fakes: Fakes) -> None:
    behind_router(fakes, "100.64.0.7", SIX)
    async with planned(desk, fakes) as (pilot, page):
        page.query_one("#plan-way-ipv6").focus()
        await pilot.pause()
        text = picture(pilot.app)
        assert "! No way in" in text
        assert f"  IPv6 only     over {SIX}   Enter: choose this" in text
        text = await press(pilot, "enter")
        assert page.session.answers().network.public_addresses == (SIX,)
        assert f"»  IPv6 only     over {SIX}\n" in text
        await press(pilot, "enter")
        assert page.session.answers().network.public_addresses == ()
        page.query_one("#plan-way-relay").focus()
        text = await press(pilot, "enter")
        assert "Rent a small server" in text
        assert "sudo xmpp-wizard router relay ADDRESS" in text


def without_ipv4(fakes: Fakes) -> None:
    behind_router(fakes, "0.0.0.0", SIX)  # noqa: S104 what a router says that has none
    fakes.line.router_6, fakes.router.language_6 = "fe80::1%eth0", "PCP"


async def test_ipv6_alone_tells_the_router_too_where_it_can_be_told(desk: Desk, fakes: Fakes) -> None:
    without_ipv4(fakes)
    async with planned(desk, fakes) as (pilot, page):
        page.query_one("#plan-way-ipv6").focus()
        await pilot.pause()
        assert "The router is told to let them in." in picture(pilot.app)
        text = await press(pilot, "enter")
        assert page.session.answers().network.public_addresses == (SIX,)
        assert page.session.answers().network.open_router
        assert f"over {SIX}; the router is told to let people in" in text
        assert page.prepared is not None
        assert any("in the router for IPv6" in str(step.title) for step in page.prepared.plan.steps)
        await press(pilot, "enter")
        assert page.session.answers().network.public_addresses == ()
        assert not page.session.answers().network.open_router


async def test_a_router_that_lets_ipv6_in_is_a_way_in(desk: Desk, fakes: Fakes) -> None:
    without_ipv4(fakes)
    async with planned(desk, fakes) as (pilot, page):
        page.take(page.session.draft.with_change(("network", "open_router"), value=True))
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        text = picture(pilot.app)
        assert f"is told to let people in over IPv6, at {SIX}" in text
        assert "No way in" not in text


async def test_a_router_that_no_longer_lets_ipv6_in_is_no_way_in(desk: Desk, fakes: Fakes) -> None:
    without_ipv4(fakes)
    fakes.router.language_6 = ""
    async with planned(desk, fakes) as (pilot, page):
        page.take(page.session.draft.with_change(("network", "open_router"), value=True))
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        text = picture(pilot.app)
        assert "! No way in" in text
        assert "is told to let" not in text


async def test_at_home_only_is_one_of_them(desk: Desk, fakes: Fakes) -> None:
    behind_router(fakes, "100.64.0.7")
    async with planned(desk, fakes) as (pilot, page):
        assert not page.query("#plan-way-ipv6")
        page.query_one("#plan-way-home").focus()
        text = await press(pilot, "enter")
        assert page.session.is_at_home
        assert "Names at home" in text
        assert "No way in" not in text
