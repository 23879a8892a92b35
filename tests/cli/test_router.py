"""``xmpp-wizard router``: what a neighbour reads who has to set a router."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Cli

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Holder, Language
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.engine.acme.outside import Seen, remember

MINE = "93.184.216.34"


FAMILY = 'domain = "a.example"\n'
MINIMAL = FAMILY + '[features]\npreset = "minimal"\n'
LOOPBACK = '[network]\nlisten = ["127.0.0.9"]\n'


def behind_a_router(cli: Cli, wan: str, answers: str = FAMILY) -> None:
    cli.set_up(answers)
    cli.fakes.sockets.own_addresses = ("192.168.1.5", "172.17.0.1")
    cli.fakes.line.wan, cli.fakes.line.seen = wan, MINE


def test_the_ports_to_forward_are_listed(cli: Cli) -> None:
    behind_a_router(cli, MINE)
    assert cli.run("router") == 0
    lines = cli.out.splitlines()
    assert lines[0] == f"your router has the public address {MINE}"
    assert "http://192.168.1.1" in lines[1]
    assert "  5222/tcp   to 192.168.1.5:5222         apps" in lines
    assert "  49152-49251/udp to 192.168.1.5:49152-49251  voices and pictures" in lines
    calls = ["3478/tcp", "3478/udp"], ["5349/tcp", "49152-49251/udp"]
    people = ["5000/tcp", "5222/tcp", "5223/tcp", "5269/tcp", "5270/tcp"]
    assert [line.split()[0] for line in lines[2:]] == ["443/tcp", *calls[0], *people, *calls[1]]


def test_where_there_is_no_way_in_nothing_is_to_be_forwarded(cli: Cli) -> None:
    behind_a_router(cli, "100.64.1.2")
    assert cli.run("router") == 3
    assert "CGNAT" in cli.out
    assert "5222" not in cli.out


def test_where_nobody_answers_there_is_something_to_look_at(cli: Cli) -> None:
    behind_a_router(cli, "")
    cli.fakes.line.seen = ""
    cli.run("router")
    assert "Is this machine online?" in cli.out


def test_scripts_get_everything(cli: Cli) -> None:
    behind_a_router(cli, "10.0.0.7")
    found = cli.json("router")
    assert (found["verdict"]["kind"], found["verdict"]["public"]) == ("two routers", MINE)
    assert ["5222/tcp", "192.168.1.5:5222", "apps"] in found["forward"]


def test_without_a_server_nobody_knows_the_ports(cli: Cli) -> None:
    assert cli.run("router") == 5


HERE, NEIGHBOUR = "192.168.1.5", "192.168.1.9"
NEEDED = {Door(port) for port in (5222, 5223, 5269, 5270)}


def takes_orders(cli: Cli, language: Language = "UPnP") -> None:
    behind_a_router(cli, MINE, MINIMAL)
    cli.fakes.router.language = language


def test_a_router_that_can_be_told_is_told_after_a_yes(cli: Cli) -> None:
    takes_orders(cli)
    assert cli.run("router") == 0
    assert "The router can be told to do so (UPnP): sudo xmpp-wizard router map" in cli.out
    assert cli.run("router", "map") == 5
    assert cli.fakes.router.table == {}
    assert cli.run("router", "map", "--dry-run") == 0
    assert "Let the router forward" in cli.err
    assert cli.fakes.router.table == {}
    assert cli.run("router", "map", "--yes", "--no-proof") == 0, cli.err
    assert cli.fakes.router.table == dict.fromkeys(NEEDED, Holder(HERE, "xmpp-wizard"))
    assert cli.run("router") == 0
    assert cli.out.count("(forwarded)") == len(NEEDED)
    assert "router map" not in cli.out


def test_what_was_told_is_taken_back(cli: Cli) -> None:
    takes_orders(cli, "PCP")
    cli.run("router", "map", "--yes", "--no-proof")
    assert cli.run("status") == 0
    assert "forwards 5222/tcp, 5223/tcp" in cli.out
    assert cli.run("router", "unmap", "--yes", "--no-proof") == 0, cli.err
    assert cli.fakes.router.table == {}
    assert cli.run("status") == 0
    assert "forwards" not in cli.out


def test_a_port_that_leads_to_another_machine_is_named(cli: Cli) -> None:
    takes_orders(cli)
    cli.fakes.router.table[Door(5222)] = Holder(NEIGHBOUR, "a console")
    assert cli.run("router", "map", "--yes", "--no-proof") == 3, cli.err
    assert f"leads to {NEIGHBOUR}!" in cli.out
    assert f"the router leads 5222/tcp to another machine, {NEIGHBOUR}" in " ".join(cli.err.split())
    assert Door(5269) in cli.fakes.router.table, "the others are forwarded"
    assert cli.run("plan") == 0
    assert f"Router: leads 5222/tcp to another machine, {NEIGHBOUR}" in cli.out


def test_a_router_that_refuses_is_told_of(cli: Cli) -> None:
    takes_orders(cli)
    cli.fakes.router.forbids = {Door(5222)}
    assert cli.run("router", "map", "--yes", "--no-proof") == 3
    assert "takes no orders from this machine for 5222/tcp" in cli.err
    assert "let this device open ports by itself" in " ".join(cli.err.split())
    assert cli.run("status") == 0
    assert "takes no orders" in cli.out


@pytest.mark.parametrize(("wan", "language"), [(MINE, ""), ("100.64.1.2", "UPnP")])
def test_where_nothing_can_be_told_nothing_is_changed(cli: Cli, wan: str, language: Language) -> None:
    behind_a_router(cli, wan)
    cli.fakes.router.language = language
    assert cli.run("router", "map", "--yes") == 5
    assert cli.fakes.router.table == {}


def test_a_name_that_does_not_lead_back_inside_is_told_of(cli: Cli) -> None:
    takes_orders(cli)
    cli.fakes.surroundings.names["a.example"] = Lookup((MINE,), is_known=True)
    cli.run("router", "map", "--yes", "--no-proof")
    assert cli.run("router") == 0
    assert f"a.example ({MINE}) does not lead back" not in cli.out, "the fake probe gets in everywhere"
    cli.fakes.probe.closed_addresses = (MINE,)
    assert cli.run("router") == 0
    assert f"a.example ({MINE}) does not lead back to this machine" in " ".join(cli.out.split())
    assert f"a.example is {HERE}" in " ".join(cli.out.split())
    assert cli.run("status") == 0
    assert "does not lead back" in " ".join(cli.out.split())


def test_a_relay_is_prepared_for_this_server_s_ports(cli: Cli) -> None:
    behind_a_router(cli, "100.64.1.2")
    assert cli.run("router", "relay", "93.184.216.99") == 0, cli.err
    relay = cli.fakes.files.read("/root/xmpp-relay-server.conf")
    assert relay is not None
    assert b"tcp dport { 443, 3478, 5000, 5222, 5223, 5269, 5270, 5349 }" in relay
    assert b"udp dport { 3478, 49152-49251 }" in relay
    home = cli.fakes.files.read("/root/xmpp-relay-home.conf")
    assert "sudo scp /root/xmpp-relay-server.conf root@93.184.216.99:" in cli.out
    assert 'network.public_addresses=["93.184.216.99"]' in cli.out
    assert cli.run("router", "relay", "93.184.216.99") == 0
    assert cli.fakes.files.read("/root/xmpp-relay-home.conf") == home, "the keys stay"
    assert cli.run("apply", "--set", 'network.public_addresses=["93.184.216.99"]', "--yes", "--no-proof") == 0
    assert cli.run("router") == 0
    assert "people come in at 93.184.216.99" in cli.out


def test_a_relay_is_added_to_the_addresses_that_the_server_listens_on(cli: Cli) -> None:
    cli.set_up(FAMILY + LOOPBACK)
    assert cli.run("router", "relay", "93.184.216.99") == 0, cli.err
    (line,) = (line for line in cli.out.splitlines() if "network.listen" in line)
    assert line.strip() == """sudo xmpp-wizard apply --set 'network.listen=["127.0.0.9", "10.52.22.2"]'"""


@pytest.mark.parametrize("address", ["192.168.1.7", "2001:db8::1", "relay.example"])
def test_a_relay_has_a_public_address(cli: Cli, address: str) -> None:
    behind_a_router(cli, "100.64.1.2")
    assert cli.run("router", "relay", address) == 4
    assert cli.fakes.files.read("/root/xmpp-relay-home.conf") is None


ACME = MINIMAL + '[certificates]\nsource = "acme"\n'


@pytest.mark.parametrize(("is_closed", "status"), [(False, 0), (True, 3)])
def test_somebody_outside_is_asked_to_come_in(cli: Cli, is_closed: bool, status: int) -> None:  # noqa: FBT001 a case
    cli.set_up(ACME)
    cli.fakes.sockets.own_addresses = (HERE,)
    cli.fakes.line.wan = cli.fakes.line.seen = MINE
    cli.fakes.router.language = "UPnP"
    if is_closed:
        cli.fakes.acme.failing[MINE] = Problem("connection", "Timeout", MINE)
    assert cli.run("router", "map", "--yes", "--no-proof") == status, cli.err
    assert Door(80) in cli.fakes.router.table
    told = "nobody outside came in on port 80" if is_closed else "Somebody outside came in on port 80"
    assert told in " ".join(cli.err.split())


def test_what_was_seen_of_ipv6_is_told(cli: Cli) -> None:
    behind_a_router(cli, MINE)
    cli.fakes.sockets.own_addresses = (HERE, "2003:e5::5")
    cli.run("router")
    assert "DNS has it only once somebody outside came in over it" in " ".join(cli.out.split())
    remember(cli.fakes.world(), Layout(), Seen("2003:e5::5", "closed", 1.0))
    cli.run("router")
    assert "nobody outside gets in at 2003:e5::5" in " ".join(cli.out.split())


def test_a_range_is_left_to_the_person(cli: Cli) -> None:
    behind_a_router(cli, MINE)
    cli.fakes.router.language = "UPnP"
    assert cli.run("router", "map", "--yes", "--no-proof") == 0, cli.err
    assert Door(3478, "udp") in cli.fakes.router.table
    assert not any(door.last for door in cli.fakes.router.table)
    assert cli.run("router") == 0
    assert "Forward 49152-49251/udp by hand" in cli.out
    assert "router map" not in cli.out


@pytest.mark.parametrize(
    ("own", "answers"),
    [((MINE,), MINIMAL), ((HERE,), MINIMAL.replace("a.example", "chat.lan")), ((HERE,), MINIMAL + LOOPBACK)],
    ids=["on the internet", "at home", "for this machine alone"],
)
def test_where_no_router_is_in_between_nobody_looks_from_inside(cli: Cli, own: tuple[str, ...], answers: str) -> None:
    cli.set_up(answers)
    cli.fakes.sockets.own_addresses = own
    cli.fakes.surroundings.calls.clear()
    cli.run("status")
    assert [call for call in cli.fakes.surroundings.calls if call.startswith("lookup")] == []


SIX = "2003:e5::5"


def without_ipv4(cli: Cli, answers: str = MINIMAL, language: Language = "PCP") -> None:
    behind_a_router(cli, "0.0.0.0", answers)  # noqa: S104 what a router says that has none
    cli.fakes.sockets.own_addresses = (HERE, SIX)
    cli.fakes.line.router_6, cli.fakes.router.language_6 = "fe80::1%eth0", language


def said(text: str) -> str:
    return " ".join(text.split())


def test_on_a_line_without_ipv4_the_router_is_told_to_let_ipv6_in(cli: Cli) -> None:
    without_ipv4(cli)
    assert cli.run("router") == 0
    assert "shares one IPv4 address among many customers (CGNAT, DS-Lite)" in said(cli.out)
    assert "can be told to let people in over IPv6 (PCP): sudo xmpp-wizard router map" in said(cli.out)
    assert cli.run("router", "map", "--dry-run") == 0
    assert "Open 5222/tcp, 5223/tcp, 5269/tcp, 5270/tcp in the router for IPv6 (PCP)" in said(cli.err)
    assert "192.168.1.5:5222" not in cli.out, "over IPv4 nothing can be forwarded"
    assert cli.run("router", "map", "--yes", "--no-proof") == 0, cli.err
    assert cli.fakes.router.pinholes == {(SIX, door) for door in NEEDED}
    assert cli.fakes.router.table == {}
    assert f"The router lets people in over IPv6 at {SIX} now" in said(cli.err)
    assert cli.run("router") == 0
    assert "the router was told to let people in to 5222/tcp" in said(cli.out)
    assert "router map" not in cli.out
    assert cli.run("status") == 0
    assert f"lets people in over IPv6 at {SIX} to 5222/tcp, 5223/tcp" in said(cli.out)
    assert cli.json("status")["pinholes"]["address"] == SIX
    assert cli.run("router", "unmap", "--yes", "--no-proof") == 0
    assert cli.fakes.router.pinholes == set()


def test_a_line_without_ipv4_whose_router_refuses_ipv6_has_no_way_in_yet(cli: Cli) -> None:
    without_ipv4(cli)
    cli.fakes.router.forbids_6 = NEEDED
    assert cli.run("router", "map", "--yes", "--no-proof") == 3
    assert "takes no orders from this machine for 5222/tcp" in said(cli.err)
    cli.run("status")
    assert "takes no orders from this machine for 5222/tcp" in said(cli.out)


def test_with_a_way_in_over_ipv4_a_refusal_for_ipv6_is_a_remark(cli: Cli) -> None:
    without_ipv4(cli)
    cli.fakes.line.wan, cli.fakes.router.language, cli.fakes.router.forbids_6 = MINE, "UPnP", NEEDED
    assert cli.run("router", "map", "--yes", "--no-proof") == 0, cli.err
    assert "Over IPv6: the router takes no orders from this machine for 5222/tcp" in said(cli.err)


def test_where_ipv6_cannot_be_told_either_nothing_is_changed(cli: Cli) -> None:
    without_ipv4(cli, language="")
    assert cli.run("router", "map", "--yes") == 5
    assert "let the ports in on the router" in said(cli.err)


@pytest.mark.parametrize(("is_closed", "status"), [(False, 0), (True, 3)])
def test_somebody_outside_is_asked_to_come_in_over_ipv6(cli: Cli, is_closed: bool, status: int) -> None:  # noqa: FBT001 a case
    without_ipv4(cli, ACME)
    if is_closed:
        cli.fakes.acme.failing[SIX] = Problem("connection", "Timeout", SIX)
    assert cli.run("router", "map", "--yes", "--no-proof") == status, cli.err
    told = "nobody outside came in over IPv6" if is_closed else "Somebody outside came in over IPv6"
    assert told in said(cli.err)
    cli.run("router")
    assert ("and yet nobody outside gets in" if is_closed else "somebody outside came in at") in said(cli.out)


def test_what_works_over_ipv6_is_told_where_ipv4_fails(cli: Cli) -> None:
    """A router that hides from us that its address is shared refuses over IPv4 only."""
    without_ipv4(cli)
    cli.fakes.line.wan, cli.fakes.router.language, cli.fakes.router.forbids = MINE, "PCP", NEEDED
    assert cli.run("router", "map", "--yes", "--no-proof") == 3
    assert f"The router lets people in over IPv6 at {SIX} now" in said(cli.err)
    assert "takes no orders from this machine for 5222/tcp" in said(cli.err)


def test_a_range_is_let_in_over_ipv6_by_the_person(cli: Cli) -> None:
    without_ipv4(cli, 'domain = "a.example"\n')
    assert cli.run("router", "map", "--yes", "--no-proof") == 0, cli.err
    assert (SIX, Door(3478, "udp")) in cli.fakes.router.pinholes
    assert cli.run("router") == 0
    assert "Let 49152-49251/udp in over IPv6 by hand" in said(cli.out)


def test_where_no_server_is_there_is_nothing_to_unmap(cli: Cli) -> None:
    assert cli.run("router", "unmap", "--yes") == 5
    assert "Set one up with: xmpp-wizard apply --answers FILE" in cli.err
    cli.set_up()
    assert cli.run("uninstall", "--yes") == 0
    assert cli.run("router", "unmap", "--yes", "--no-proof") == 5, "it set the server up again"
    assert not cli.fakes.containers.containers
