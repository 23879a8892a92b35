"""An IPv6 address belongs into DNS only when somebody outside came in over it."""

from __future__ import annotations

import pytest
from tests.engine.conftest import end, run, validated, wish
from tests.fakes import Fakes

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.acme.outside import seen
from xmpp_wizard.engine.records.dns import records, report
from xmpp_wizard.engine.upkeep import upkeep

HOME, SIX, OTHER_SIX, MINE = "192.168.1.5", "2003:e5::5", "2003:e5::6", "93.184.216.34"
DOMAIN = "a.example"
ACME: dict[str, object] = {"certificates": {"source": "acme"}, "features": {"preset": "minimal"}}
CLOSED = Problem("connection", f"{SIX}: Timeout during connect", SIX)
DAY = 24 * 3600


@pytest.fixture
def home(fakes: Fakes, layout: Layout) -> Fakes:
    """Return a server at home, behind a router, with an IPv6 address of its own."""
    fakes.sockets.own_addresses = (HOME, SIX, OTHER_SIX)
    fakes.resolver.put(DOMAIN, "A", MINE)
    assert end(run(fakes, layout, wish(**ACME))).exit_status == 0
    return fakes


def published(fakes: Fakes, layout: Layout, **answers: object) -> set[str]:
    """Return the IPv6 addresses that belong into DNS."""
    found = records(fakes.world(), layout, validated({"domain": DOMAIN, **ACME, **answers}))
    return {record.value for record in found if record.kind == "AAAA"}


def looks(fakes: Fakes) -> int:
    return sum(names == (SIX,) for _, names, _, _ in fakes.acme.orders)


def test_what_nobody_has_tried_is_not_published(home: Fakes, layout: Layout) -> None:
    assert published(home, layout) == set()


def test_what_answered_from_outside_is_published(home: Fakes, layout: Layout) -> None:
    upkeep(home.world(), layout)
    assert looks(home) == 1
    assert seen(home.world(), layout).view == "open"
    assert published(home, layout) == {SIX}
    home.clock.sleep(DAY)
    upkeep(home.world(), layout)
    assert looks(home) == 1, "not every day"
    assert all("staging" in url for url, names, _, _ in home.acme.orders if names == (SIX,))


def test_what_does_not_answer_is_not_published_and_tried_again(home: Fakes, layout: Layout) -> None:
    home.acme.failing[SIX] = CLOSED
    upkeep(home.world(), layout)
    assert seen(home.world(), layout).view == "closed"
    assert published(home, layout) == set()
    home.acme.failing.clear()
    home.clock.sleep(DAY + 3600)
    upkeep(home.world(), layout)
    assert published(home, layout) == {SIX}


def test_what_answered_once_and_no_longer_does_goes(home: Fakes, layout: Layout) -> None:
    upkeep(home.world(), layout)
    home.acme.failing[SIX] = CLOSED
    home.clock.sleep(8 * DAY)
    upkeep(home.world(), layout)
    assert published(home, layout) == set()


@pytest.mark.parametrize("kind", ["rejectedIdentifier", "unsupportedIdentifier", "rateLimited", "serverInternal"])
def test_an_authority_that_does_not_look_says_nothing(home: Fakes, layout: Layout, kind: str) -> None:
    home.acme.failing[SIX] = Problem(kind, "no", SIX)
    upkeep(home.world(), layout)
    assert seen(home.world(), layout).view == ""
    assert published(home, layout) == set()


def test_a_new_address_is_tried_at_once_and_the_old_proof_is_no_proof(home: Fakes, layout: Layout) -> None:
    upkeep(home.world(), layout)
    home.sockets.own_addresses = (HOME, OTHER_SIX)
    assert published(home, layout) == set()
    home.clock.sleep(3600)
    upkeep(home.world(), layout)
    assert published(home, layout) == {OTHER_SIX}


def test_who_chooses_an_address_is_believed(home: Fakes, layout: Layout) -> None:
    assert published(home, layout, network={"public_addresses": (SIX,)}) == {SIX}


def test_on_the_internet_itself_it_is_published_until_it_does_not_answer(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.own_addresses = (MINE, SIX)
    assert end(run(fakes, layout, wish(**ACME))).exit_status == 0
    assert published(fakes, layout) == {SIX}
    fakes.acme.failing[SIX] = CLOSED
    upkeep(fakes.world(), layout)
    assert published(fakes, layout) == set()


def test_a_record_that_leads_there_all_the_same_is_told_of(home: Fakes, layout: Layout) -> None:
    home.resolver.put(DOMAIN, "AAAA", SIX)
    answers = validated({"domain": DOMAIN, **ACME})
    (found,) = [item for item in report(home.world(), layout, answers).findings if item.key == "ipv6-unproven"]
    assert (found.level, SIX in str(found.text)) == ("todo", True)
    upkeep(home.world(), layout)
    assert [item for item in report(home.world(), layout, answers).findings if item.key == "ipv6-unproven"] == []
