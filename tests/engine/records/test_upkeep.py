"""A line whose address changes: found out, corrected, not too often, and nothing of others touched."""

from __future__ import annotations

import pytest
from tests.engine.conftest import TEMPLATES, run
from tests.fakes import Fakes
from tests.servers import answers

from xmpp_wizard.core.dns.change import Push
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.records.dns import report
from xmpp_wizard.engine.records.memory import last_report
from xmpp_wizard.engine.records.upkeep import update_addresses
from xmpp_wizard.engine.setup import ApplyAnswers
from xmpp_wizard.engine.upkeep import Upkept, upkeep

D = "fam.example"
URL = "https://address.example"
TEXT = """
features.preset = "minimal"
[dns]
provider = "desec"
token_file = "/root/token"
follows_address = true
"""
OUTSIDE = f'{TEXT}address_url = "{URL}"\n'
LAYOUT = Layout()


@pytest.fixture
def fakes() -> Fakes:
    fakes = Fakes()
    fakes.files.put("/root/token", "right")
    fakes.files.make_folder(str(LAYOUT.state), 0o700, (0, 0))
    fakes.sockets.own_addresses = ("192.168.1.5",)
    fakes.resolver.zone(D, ns1="192.0.2.1")
    return fakes


def update(fakes: Fakes, text: str = OUTSIDE) -> Push:
    return update_addresses(fakes.world(), LAYOUT, answers(text))


def test_a_line_that_gets_another_address(fakes: Fakes) -> None:
    update(fakes)
    assert fakes.resolver.records[D, "A"] == fakes.resolver.records[f"groups.{D}", "A"] == ("9.9.9.9",)
    assert not [key for key in fakes.resolver.records if key[1] == "SRV"]
    fakes.web_pages.seen = "9.9.9.10"
    fakes.clock.sleep(300)
    assert update(fakes)
    assert fakes.resolver.records[D, "A"] == ("9.9.9.10",)
    assert report(fakes.world(), LAYOUT, answers(OUTSIDE)).is_right


def test_nothing_changes_while_the_address_stays(fakes: Fakes) -> None:
    update(fakes)
    fakes.clock.sleep(300)
    assert not update(fakes)
    assert len(fakes.dns_providers.changes) == 1


def test_not_more_often_than_every_five_minutes(fakes: Fakes) -> None:
    update(fakes)
    fakes.clock.sleep(299)
    update(fakes)
    assert fakes.web_pages.calls.count(f"get {URL} over IPv4") == 1


def test_without_a_service_the_machines_own_address_counts(fakes: Fakes) -> None:
    fakes.sockets.own_addresses = ("8.8.4.4", "2600::1", "2600::2")
    update(fakes, TEXT)
    assert fakes.resolver.records[D, "A"] == ("8.8.4.4",)
    assert fakes.resolver.records[D, "AAAA"] == ("2600::1",)
    assert not fakes.web_pages.calls


def test_what_others_made_stays(fakes: Fakes) -> None:
    fakes.resolver.put(D, "A", "8.8.8.8")
    assert update(fakes).blocked
    assert fakes.resolver.records[D, "A"] == ("8.8.8.8",)


def test_who_does_not_want_it_is_left_alone(fakes: Fakes) -> None:
    assert not update(fakes, OUTSIDE.replace("true", "false"))
    assert not fakes.web_pages.calls


def test_a_service_that_is_down_changes_nothing(fakes: Fakes) -> None:
    update(fakes)
    fakes.clock.sleep(300)
    fakes.web_pages.fail_at["get"] = EffectError(say("not reached"))
    with pytest.raises(EffectError):
        update(fakes)
    assert fakes.resolver.records[D, "A"] == ("9.9.9.9",)


def test_an_answer_without_an_address_changes_nothing(fakes: Fakes) -> None:
    update(fakes)
    fakes.clock.sleep(300)
    fakes.web_pages.seen = "192.168.1.1"
    with pytest.raises(EffectError, match="did not answer with a public address"):
        update(fakes)


def applied(fakes: Fakes, text: str, domain: str = D) -> None:
    """Apply a server with these answers; the folder that was laid ready for the others goes first."""
    fakes.files.remove(str(LAYOUT.state))
    fakes.appliance.texts = dict(TEMPLATES)
    whole = f'domain = "{domain}"\n{text}'
    run(fakes, LAYOUT, ApplyAnswers(answers(text, domain), whole, "/root/answers.toml"))


def look_after(fakes: Fakes, seconds: float) -> Upkept:
    fakes.clock.sleep(seconds)
    return upkeep(fakes.world(), LAYOUT)


@pytest.fixture
def server(fakes: Fakes) -> Fakes:
    """Return a server that was applied with these answers."""
    applied(fakes, OUTSIDE)
    return fakes


def test_the_timer_follows_the_address_every_few_minutes(server: Fakes) -> None:
    assert look_after(server, 300).exit_status == 0
    assert server.resolver.records[D, "A"] == ("9.9.9.9",)
    server.web_pages.seen = "9.9.9.10"
    looked = server.containers.calls.count("observe xmpp-wizard")
    look_after(server, 300)
    assert server.resolver.records[D, "A"] == ("9.9.9.10",)
    # certificates and containers are looked at every hour all the same, and not each time
    assert server.containers.calls.count("observe xmpp-wizard") == looked
    look_after(server, 3600)
    assert server.containers.calls.count("observe xmpp-wizard") > looked


def test_a_person_is_called_only_where_it_lasts(server: Fakes) -> None:
    server.web_pages.seen = "9.9.9.10"
    server.dns_providers.most = 0
    assert look_after(server, 3600).trouble is None
    found = look_after(server, 3 * 3600)
    assert found.trouble is not None
    assert (found.trouble.code, str(found.trouble.text)) == ("dns-provider", "the line was cut")
    server.dns_providers.most = -1
    assert look_after(server, 3600).trouble is None


def test_a_token_that_is_refused_does_not_mend_itself(server: Fakes) -> None:
    server.files.put("/root/token", "wrong")
    server.web_pages.seen = "9.9.9.10"
    found = look_after(server, 3600)
    assert found.trouble is not None
    assert (found.trouble.code, str(found.trouble.text)) == ("dns-refused", "another secret")
    server.files.put("/root/token", "right")
    assert look_after(server, 3600).trouble is None


def test_without_a_provider_dns_is_only_looked_at(fakes: Fakes) -> None:
    applied(fakes, "")
    look_after(fakes, 3600)
    assert not fakes.dns_providers.changes
    found = last_report(fakes.world(), LAYOUT)
    assert found is not None
    assert not found.is_right
    assert str(found.wrong[0]) == f"{D} has no A record yet"


def test_a_network_of_ones_own_asks_nobody(fakes: Fakes) -> None:
    applied(fakes, "", "home.lan")
    look_after(fakes, 3600)
    assert last_report(fakes.world(), LAYOUT) is None
    assert not fakes.resolver.asked
