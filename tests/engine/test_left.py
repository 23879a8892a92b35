"""Where the server's name leads as seen from inside, and what that leaves to do."""

from __future__ import annotations

import pytest
from tests.engine.conftest import wish
from tests.fakes import Fakes
from tests.servers import answers

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.left import Left, look
from xmpp_wizard.engine.setup import ApplyAnswers, current
from xmpp_wizard.engine.welcome import headline, obstacle

PUBLIC, PRIVATE, SIX = "8.8.4.4", "192.168.1.20", "2003:e5::5"


def seen(fakes: Fakes, layout: Layout, **said: object) -> Left:
    world = fakes.world()
    launch(world, layout, wish(**said), Consent(wants_proof=False))
    _, wanted = current(world, layout)
    assert wanted is not None
    return look(world, change_session(world, layout).answers(), wanted)


def test_a_name_that_leads_here(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.own_addresses = (PUBLIC,)
    fakes.surroundings.names = {"a.example": Lookup((PUBLIC,), is_known=True)}
    found = seen(fakes, layout)
    assert (found.way, found.leads_here, found.ports) == ("here", True, ())
    assert "a.example" not in found.missing
    assert not obstacle(found)


def test_a_name_that_leads_nowhere_is_missing(fakes: Fakes, layout: Layout) -> None:
    found = seen(fakes, layout)
    assert found.way == "nowhere"
    assert "a.example" in found.missing
    assert "DNS" in str(headline(found, is_seen=False))
    assert "leads nowhere yet" in str(obstacle(found))


def test_at_home_the_router_has_to_know_the_name(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.own_addresses = (PRIVATE,)
    found = seen(fakes, layout, domain="pi.lan")
    assert found.ports == ()
    assert f"pi.lan is {PRIVATE}" in str(obstacle(found))


def answer_outside(fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch, *, serial: int) -> None:
    """Let the public address be served with this certificate, and the server itself with number 7."""

    def stream(address: str, *_: object) -> int:
        return serial if address == PUBLIC else 7

    fakes.surroundings.names = {"a.example": Lookup((PUBLIC,), is_known=True)}
    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
    monkeypatch.setattr(fakes.probe, "stream", stream)


@pytest.mark.parametrize(("serial", "way"), [(7, "here"), (8, "router")])
def test_behind_a_router_the_way_back_in_is_tried(
    fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch, serial: int, way: str
) -> None:
    fakes.sockets.own_addresses = (PRIVATE,)
    answer_outside(fakes, layout, monkeypatch, serial=serial)
    found = seen(fakes, layout)
    assert found.way == way
    assert bool(found.ports) is (way == "router")
    assert ("mobile data" in str(obstacle(found))) is (way == "router")


def test_another_machine_s_address_is_named(fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.sockets.own_addresses = ("8.8.8.8",)
    answer_outside(fakes, layout, monkeypatch, serial=8)
    found = seen(fakes, layout)
    assert found.way == "elsewhere"
    assert f"{PUBLIC}, which is not this machine (8.8.8.8)" in str(obstacle(found))


def test_without_an_answer_nothing_is_claimed(fakes: Fakes, layout: Layout) -> None:
    fakes.surroundings.names = {"a.example": Lookup()}
    found = seen(fakes, layout)
    assert found.way == "unknown"
    assert "a.example" not in found.missing
    assert "nobody can see" in str(obstacle(found))


@pytest.mark.parametrize("is_told", [True, False])
def test_who_comes_over_ipv6_alone_needs_no_forwarding_where_the_router_lets_in(
    fakes: Fakes,
    layout: Layout,
    is_told: bool,  # noqa: FBT001 a case
) -> None:
    fakes.sockets.own_addresses = (PRIVATE, SIX)
    fakes.surroundings.names = {"a.example": Lookup((SIX,), is_known=True)}
    told = f"features.calls.enabled = false\nnetwork.open_router = {str(is_told).lower()}\n"
    wanted = ApplyAnswers(answers(told, "a.example"), f'domain = "a.example"\n{told}', "/root/answers.toml")
    launch(fakes.world(), layout, wanted, Consent(wants_proof=False))
    _, there = current(fakes.world(), layout)
    assert there is not None
    found = look(fakes.world(), wanted.answers, there)
    assert found.way == "here"
    assert bool(found.ports) is not is_told
