"""What calls contribute: offers with credentials, ports sized to the calls, and places that are never reached."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from tests.servers import answers, config, server

from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.lua import FileLine
from xmpp_wizard.core.network.ranges import NOT_THE_INTERNET


def coturn(text: str = "") -> dict[str, object]:
    """Return the values of coturn's own file."""
    (file,) = server(text).files
    return dict(file.values)


def test_every_offer_but_that_of_ones_own_address_has_credentials() -> None:
    """Prosody's own option for TLS gives none (13.0.1)."""
    offers = config().options["external_services"]
    assert [(offer["type"], offer["transport"], offer["port"]) for offer in offers] == [
        ("stun", "udp", 3478),
        ("turn", "udp", 3478),
        ("turn", "tcp", 3478),
        ("turns", "tcp", 5349),
    ]
    for offer in offers[1:]:
        assert (offer["secret"], offer["algorithm"]) == (FileLine("/secrets/turn"), "turn")


def test_ports_are_sized_to_the_calls() -> None:
    said = "[features.calls]\ncalls_at_once = 25\nfirst_relay_port = 50000"
    (relays,) = [port for port in server(said).ports if port.last]
    assert (relays.number, relays.last, relays.ports) == (50000, 50249, "50000-50249")
    assert (coturn(said)["first_relay_port"], coturn(said)["last_relay_port"], coturn(said)["relays"]) == (
        50000,
        50249,
        250,
    )


def test_more_calls_than_there_are_ports_are_refused() -> None:
    with pytest.raises(ValueError, match="too few ports"):
        answers("[features.calls]\ncalls_at_once = 1000\nfirst_relay_port = 60000")


def test_no_range_begins_with_an_address_that_means_all_to_coturn() -> None:
    denied = coturn()["denied"]
    assert isinstance(denied, tuple)
    assert len(denied) == len(NOT_THE_INTERNET)
    assert not [text for text in denied if ip_address(text.partition("-")[0]).is_unspecified]


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fd00::1", "fe80::1", "ff02::1"]
)
def test_what_is_not_the_internet_is_denied(address: str) -> None:
    assert any(ip_address(address) in network for network in NOT_THE_INTERNET)
    assert not any(ip_address(public) in network for network in NOT_THE_INTERNET for public in ("9.9.9.9", "2600::1"))


def test_all_domains_share_one_relay_with_a_certificate_of_its_own() -> None:
    found = server('extra_domains = ["other.example"]')
    assert [spec.name for spec in found.containers] == ["prosody", "turn"]
    assert [request.names for request in found.certificates][2:] == [("turn.fam.example",)]
    services = {record.name: record.content for record in found.records if "_turn." in record.name}
    assert set(services.values()) == {"10 5 3478 turn.fam.example."}
    assert "_turn._udp.other.example" in services


def test_a_name_that_another_service_has_is_refused() -> None:
    with pytest.raises(AnswersError, match=r"the name fam\.example"):
        server('features.calls.host = "fam.example"')
