"""Looking round: each check by itself, told as it ends, never waited for."""

from __future__ import annotations

import time

import pytest
from tests.engine.conftest import TEMPLATES, validated
from tests.fakes import Fakes

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.network.router import Holder
from xmpp_wizard.core.surroundings import Disk, Lookup
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking.detect import (
    Finding,
    domain_checks,
    host_checks,
    leads_here,
    line_checks,
    public_ports,
    run,
)
from xmpp_wizard.engine.asking.session import Entry, Session, first_session
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.plan_page.rows import rows
from xmpp_wizard.engine.setup import ApplyAnswers, prepare

PORTS = (443, 5222)


def found(fakes: Fakes, layout: Layout, domain: str = "a.example", **answers: object) -> dict[str, Finding]:
    """Return all findings by their id."""
    told: list[Finding] = []
    given = validated({"domain": domain, **answers})
    run({**host_checks(fakes.world(), layout, PORTS), **domain_checks(fakes.world(), given)}, told.append)
    return {finding.id: finding for finding in told}


def test_a_clean_machine_is_all_ok(fakes: Fakes, layout: Layout) -> None:
    fakes.surroundings.names = {
        name: Lookup(("192.0.2.10",), is_known=True) for name in ("a.example", "groups.a.example", "share.a.example")
    }
    told = found(fakes, layout)
    assert {name: (finding.word, str(finding.text)) for name, finding in told.items()} == {
        "machine": ("ok", "Raspberry Pi 4, 4 GB, Debian 13"),
        "ports": ("ok", "ports 443 5222 free"),
        "disk": ("ok", "SD card, 24 of 32 GB free"),
        "earlier": ("ok", "no earlier set-up"),
        "network": ("ok", "clock right, internet reached"),
        "domain": ("ok", "a.example leads to this machine"),
        "names": ("ok", "all 2 names of services are in DNS"),
    }
    assert leads_here(fakes.world(), validated({"domain": "a.example"}))


@pytest.mark.parametrize(
    ("lookup", "word", "start"),
    [
        (Lookup((), is_known=False), "!", "a.example has no DNS at all"),
        (Lookup(), "todo", "DNS does not answer"),
        (Lookup((), is_known=True), "todo", "a.example has no address in DNS yet"),
        (Lookup(("203.0.113.24",), is_known=True), "todo", "a.example leads to 203.0.113.24"),
    ],
)
def test_what_the_domain_leads_to(fakes: Fakes, layout: Layout, lookup: Lookup, word: str, start: str) -> None:
    fakes.surroundings.names = {"a.example": lookup}
    told = found(fakes, layout)
    assert told["domain"].word == word
    assert str(told["domain"].text).startswith(start)
    assert str(told["names"].text).startswith("2 more names need a DNS record.")
    assert not leads_here(fakes.world(), validated({"domain": "a.example"}))


def test_the_owner_of_a_port_is_named(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.listening = (
        Listener("127.0.0.1", 5222, "tcp", "local", 7),
        Listener("", 443, "tcp", "nginx", 812),
    )
    told = found(fakes, layout)["ports"]
    assert (told.word, str(told.text)) == ("!", "443  nginx (pid 812)")


@pytest.mark.parametrize(
    ("address", "listen", "is_taken"),
    [
        ("127.0.0.1", (), True),
        ("192.0.2.10", (), True),
        ("", ("127.0.0.5",), True),
        ("127.0.0.5", ("127.0.0.5",), True),
        ("127.0.0.1", ("127.0.0.5",), False),
    ],
)
def test_a_port_is_taken_for_the_first_look_as_it_is_for_the_plan(
    fakes: Fakes, layout: Layout, address: str, listen: tuple[str, ...], *, is_taken: bool
) -> None:
    fakes.sockets.listening = (Listener(address, 443, "tcp", "dev", 7),)
    answers = validated({"domain": "a.example", "network": {"listen": list(listen)}})
    check = host_checks(fakes.world(), layout, PORTS, listen)["ports"]
    assert (check().word == "!") is is_taken
    prepared = prepare(fakes.world(), layout, ApplyAnswers(answers, 'domain = "a.example"\n', "answers.toml"))
    assert (443 in {item.port for item in prepared.plan.obstacles}) is is_taken


def test_troubles_of_the_machine(fakes: Fakes, layout: Layout) -> None:
    fakes.surroundings.is_online = False
    fakes.surroundings.disk_facts = Disk("hard disk", 8 * 1024**3, 1024**3)
    told = found(fakes, layout)
    assert told["network"].word == told["disk"].word == "!"
    fakes.surroundings.is_online, fakes.surroundings.is_set = True, False
    assert str(found(fakes, layout)["network"].text) == "nobody keeps the clock right"


def test_a_check_without_an_answer_is_given_up(fakes: Fakes, layout: Layout) -> None:
    fakes.surroundings.silent = {"a.example"}
    told: list[Finding] = []
    began = time.monotonic()
    checks = {
        **host_checks(fakes.world(), layout, PORTS),
        **domain_checks(fakes.world(), validated({"domain": "a.example"})),
    }
    run(checks, told.append, 0.3)
    assert time.monotonic() - began < 2
    assert {finding.id: str(finding.text) for finding in told}["domain"] == "DNS of the domain: no answer within 0 s"
    fakes.surroundings.released.set()


def test_a_check_that_fails_is_a_finding(fakes: Fakes, layout: Layout) -> None:
    fakes.surroundings.fail_at["machine"] = EngineError(say("it is broken"), say("mend it"))
    told = found(fakes, layout)["machine"]
    assert (told.word, str(told.text), str(told.hint)) == ("!", "it is broken", "mend it")


def test_a_name_for_home_need_not_be_in_dns(fakes: Fakes, layout: Layout) -> None:
    assert is_at_home("pi.lan")
    assert not is_at_home("lan.example")
    told = found(fakes, layout, "pi.lan")
    assert str(told["domain"].text) == "your router or DNS must lead pi.lan to this machine"


def test_chosen_resolvers_are_asked(fakes: Fakes, layout: Layout) -> None:
    found(fakes, layout, network={"resolvers": ("127.0.0.1@5353",)})
    assert "lookup a.example 127.0.0.1@5353" in fakes.surroundings.calls


def test_public_ports_follow_the_answers() -> None:
    assert public_ports(validated({"domain": "a.example"})) == (443, 5000, 5222, 5223, 5269, 5270)


HOME = ("192.168.1.5",)
MINE = "93.184.216.34"


def line(fakes: Fakes, domain: str = "a.example", **answers: object) -> Finding | None:
    """Return what is found of the way to the internet."""
    told: list[Finding] = []
    run(line_checks(fakes.world(), validated({"domain": domain, **answers})), told.append)
    return next((found for found in told if found.id == "line"), None)


@pytest.mark.parametrize(
    ("own", "wan", "word", "words"),
    [
        ((MINE,), "", "ok", "has the public address"),
        (HOME, MINE, "todo", "your router has the public address"),
        (HOME, "10.0.0.7", "!", "behind another one"),
        (HOME, "100.64.0.7", "!", "CGNAT"),
    ],
)
def test_who_stands_in_between_is_told_before_anything_is_built(
    fakes: Fakes, own: tuple[str, ...], wan: str, word: str, words: str
) -> None:
    fakes.sockets.own_addresses, fakes.line.wan, fakes.line.seen = own, wan, MINE
    found = line(fakes)
    assert found is not None
    assert (found.word, words in str(found.text)) == (word, True)


def test_at_home_nobody_outside_is_asked(fakes: Fakes) -> None:
    assert line(fakes, "chat.lan") is None
    assert line(fakes, network={"listen": ("127.0.0.9",)}) is None


def test_where_there_is_no_way_in_the_plan_says_so(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.own_addresses, fakes.line.wan = HOME, "100.64.0.7"
    fakes.appliance.texts = dict(TEMPLATES)
    found = line(fakes)
    assert found is not None
    session = first_session(fakes.world(), layout, {}).with_entry(Entry("alice", "a.example"))
    prepared = prepare(fakes.world(), layout, session.request())
    (row, home, relay) = [row for row in rows(session, prepared, {"line": found}) if row.opens == "way"]
    assert (row.mark, "CGNAT" in str(row.value)) == ("!", True)
    assert "whatever you forward" in str(row.why)
    assert (home.id, relay.id) == ("way-home", "way-relay")
    (other,) = [row for row in rows(session, prepared, {}) if row.id == "router"]
    assert str(other.value).startswith("forward 443 ")


def test_where_only_ipv6_leads_in_that_is_offered_with_who_cannot_come(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.own_addresses, fakes.line.wan = (*HOME, "fe80::5", "2003:e5::5"), "100.64.0.7"
    fakes.appliance.texts = dict(TEMPLATES)
    found = line(fakes)
    assert found is not None
    assert found.fact == "ipv6 only"
    session = first_session(fakes.world(), layout, {}).with_entry(Entry("alice", "a.example"))
    shown = rows(session, prepare(fakes.world(), layout, session.request()), {"line": found})
    (way,) = [row for row in shown if row.id == "way-ipv6"]
    assert "2003:e5::5" in str(way.value)
    assert "has no IPv6 cannot reach you" in str(way.why)
    chosen = session.with_draft(session.draft.with_change(("network", "public_addresses"), ["2003:e5::5"]))
    shown = rows(chosen, prepare(fakes.world(), layout, chosen.request()), {"line": found})
    assert [row.id for row in shown if row.opens in ("router", "way")] == ["way-ipv6"]


def router(fakes: Fakes) -> Finding | None:
    """Return what is found of the router."""
    told: list[Finding] = []
    run(line_checks(fakes.world(), validated({"domain": "a.example"})), told.append)
    return next((found for found in told if found.id == "router"), None)


def test_a_router_that_can_be_told_is_offered_and_then_told(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.own_addresses, fakes.line.wan, fakes.line.seen = HOME, MINE, MINE
    fakes.router.language = "UPnP"
    fakes.appliance.texts = dict(TEMPLATES)
    found = router(fakes)
    assert found is not None
    assert found.word == "ok"
    session = first_session(fakes.world(), layout, {}, ('features.preset="minimal"',))
    session = session.with_entry(Entry("alice", "a.example"))
    (row,) = rows_of_router(fakes, layout, session, {"router": found})
    assert (row.mark, row.opens) == ("!", "order")
    yes = session.with_draft(session.draft.with_change(("network", "open_router"), True))  # noqa: FBT003 an answer
    (row,) = rows_of_router(fakes, layout, yes, {"router": found})
    assert (row.mark, str(row.value)) == ("", "is told to forward 5222 5223 5269 5270 to 192.168.1.5")
    fakes.router.table[Door(5222)] = Holder("192.168.1.9", "a console")
    (row,) = rows_of_router(fakes, layout, yes, {"router": found})
    assert (row.mark, str(row.value)) == ("!", "leads 5222/tcp to another machine, 192.168.1.9")


def rows_of_router(fakes: Fakes, layout: Layout, session: Session, findings: dict[str, Finding]) -> tuple[PlanRow, ...]:
    prepared = prepare(fakes.world(), layout, session.request())
    return tuple(row for row in rows(session, prepared, findings) if row.id == "router")


def test_a_machine_with_its_own_public_address_has_no_router_to_be_told(fakes: Fakes) -> None:
    fakes.sockets.own_addresses = (MINE,)
    assert router(fakes) is None
    assert fakes.router.calls == []


def test_what_stands_in_the_way_in_dns_is_told_with_what_to_do(fakes: Fakes, layout: Layout) -> None:
    names = ("a.example", "groups.a.example", "share.a.example")
    fakes.surroundings.names = {name: Lookup(("192.0.2.10",), is_known=True) for name in names}
    fakes.resolver.zone("a.example", ns1="192.0.2.1")
    fakes.resolver.put("a.example", "CAA", '0 issue "other.example"')
    told = found(fakes, layout, certificates={"source": "acme"})["names"]
    assert told.word == "!"
    assert str(told.text) == "the CAA records of a.example allow other.example, not letsencrypt.org"
    assert "add CAA a.example" in str(told.hint)


def test_with_a_website_elsewhere_the_machines_own_name_counts(fakes: Fakes, layout: Layout) -> None:
    fakes.surroundings.names = {
        "a.example": Lookup(("203.0.113.24",), is_known=True),
        "xmpp.a.example": Lookup(("192.0.2.10",), is_known=True),
    }
    told = found(fakes, layout, network={"host": "xmpp.a.example"})["domain"]
    assert (told.word, str(told.text)) == ("ok", "xmpp.a.example leads to this machine")
    assert leads_here(fakes.world(), validated({"domain": "a.example", "network": {"host": "xmpp.a.example"}}))
