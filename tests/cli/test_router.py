"""``xmpp-wizard router``: what a neighbour reads who has to set a router."""

from __future__ import annotations

from tests.cli.conftest import Cli

MINE = "93.184.216.34"


def behind_a_router(cli: Cli, wan: str) -> None:
    cli.set_up()
    cli.fakes.sockets.own_addresses = ("192.168.1.5", "172.17.0.1")
    cli.fakes.line.wan, cli.fakes.line.seen = wan, MINE


def test_the_ports_to_forward_are_listed(cli: Cli) -> None:
    behind_a_router(cli, MINE)
    assert cli.run("router") == 0
    lines = cli.out.splitlines()
    assert lines[0] == f"your router has the public address {MINE}"
    assert "http://192.168.1.1" in lines[1]
    assert "  5222/tcp   to 192.168.1.5:5222         apps" in lines
    assert [line.split()[0] for line in lines[2:]] == ["443/tcp", "5222/tcp", "5223/tcp", "5269/tcp", "5270/tcp"]


def test_where_there_is_no_way_in_nothing_is_to_be_forwarded(cli: Cli) -> None:
    behind_a_router(cli, "100.64.1.2")
    assert cli.run("router") == 3
    assert "CGNAT" in cli.out
    assert "5222" not in cli.out


def test_scripts_get_everything(cli: Cli) -> None:
    behind_a_router(cli, "10.0.0.7")
    found = cli.json("router")
    assert (found["verdict"]["kind"], found["verdict"]["public"]) == ("two routers", MINE)
    assert ["5222/tcp", "192.168.1.5:5222", "apps"] in found["forward"]


def test_without_a_server_nobody_knows_the_ports(cli: Cli) -> None:
    assert cli.run("router") == 5
