"""The firewall over a server's life: opened after a yes, taken back with the generation, gone after an uninstall."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from tests.engine.conftest import end, run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.setup import GoBack, Renew
from xmpp_wizard.engine.status import status
from xmpp_wizard.engine.uninstall import uninstall

YES = {"network": {"open_firewall": True}}
NEEDED = {Door(port) for port in (443, 5000, 5222, 5223, 5269, 5270)}
NAME = "xmpp-wizard"


@pytest.fixture
def walled(fakes: Fakes) -> Fakes:
    """Return a host with a firewall that lets in the web and ssh."""
    fakes.firewall.kind = "ufw"
    fakes.firewall.allowed = {Door(22), Door(443)}
    return fakes


def test_without_a_yes_nothing_is_opened_and_status_tells(walled: Fakes, layout: Layout) -> None:
    run(walled, layout, wish())
    assert walled.firewall.opened == {}
    found = status(walled.world(), layout).firewall
    assert found is not None
    assert set(found.closed) == NEEDED - {Door(443)}


def test_exactly_what_is_closed_and_needed_is_opened(walled: Fakes, layout: Layout) -> None:
    run(walled, layout, wish(**YES))
    assert walled.firewall.opened == {NAME: NEEDED - {Door(443)}}
    assert "nothing to do" in str(end(run(walled, layout, wish(**YES))).text)


def test_another_feature_another_door(walled: Fakes, layout: Layout) -> None:
    run(walled, layout, wish(**YES))
    run(walled, layout, wish(features={"federation": {"mode": "off"}}, **YES))
    assert walled.firewall.opened == {NAME: {Door(5000), Door(5222), Door(5223)}}


def test_going_back_closes_them_again(walled: Fakes, layout: Layout) -> None:
    run(walled, layout, wish())
    run(walled, layout, wish(**YES))
    assert end(run(walled, layout, GoBack())).exit_status == 0
    assert walled.firewall.opened == {NAME: set()}


def test_a_renewal_leaves_the_firewall_alone(walled: Fakes, layout: Layout) -> None:
    run(walled, layout, wish(**YES))
    walled.firewall.opened.clear()
    run(walled, layout, Renew(force=True))
    assert walled.firewall.opened == {}


def test_an_uninstall_closes_them_and_no_other_server_s(walled: Fakes, layout: Layout) -> None:
    run(walled, layout, wish(**YES))
    walled.firewall.opened["xmpp-wizard-second"] = {Door(6222)}
    lines: list[str] = []
    uninstall(walled.world(), layout, delete_data=False, report=lambda line: lines.append(str(line)))
    assert walled.firewall.opened == {NAME: set(), "xmpp-wizard-second": {Door(6222)}}
    assert "closed 5000/tcp, 5222/tcp, 5223/tcp, 5269/tcp, 5270/tcp in the firewall again" in lines


def test_a_trial_in_a_folder_of_its_own_touches_no_firewall(walled: Fakes) -> None:
    trial = Layout(PurePosixPath("/srv/trial"))
    run(walled, trial, wish(**YES))
    assert walled.firewall.calls == []
    assert status(walled.world(), trial).firewall is None


def test_a_firewall_that_does_not_answer_hinders_only_who_wants_it_opened(walled: Fakes, layout: Layout) -> None:
    walled.firewall.fail_at["observe"] = EffectError(say("nft: Operation not permitted"))
    assert end(run(walled, layout, wish())).exit_status == 0
    assert status(walled.world(), layout).firewall is None
    ended = end(run(walled, layout, wish(**YES)))
    assert (ended.exit_status, str(ended.text)) == (3, "nft: Operation not permitted")


def test_a_renewal_does_not_ask_it(walled: Fakes, layout: Layout) -> None:
    run(walled, layout, wish(**YES))
    walled.firewall.calls.clear()
    run(walled, layout, Renew(force=True, is_unattended=True))
    assert walled.firewall.calls == []
