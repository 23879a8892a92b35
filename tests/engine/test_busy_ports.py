"""A port that another program has, and the ways out that work."""

from __future__ import annotations

import pytest
from tests.engine.conftest import validated
from tests.fakes import Fakes

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.engine.busy_ports import BusyPort, busy_port
from xmpp_wizard.engine.setup import ApplyAnswers, Prepared, prepare

TEXT = 'domain = "a.example"\n'


def prepared(fakes: Fakes, layout: Layout, *listening: Listener) -> Prepared:
    fakes.sockets.listening = listening
    return prepare(fakes.world(), layout, ApplyAnswers(validated({"domain": "a.example"}), TEXT, "/root/a.toml"))


def found(fakes: Fakes, layout: Layout, *listening: Listener) -> BusyPort:
    busy = busy_port(prepared(fakes, layout, *listening), Draft(TEXT), listening[0].port)
    assert busy is not None
    return busy


def test_the_owner_the_answer_and_another_port_are_known(fakes: Fakes, layout: Layout) -> None:
    busy = found(fakes, layout, Listener("", 443, "tcp", "nginx", 812), Listener("", 8443, "tcp", "other", 813))
    assert (busy.number, str(busy.owned_by), busy.command) == (443, "nginx (process 812)", "systemctl stop nginx")
    assert busy.key == ("network", "https_port")
    assert busy.other == 8444, "8443 is taken, too"
    assert busy.addresses == ()


@pytest.mark.parametrize(
    ("owner", "command"),
    [
        (Listener("", 443, "tcp", "x", 5, "abcdef0123456789"), "docker stop abcdef012345"),
        (Listener("", 443, "tcp", "", 5), "kill 5"),
    ],
)
def test_how_to_stop_it(fakes: Fakes, layout: Layout, owner: Listener, command: str) -> None:
    assert found(fakes, layout, owner).command == command


def test_an_address_where_all_is_free_is_a_way_out(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.own_addresses = ("192.0.2.10", "192.0.2.11")
    busy = found(fakes, layout, Listener("192.0.2.10", 443, "tcp", "nginx", 812))
    assert busy.addresses == ("192.0.2.11",)


def test_what_became_free_is_busy_no_more(fakes: Fakes, layout: Layout) -> None:
    assert busy_port(prepared(fakes, layout), Draft(TEXT), 443) is None
