"""Texts in DNS for a while: set all at once, seen on every server, always cleared."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes

from xmpp_wizard.core.acme.advice import explain
from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.errors import DnsProviderError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.dns.made import all_made
from xmpp_wizard.engine.dns.texts import texts

D = "fam.example"
ACCOUNT = DnsAccount("desec", secret_file="/root/token")
NAME = f"_acme-challenge.{D}"


@pytest.fixture
def fakes() -> Fakes:
    fakes = Fakes()
    fakes.files.put("/root/token", "right\n")
    fakes.resolver.zone(D, ns1="192.0.2.1", ns2="192.0.2.2")
    return fakes


def test_all_are_there_within_and_gone_after(fakes: Fakes) -> None:
    before = dict(fakes.resolver.records)
    values = {NAME: ("one", "two"), f"_acme-challenge.groups.{D}": ("three",)}
    with texts(fakes.world(), Layout(), ACCOUNT, values, ()):
        assert fakes.resolver.records[NAME, "TXT"] == ("one", "two")
        assert fakes.resolver.records[f"_acme-challenge.groups.{D}", "TXT"] == ("three",)
        assert len(fakes.dns_providers.changes) == 1
    assert fakes.resolver.records == before
    assert not all_made(fakes.world(), Layout())


def test_every_server_is_waited_for(fakes: Fakes) -> None:
    fakes.resolver.said["192.0.2.2", NAME, "TXT"] = ()
    slept = 0.0

    def catch_up(seconds: float) -> None:
        nonlocal slept
        slept += seconds
        if slept > 3:
            fakes.resolver.said.clear()

    fakes.clock.sleep = catch_up  # type: ignore[method-assign]  # the other server follows after a while
    with texts(fakes.world(), Layout(), ACCOUNT, {NAME: ("one",)}, ()):
        assert slept > 3


def test_a_dead_server_is_not_waited_for(fakes: Fakes) -> None:
    fakes.resolver.states["192.0.2.2", D] = "TIMEOUT"
    with texts(fakes.world(), Layout(), ACCOUNT, {NAME: ("one",)}, ()):
        assert not fakes.clock.slept


def test_an_alias_is_followed_into_another_zone(fakes: Fakes) -> None:
    fakes.resolver.zone("proofs.example", ns1="192.0.2.3")
    fakes.resolver.put(NAME, "CNAME", "fam.proofs.example.")
    with texts(fakes.world(), Layout(), ACCOUNT, {NAME: ("one",)}, ()):
        assert fakes.resolver.records["fam.proofs.example", "TXT"] == ("one",)
        assert fakes.dns_providers.changes[0].zone == "proofs.example"


def test_a_failure_inside_clears_too(fakes: Fakes) -> None:
    with pytest.raises(ZeroDivisionError), texts(fakes.world(), Layout(), ACCOUNT, {NAME: ("one",)}, ()):
        raise ZeroDivisionError
    assert (NAME, "TXT") not in fakes.resolver.records


def test_what_is_refused_half_way_leaves_nothing(fakes: Fakes) -> None:
    fakes.dns_providers.most = 1
    with (
        pytest.raises(DnsProviderError, match="cut"),
        texts(fakes.world(), Layout(), ACCOUNT, {NAME: ("one", "two", "three")}, ()),
    ):
        pytest.fail("not published, and yet the block runs")
    # clearing was cut off as well: it is still known and goes next time
    fakes.dns_providers.most = -1
    with texts(fakes.world(), Layout(), ACCOUNT, {NAME: ("four",)}, ()):
        assert fakes.resolver.records[NAME, "TXT"] == ("four",)
    assert (NAME, "TXT") not in fakes.resolver.records


def test_who_says_yes_and_does_nothing_is_found_out(fakes: Fakes) -> None:
    fakes.dns_providers.is_liar = True
    with (
        pytest.raises(DnsProviderError, match="name servers do not have it") as raised,
        texts(fakes.world(), Layout(), ACCOUNT, {NAME: ("one",)}, ()),
    ):
        pytest.fail("not published, and yet the block runs")
    assert "may the key or token change it" in str(raised.value.hint)


@pytest.mark.parametrize("content", ["", "\n"])
def test_a_token_that_is_not_there(fakes: Fakes, content: str) -> None:
    fakes.files.put("/root/token", content)
    with (
        pytest.raises(DnsProviderError, match="holds no secret: it is empty"),
        texts(fakes.world(), Layout(), ACCOUNT, {NAME: ("one",)}, ()),
    ):
        pytest.fail("without a token")


def test_a_wrong_token(fakes: Fakes) -> None:
    fakes.files.put("/root/token", "wrong")
    with (
        pytest.raises(DnsProviderError, match="another secret"),
        texts(fakes.world(), Layout(), ACCOUNT, {NAME: ("one",)}, ()),
    ):
        pytest.fail("without the right token")


def test_a_name_that_leads_nowhere_we_may_write_keeps_no_other_back(fakes: Fakes) -> None:
    fakes.resolver.zone("proofs.example", ns1="192.0.2.3")
    fakes.resolver.put(NAME, "CNAME", "fam.proofs.example.")
    account = DnsAccount("desec", zone="proofs.example", secret_file="/root/token")
    values = {NAME: ("one",), f"_acme-challenge.groups.{D}": ("two",)}
    with texts(fakes.world(), Layout(), account, values, ()) as strayed:
        assert set(strayed) == {f"_acme-challenge.groups.{D}"}
        assert fakes.resolver.records["fam.proofs.example", "TXT"] == ("one",)
        assert [change.zone for change in fakes.dns_providers.changes] == ["proofs.example"]
    problem = strayed[f"_acme-challenge.groups.{D}"]
    assert "CNAME" in str(explain(problem)[0].do)
