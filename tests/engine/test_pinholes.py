"""The router's IPv6 firewall over a server's life: told as the IPv4 ports are, and DNS follows what really answers."""

from __future__ import annotations

import pytest
from tests.engine.conftest import end, run, wish
from tests.fakes import Fakes
from tests.servers import answers

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import LEASE_SECONDS, Language
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme.outside import Seen, remember, seen, unproven_ipv6
from xmpp_wizard.engine.memory.router import ordered, router_troubles
from xmpp_wizard.engine.setup import ApplyAnswers, GoBack, current, prepare
from xmpp_wizard.engine.uninstall import uninstall
from xmpp_wizard.engine.upkeep import upkeep

MINIMAL = {"features": {"preset": "minimal"}}
YES = {"network": {"open_router": True}, **MINIMAL}
NEEDED = {Door(port) for port in (5222, 5223, 5269, 5270)}
HERE, SIX, NEXT = "192.168.1.5", "2003:e5:77::5", "2003:e5:78::5"
GATEWAY = "fe80::1%eth0"
APPS = Door(5222)


@pytest.fixture(params=["UPnP", "PCP"])
def home(request: pytest.FixtureRequest, fakes: Fakes) -> Fakes:
    """Return a machine on a line without an IPv4 address of its own, behind a router that takes orders for IPv6."""
    return without_ipv4(fakes, request.param)


def without_ipv4(fakes: Fakes, language: Language = "PCP") -> Fakes:
    fakes.sockets.own_addresses = (HERE, "fd00::5", SIX)
    fakes.line.router_6, fakes.line.wan = GATEWAY, "0.0.0.0"  # noqa: S104 what routers say that have none
    fakes.router.language_6 = language
    return fakes


def let_in(address: str = SIX, doors: set[Door] = NEEDED) -> set[tuple[str, Door]]:
    return {(address, door) for door in doors}


def test_exactly_what_is_needed_is_let_in_once(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    assert home.router.pinholes == let_in()
    assert home.router.table == {}, "an address shared with others can be led nowhere"
    assert "nothing to do" in str(end(run(home, layout, wish(**YES))).text)


def test_without_a_yes_nobody_is_let_in(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**MINIMAL))
    upkeep(home.world(), layout)
    assert home.router.calls == []


def test_where_both_ways_are_open_both_are_ordered(home: Fakes, layout: Layout) -> None:
    home.router.language, home.line.wan = "UPnP", "93.184.216.34"
    run(home, layout, wish(**YES))
    assert (set(home.router.table), home.router.pinholes) == (NEEDED, let_in())


def test_another_feature_another_port(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    without_servers = {"preset": "minimal", "federation": {"mode": "off"}}
    run(home, layout, wish(**{**YES, "features": without_servers}))
    assert home.router.pinholes == let_in(doors={APPS, Door(5223)})


def test_going_back_closes_again(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**MINIMAL))
    run(home, layout, wish(**YES))
    home.router.pinholes.add((SIX, Door(8080)))
    assert end(run(home, layout, GoBack())).exit_status == 0
    assert home.router.pinholes == {(SIX, Door(8080))}
    assert ordered(home.world(), layout, "IPv6").doors == ()


def test_an_uninstall_closes_exactly_ours(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    home.router.pinholes.add((SIX, Door(8080)))
    lines: list[str] = []
    uninstall(home.world(), layout, delete_data=False, report=lambda line: lines.append(str(line)))
    assert home.router.pinholes == {(SIX, Door(8080))}
    assert "the router no longer lets 5222/tcp, 5223/tcp, 5269/tcp, 5270/tcp in over IPv6" in lines


def test_a_router_that_is_gone_stops_no_uninstall(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    home.router.language_6 = ""
    lines: list[str] = []
    uninstall(home.world(), layout, delete_data=False, report=lambda line: lines.append(str(line)))
    assert any("open over IPv6 in the router" in line and "within a day" in line for line in lines)


def test_a_change_that_fails_closes_again(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**MINIMAL))
    home.containers.fail_at["restart"] = EngineError(say("no"))
    home.containers.fail_at["create"] = EngineError(say("no"))
    assert end(run(home, layout, wish(title="Another", **YES))).exit_status != 0
    assert any(call.startswith("lead") for call in home.router.calls)
    assert home.router.pinholes == set()


def test_the_timer_lets_in_again_what_a_router_has_forgotten(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    home.router.pinholes.clear()
    home.clock.sleep(3600)
    upkeep(home.world(), layout)
    assert home.router.pinholes == let_in()
    until = dict(ordered(home.world(), layout, "IPv6").doors)
    assert until[APPS] == pytest.approx(home.clock.timestamp() + LEASE_SECONDS, abs=5)


def test_a_line_with_another_prefix_is_let_in_to_there(home: Fakes, layout: Layout) -> None:
    run(home, layout, wish(**YES))
    home.router.pinholes.clear()
    home.sockets.own_addresses = (HERE, NEXT)
    upkeep(home.world(), layout)
    assert home.router.pinholes == let_in(NEXT)
    assert ordered(home.world(), layout, "IPv6").address == NEXT
    assert "nothing to do" in str(end(run(home, layout, wish(**YES))).text)


@pytest.mark.parametrize(
    "network",
    [{"listen": [HERE]}, {"public_addresses": ["93.184.216.99"]}],
    ids=["listens over IPv4 only", "a relay over IPv4"],
)
def test_what_nobody_comes_to_over_ipv6_stays_closed(fakes: Fakes, layout: Layout, network: dict[str, object]) -> None:
    home = without_ipv4(fakes)
    run(home, layout, wish(**{**YES, "network": {"open_router": True, **network}}))
    upkeep(home.world(), layout)
    assert home.router.pinholes == set()


def test_where_dns_leads_over_ipv6_alone_ipv4_is_not_ordered(fakes: Fakes, layout: Layout) -> None:
    home = without_ipv4(fakes)
    home.router.language, home.line.wan = "UPnP", "93.184.216.34"
    run(home, layout, wish(**{**YES, "network": {"open_router": True, "public_addresses": [SIX]}}))
    assert (home.router.table, home.router.pinholes) == ({}, let_in())


def troubles(home: Fakes, layout: Layout) -> list[str]:
    return [str(trouble.text) for trouble in router_troubles(home.world(), layout, current(home.world(), layout)[0])]


def test_the_only_way_that_is_refused_is_told_once_that_lasts(home: Fakes, layout: Layout) -> None:
    home.router.forbids_6 = NEEDED
    run(home, layout, wish(**YES))
    assert troubles(home, layout) == []
    home.clock.sleep(4 * 3600)
    upkeep(home.world(), layout)
    (told,) = troubles(home, layout)
    assert "takes no orders from this machine for 5222/tcp" in told


@pytest.mark.parametrize("is_silent", [True, False])
def test_who_comes_in_over_ipv4_need_not_hear_of_ipv6(home: Fakes, layout: Layout, is_silent: bool) -> None:  # noqa: FBT001 a case
    home.router.language, home.line.wan = "UPnP", "93.184.216.34"
    if is_silent:
        home.router.language_6 = ""
    home.router.forbids_6 = NEEDED
    run(home, layout, wish(**YES))
    upkeep(home.world(), layout)
    home.clock.sleep(4 * 3600)
    upkeep(home.world(), layout)
    assert troubles(home, layout) == []
    assert set(home.router.table) == NEEDED


def test_a_router_that_forgets_too_soon_is_told_of_and_told_again(home: Fakes, layout: Layout) -> None:
    home.router.brief_seconds = 120
    run(home, layout, wish(**YES))
    assert home.router.pinholes == let_in()
    home.clock.sleep(300)
    assert ordered(home.world(), layout, "IPv6").held(home.clock.timestamp()) == ()
    home.router.pinholes.clear()
    remember(home.world(), layout, Seen(SIX, "closed", home.clock.timestamp()))
    upkeep(home.world(), layout)
    assert home.router.pinholes == let_in(), "the timer comes every few minutes"
    assert seen(home.world(), layout).view == "closed", "nobody outside is sent for each time"
    home.clock.sleep(4 * 3600)
    (told,) = troubles(home, layout)
    assert told == "the router forgets 5222/tcp, 5223/tcp, 5269/tcp, 5270/tcp within 2 minutes"
    home.router.brief_seconds = 0
    upkeep(home.world(), layout)
    assert troubles(home, layout) == []


def test_a_line_that_has_no_ipv6_asks_nobody_for_it(home: Fakes, layout: Layout) -> None:
    home.sockets.own_addresses, home.router.language, home.line.wan = (HERE, "fd00::5"), "UPnP", "93.184.216.34"
    run(home, layout, wish(**YES))
    upkeep(home.world(), layout)
    assert home.router.pinholes == set()
    assert prepare(home.world(), layout, wish(**YES)).observed.pinholes is None


ACME = {"certificates": {"source": "acme"}, **YES}


def test_what_was_closed_is_looked_at_again_once_the_router_lets_in(fakes: Fakes, layout: Layout) -> None:
    home = without_ipv4(fakes)
    run(home, layout, wish(**{**ACME, "network": {"open_router": False}}))
    remember(home.world(), layout, Seen(SIX, "closed", home.clock.timestamp()))
    run(home, layout, wish(**ACME))
    assert (SIX, Door(80)) in home.router.pinholes
    assert seen(home.world(), layout).view == ""
    upkeep(home.world(), layout)
    assert seen(home.world(), layout).view == "open"
    assert SIX not in unproven_ipv6(home.world(), layout)


def test_an_address_that_is_let_in_and_does_not_answer_stays_out_of_dns(fakes: Fakes, layout: Layout) -> None:
    home = without_ipv4(fakes)
    home.acme.failing[SIX] = Problem("connection", "Timeout", SIX)
    run(home, layout, wish(**ACME))
    upkeep(home.world(), layout)
    assert seen(home.world(), layout).view == "closed"
    assert SIX in unproven_ipv6(home.world(), layout)


D = "fam.example"
FOLLOWS = f"""domain = "{D}"
features.preset = "minimal"
certificates.source = "acme"
network.open_router = true
[dns]
provider = "desec"
token_file = "/root/token"
follows_address = true
"""


@pytest.fixture
def following(fakes: Fakes, layout: Layout) -> Fakes:
    """Return a server on such a line whose DNS is kept right by itself."""
    home = without_ipv4(fakes)
    home.files.put("/root/token", "right")
    home.resolver.zone(D, ns1="192.0.2.1")
    run(home, layout, ApplyAnswers(answers(FOLLOWS.partition("\n")[2]), FOLLOWS, "/root/answers.toml"))
    upkeep(home.world(), layout)
    assert home.resolver.records[D, "AAAA"] == (SIX,)
    assert (D, "A") not in home.resolver.records, "the line has none of its own"
    return home


def test_a_new_prefix_is_let_in_looked_at_and_published_in_one_run(following: Fakes, layout: Layout) -> None:
    following.sockets.own_addresses = (HERE, NEXT)
    following.clock.sleep(400)
    upkeep(following.world(), layout)
    assert following.router.pinholes >= let_in(NEXT)
    assert following.resolver.records[D, "AAAA"] == (NEXT,)


def test_an_address_that_somebody_wrote_down_and_the_line_lost_is_told_of(fakes: Fakes, layout: Layout) -> None:
    home = without_ipv4(fakes)
    text = f'features.preset = "minimal"\nnetwork.open_router = true\nnetwork.public_addresses = ["{SIX}"]\n'
    run(home, layout, ApplyAnswers(answers(text), f'domain = "{D}"\n{text}', "/root/answers.toml"))
    assert upkeep(home.world(), layout).trouble is None
    home.sockets.own_addresses = (HERE, NEXT)
    home.clock.sleep(3600)
    trouble = upkeep(home.world(), layout).trouble
    assert trouble is not None
    assert str(trouble.text) == f"DNS leads people to {SIX}, and this machine has {NEXT} now"


def test_a_new_prefix_that_does_not_answer_is_published_only_once_it_does(following: Fakes, layout: Layout) -> None:
    following.sockets.own_addresses = (HERE, NEXT)
    following.acme.failing[NEXT] = Problem("connection", "Timeout", NEXT)
    following.clock.sleep(400)
    upkeep(following.world(), layout)
    assert following.router.pinholes >= let_in(NEXT)
    assert NEXT not in following.resolver.records.get((D, "AAAA"), ())
    del following.acme.failing[NEXT]
    following.clock.sleep(25 * 3600)
    upkeep(following.world(), layout)
    assert following.resolver.records[D, "AAAA"] == (NEXT,)
