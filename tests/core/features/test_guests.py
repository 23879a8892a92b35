"""The host for guests: what it has, whatever people have; and rooms that are not here."""

import pytest
from tests.lua_reader import Config
from tests.servers import config, host, server

from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.features.guests import SHARED

GUESTS = "features.guests.enabled = true\nfeatures.public_channels.enabled = true\n"
NAME = "guests.fam.example"


def loaded(found: Config, name: str) -> set[str]:
    """Return what Prosody loads on a virtual host (modulemanager.get_modules_for_host)."""
    own = host(found, name)
    by_itself = {"presence", "message", "iq", "offline", "c2s", "s2s", "s2s_auth_certs"}
    everywhere = by_itself | set(found.options["modules_enabled"]) - set(found.options["modules_disabled"])
    return (everywhere | set(own.get("modules_enabled", ()))) - set(own.get("modules_disabled", ()))


@pytest.mark.parametrize("preset", ["minimal", "family", "company", "public"])
def test_guests_have_nothing_that_was_not_meant_for_them(preset: str) -> None:
    found = config(f'features.preset = "{preset}"\nfeatures.e2e_policy.enabled = true\n{GUESTS}')
    core = {"presence", "message", "iq", "c2s", "s2s_auth_certs", "guest_house"}
    assert loaded(found, NAME) - core <= set(SHARED)
    assert core | {"saslauth", "tls", "disco"} <= loaded(found, NAME)
    assert "roster" in loaded(found, "fam.example")


@pytest.mark.parametrize("level", ["compatible", "recommended", "strict"])
def test_guests_need_no_password_at_any_level_and_are_never_more_than_guests(level: str) -> None:
    options = host(config(f'{GUESTS}security.level = "{level}"'), NAME)
    assert options["authentication"] == "anonymous"
    assert options["disable_sasl_mechanisms"] == []
    assert options["default_user_role"] == "prosody:guest"
    assert options["storage"] == "memory"
    assert options["allow_anonymous_s2s"] is False


def test_the_name_is_certified_found_and_led_to_on_every_domain() -> None:
    wanted = server(GUESTS + 'extra_domains = ["bücher.example"]\nfeatures.guests.host = "visitors.example"')
    names = {"fam.example": "visitors.example", "xn--bcher-kva.example": "guests.xn--bcher-kva.example"}
    for request in wanted.certificates[:2]:
        assert names[request.name] in request.names
    records = {(record.kind, record.name) for record in wanted.records}
    for name in names.values():
        assert {("A/AAAA", name), ("SRV", f"_xmpp-client._tcp.{name}")} <= records
        assert not [record for kind, record in records if "server" in record and name in record]


def test_rooms_elsewhere_are_refused_with_the_services_that_there_are() -> None:
    with pytest.raises(AnswersError, match=r"names talk\.example, which is no service") as caught:
        server(GUESTS + 'features.guests.rooms = ["lobby@talk.example"]')
    assert "channels.fam.example" in str(caught.value.hint)
    server(GUESTS + 'features.guests.rooms = ["lobby@channels.fam.example", "groups.fam.example"]')


@pytest.mark.parametrize("page", ["", "features.web_chat.enabled = true\n"])
def test_guests_without_any_rooms_are_refused_with_those_who_bring_some(page: str) -> None:
    alone = f"features.guests.enabled = true\nfeatures.group_chat.enabled = false\n{page}"
    with pytest.raises(AnswersError, match=r"^features\.guests needs rooms, and this server has none") as caught:
        server(alone)
    for way in ("group_chat", "public_channels"):
        switch = f"features.{way}.enabled = true"
        assert switch in str(caught.value.hint)
        server(alone.replace(f"features.{way}.enabled = false\n", "") + switch)
    server(alone.replace("features.guests.enabled = true", "features.guests.enabled = false"))


def test_its_name_must_be_its_own() -> None:
    with pytest.raises(AnswersError, match="two services are to have the name"):
        server(GUESTS + 'features.guests.host = "channels.fam.example"')


def test_what_guests_have_of_the_web_has_the_web_server_that_it_needs() -> None:
    options = host(config(GUESTS + "features.port_443.enabled = true"), NAME)
    assert not {"http", "http_altconnect", "bosh", "websocket"} & set(options["modules_disabled"])


@pytest.mark.parametrize("rooms", ["", "lobby@channels.kids.fam.example", "Channels.kids.fam.example"])
def test_no_guest_gets_to_rooms_of_a_domain_for_talks_inside(rooms: str) -> None:
    kids = 'extra_domains = ["kids.fam.example"]\ninside_domains = ["kids.fam.example"]\n'
    named = f'features.guests.rooms = ["{rooms}"]' if rooms else ""
    with pytest.raises(AnswersError, match=r"features\.guests lets anybody into rooms of kids\.fam\.example"):
        server(kids + GUESTS + named)
    server(kids + GUESTS + 'features.guests.rooms = ["lobby@channels.fam.example"]')


def test_guests_have_a_page_where_people_have_one_and_nothing_else_of_theirs() -> None:
    chat = f"{GUESTS}features.web_chat.enabled = true\nfeatures.sign_up.enabled = true\n"
    wanted = server(chat)
    assert wanted.guest_page == f"https://{NAME}/chat"
    assert {"guests", "guest_page", "web_chat"} <= {step.name for step in wanted.proofs}
    assert {"web_chat", "page_frame"} <= loaded(config(chat), NAME)
    assert not {"join_pages", "register_ibr", "invites"} & loaded(config(chat), NAME)


@pytest.mark.parametrize("text", [GUESTS, "features.web_chat.enabled = true\n"])
def test_without_the_one_or_the_other_there_is_no_page_for_guests(text: str) -> None:
    assert server(text).guest_page == ""
    assert "guest_page" not in {step.name for step in server(text).proofs}


def test_the_page_for_guests_is_on_their_own_host_wherever_that_and_the_port_are() -> None:
    chat = f'{GUESTS}features.web_chat.enabled = true\nnetwork.host = "xmpp.fam.example"\n'
    found = server(f'{chat}features.guests.host = "visitors.example"\nnetwork.https_port = 8443\n')
    assert found.guest_page == "https://visitors.example:8443/chat"
