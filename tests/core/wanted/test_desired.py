"""From answers to the server that is wanted: presets, ports, names, records, and what a feature leaves behind."""

import re

import pytest
from pydantic import ValidationError
from tests.lua_reader import read_config
from tests.servers import answers, config, config_text, host, server

from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.wanted.desired import desired

ALL_OFF = "\n".join(
    f"features.{feature.name}.enabled = false" for feature in all_features() if issubclass(feature.settings, Switchable)
)
# people log in by one source only, and with accounts kept elsewhere nobody can join here, so these are tried alone
ALL_ON = re.sub(r"((ldap|jwt)\.enabled) = true", r"\1 = false", ALL_OFF.replace("false", "true"))


CALLS = {3478: "none", 5349: "direct", 49152: "none"}


def ports(text: str) -> dict[int, str]:
    return {port.number: port.tls for port in server(text).ports}


@pytest.mark.parametrize("preset", ["family", "company", "public"])
def test_exactly_these_ports_are_open(preset: str) -> None:
    assert ports(f'features.preset = "{preset}"') == {
        5222: "starttls-client",
        5223: "direct",
        5269: "starttls-server",
        5270: "direct",
        443: "direct",
        5000: "none",
        5280: "none",
        **CALLS,
    }


def test_only_what_the_web_needs_inside_the_machine_is_not_public() -> None:
    hidden = [(port.number, port.address) for port in server().ports if not port.is_public]
    assert hidden == [(5280, "127.0.0.1")]


def test_with_everything_off_only_apps_and_servers_get_in() -> None:
    assert ports(ALL_OFF) == {5222: "starttls-client", 5269: "starttls-server"}


def test_without_federation_no_port_for_servers_is_open_whoever_opens_one() -> None:
    on = ALL_ON.replace("published_info.enabled = true", "published_info.enabled = false")
    assert ports('features.federation.mode = "off"\n' + on).keys() == {
        5222,
        5223,
        443,
        5000,
        5280,
        *CALLS,
    }


def test_the_configuration_listens_on_exactly_the_ports_that_are_told() -> None:
    for text in ("", ALL_OFF, 'features.federation.mode = "off"', "features.port_443.enabled = false"):
        options = config(text).options
        servers = ("s2s_ports", "s2s_direct_tls_ports")
        keys = (
            "c2s_ports",
            "c2s_direct_tls_ports",
            *servers,
            "http_ports",
            "https_ports",
            "ssl_ports",
            "ports",
            "proxy65_ports",
        )
        told = sorted(port for key in keys for port in options.get(key, []))
        assert told == sorted(port.number for port in server(text).ports if port.container == "prosody"), text


def test_the_web_has_its_port_alone_where_apps_do_not_share_it() -> None:
    options = config("features.port_443.enabled = false").options
    assert options["https_ports"] == [443]
    assert "ssl_ports" not in options
    assert options["http_ports"] == []


def test_a_certificate_has_every_name_that_is_served_and_no_other() -> None:
    found = server('extra_domains = ["bücher.example"]\nfeatures.group_chat.host = "rooms.net.example"').certificates
    assert [(request.name, request.names) for request in found] == [
        ("fam.example", ("fam.example", "rooms.net.example", "share.fam.example")),
        (
            "xn--bcher-kva.example",
            ("xn--bcher-kva.example", "groups.xn--bcher-kva.example", "share.xn--bcher-kva.example"),
        ),
        ("turn.fam.example", ("turn.fam.example",)),
    ]


def test_with_everything_off_the_certificate_is_for_the_domain_alone() -> None:
    assert [request.names for request in server(ALL_OFF).certificates] == [("fam.example",)]


def test_records_lead_to_open_ports_only() -> None:
    open_ones = {record.name for record in server().records}
    assert {"_xmpp-server._tcp.fam.example", "_xmpps-server._tcp.groups.fam.example"} <= open_ones
    closed = {record.name for record in server('features.federation.mode = "off"').records}
    assert not [name for name in closed if "server" in name]
    assert {"_xmpp-client._tcp.fam.example", "share.fam.example", "groups.fam.example"} <= closed


def test_servers_are_never_led_to_the_shared_port() -> None:
    """Prosody asks for no client certificate there, so no server could prove who it is."""
    to_443 = {record.name for record in server().records if " 443 " in record.content}
    assert to_443 == {"_xmpps-client._tcp.fam.example"}


def test_a_record_is_only_required_where_the_port_is_not_the_usual_one() -> None:
    def required(text: str) -> set[str]:
        return {record.name for record in server(text).records if record.is_required and record.kind == "SRV"}

    assert required("") == set()
    assert required("network.client_port = 15222\nnetwork.server_port = 15269") == {
        "_xmpp-client._tcp.fam.example",
        "_xmpp-server._tcp.fam.example",
        "_xmpp-server._tcp.groups.fam.example",
    }


def test_two_domains_have_their_own_pages_and_services() -> None:
    found = config('extra_domains = ["other.example"]\ntitle = "Ours"')
    for domain in ("fam.example", "other.example"):
        options = host(found, domain)
        assert options["http_external_url"] == f"https://{domain}/"
        assert options["invites_page"] == f"https://{domain}/invite?{{invite.token}}"
        assert host(found, f"share.{domain}")["http_external_url"] == f"https://share.{domain}/"
    assert "http_external_url" not in found.options
    assert [name for _, name, _, _ in found.hosts] == [
        "fam.example",
        "other.example",
        "proxy.fam.example",
        "share.fam.example",
        "groups.fam.example",
        "proxy.other.example",
        "share.other.example",
        "groups.other.example",
    ]


def test_a_chosen_name_of_a_service_is_for_the_main_domain() -> None:
    found = config('extra_domains = ["other.example"]\nfeatures.group_chat.host = "rooms.elsewhere.example"')
    assert host(found, "rooms.elsewhere.example")["parent_host"] == "fam.example"
    assert host(found, "fam.example")["disco_items"] == [["rooms.elsewhere.example", "Groups"]]
    assert "parent_host" not in host(found, "groups.other.example")
    assert "disco_items" not in host(found, "other.example")


def test_a_service_elsewhere_is_listed_as_prosody_writes_its_name() -> None:
    """Prosody 13 writes ß as ss in the names of hosts, and compares them with the options letter by letter."""
    found = config('features.group_chat.host = "räume.straße.internal"')
    assert host(found, "fam.example")["disco_items"] == [["räume.strasse.internal", "Groups"]]


def test_a_service_cannot_have_the_name_of_a_domain_or_of_another_service() -> None:
    for text in (
        'extra_domains = ["groups.fam.example"]',
        'features.group_chat.host = "share.fam.example"',
        'features.calls.host = "share.fam.example"',
    ):
        with pytest.raises(AnswersError, match="two services are to have the name"):
            server(text)


def test_names_outside_ascii_are_known_to_tls_and_http_as_clients_send_them() -> None:
    found = config('extra_domains = ["bücher.example"]')
    for name in ("bücher.example", "share.bücher.example"):
        ascii_form = name.replace("bücher", "xn--bcher-kva")
        kinds = ("c2s_direct_tls_host", "http_host", "https_host", "multiplex_ssl_host", "s2s_direct_tls_host")
        assert {kind: host(found, name)[kind] for kind in kinds} == dict.fromkeys(kinds, ascii_form)
        assert host(found, name)["http_external_url"] == f"https://{ascii_form}/"
    assert not [key for key in host(found, "fam.example") if key.endswith("_host")]


def test_the_hash_of_passwords_stays_when_the_level_changes() -> None:
    strict = answers('security.level = "strict"')
    assert desired(strict).settings["password_hash"].value == "SHA-256"
    kept = desired(strict, pinned={"password_hash": "SHA-1", "storage": "sqlite"})
    assert kept.settings["password_hash"].value == "SHA-1"
    assert kept.pinned["password_hash"] == "SHA-1"


def test_the_storage_is_the_one_of_the_answers_wherever_the_data_are() -> None:
    assert desired(answers(), pinned={"storage": "internal"}).pinned["storage"] == "sqlite"


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_only_prosody_is_told_of_its_database_which_starts_first(name: str) -> None:
    found = server(f'storage.backend = "{name}"').containers
    assert [spec.name for spec in found] == [name, "prosody", "turn"]
    assert [spec.name for spec in found if "AWAIT_DATABASE" in spec.environment] == ["prosody"]
    assert not [spec.name for spec in server().containers if "AWAIT_DATABASE" in spec.environment]


def test_presets_decide_until_an_answer_does() -> None:
    minimal = 'features.preset = "minimal"\n'
    assert "share.fam.example" not in config_text(server(minimal))
    assert "share.fam.example" in config_text(server(minimal + "features.file_sharing.enabled = true"))
    assert "groups.fam.example" not in config_text(server("features.group_chat.enabled = false"))


def test_the_same_answers_give_the_same_text() -> None:
    assert config_text(server(ALL_ON)) == config_text(server(ALL_ON))


def test_a_domain_for_talks_inside_says_nothing_to_other_servers() -> None:
    found = server('extra_domains = ["kids.example"]\ninside_domains = ["kids.example"]')
    shown = read_config(config_text(found))
    assert {
        name for name in ("kids.example", "groups.kids.example") if "s2s" in host(shown, name)["modules_disabled"]
    } == {
        "kids.example",
        "groups.kids.example",
    }
    assert "modules_disabled" not in host(shown, "fam.example")
    servers = {record.name for record in found.records if "xmpp-server" in record.name or "xmpps-server" in record.name}
    assert servers
    assert not [name for name in servers if name.endswith("kids.example")]
    with pytest.raises(ValidationError, match=r"else\.example is not among the domains"):
        answers('inside_domains = ["else.example"]')
