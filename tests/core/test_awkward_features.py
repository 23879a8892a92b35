"""Three features that are not there, chosen to be awkward: each is one value, and nothing else knows of it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field, create_model
from tests.lua_reader import Config, read_config
from tests.servers import templates

from xmpp_wizard.core.answers.model import Answers, FeaturesBase, features_model
from xmpp_wizard.core.errors import AnswersError, ConflictError
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit.feature import (
    ConfigFile,
    ContainerSpec,
    Contribution,
    Feature,
    Modules,
    Mount,
    Port,
    Reference,
    Remove,
    SecretFile,
    Set,
    Site,
)
from xmpp_wizard.core.kit.records import address_record, service_record
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.lua import FileLine
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.rendering.render import render
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say
from xmpp_wizard.core.wanted.desired import Desired, desired


class LdapAnswers(Switchable):
    """People who are in a directory already."""

    server: str = Field(default="ldap.lan:389")
    password_file: str = Field(default="/root/ldap")


def ldap(answers: LdapAnswers, _site: Site) -> Contribution:
    """Only PLAIN works with a directory, and nobody can make an account in it."""
    return Contribution(
        modules=Modules(
            remove=("invites", "invites_adhoc", "invites_register", "invites_page", "invites_register_web")
        ),
        settings={
            "authentication": Set("ldap"),
            "ldap_server": Set(answers.server),
            "ldap_password": Set(FileLine("/etc/prosody/ldap-password")),
            "disable_sasl_mechanisms": Remove(("PLAIN",)),
        },
        references=(Reference(answers.password_file, "ldap-password", "features.phone_book.password_file"),),
    )


class RadioAnswers(Switchable):
    """Calls through a relay of our own."""

    relays: int = Field(default=100)


def radio(answers: RadioAnswers, site: Site) -> Contribution:
    """A relay in a container of its own, with a secret that both know and ports that only it has."""
    host = f"radio.{site.domain}"
    return Contribution(
        modules=Modules(core=("external_services", "turn_external")),
        settings={"turn_external_secret": Set(FileLine("/secrets/radio"))},
        host_settings={"turn_external_host": Set(host)},
        certificate_names=(host,),
        records=(address_record(host), service_record("radios", host, 10, 5349, is_required=False)),
        ports=(
            Port(3478, say("radio"), protocol="udp", container="radio"),
            Port(5349, say("radio"), container="radio", tls="direct"),
        ),
        secrets=(SecretFile("radio", shared_with=("radio",)),),
        files=(
            ConfigFile("radio", "radio.conf", "radio.conf.j2", {"realm": site.domain, "last": 49151 + answers.relays}),
        ),
        containers=(
            ContainerSpec(
                name="radio",
                image="radio",
                mounts=(Mount("config", "/etc/radio"), Mount("secrets", "/secrets"), Mount("certificates", "/certs")),
                user_id=5333,
            ),
        ),
        needs=("federation",),
    )


class IslandAnswers(Switchable):
    """No other servers, said by a feature of its own."""


def island(_answers: IslandAnswers, site: Site) -> Contribution:
    """Close what others open for servers, without knowing who they are."""
    return Contribution(
        modules_everywhere=Modules(remove=("dialback", "s2s", "s2s_bidi")),
        settings={
            "s2s_ports": Remove((site.server_port,)),
            "s2s_direct_tls_ports": Remove((site.server_tls_port,)),
        },
        closed_ports=(site.server_port, site.server_tls_port),
    )


AWKWARD: tuple[Feature[Any], ...] = (
    Feature("phone_book", say("Phone book"), say("Log in with it."), LdapAnswers, ldap, presets=frozenset()),
    Feature("radio", say("Radio"), say("Radio."), RadioAnswers, radio, presets=frozenset()),
    Feature("island", say("Island"), say("Alone."), IslandAnswers, island, presets=frozenset()),
)
TEMPLATES = {**templates(), "radio.conf.j2": "realm={{ realm | line }}\nmax-port={{ last | line }}\n"}


def wanted(*on: str, without: str = "", relays: int = 100) -> Desired:
    """Return a server with some of the awkward features on."""
    fields: dict[str, Any] = {
        feature.name: (feature.settings, Field(default_factory=feature.settings)) for feature in AWKWARD
    }
    model: type[FeaturesBase] = create_model("AwkwardFeatures", __base__=features_model(), **fields)
    chosen = model.model_validate(
        {name: {"enabled": name in on} for name in fields}
        | {"radio": {"enabled": "radio" in on, "relays": relays}}
        | {"calls": {"enabled": False}}
    )
    known = [feature for feature in (*all_features(), *AWKWARD) if feature.name != without]
    return desired(Answers(domain="fam.example", features=chosen), features=known)


def target(found: Desired) -> Target:
    """Return the files and containers."""
    return render(found, TEMPLATES, {spec.image: f"{spec.image}:1" for spec in found.containers}, Layout())


def config(found: Desired) -> Config:
    """Return what Prosody is told."""
    return read_config(target(found).files[0].text)


def test_a_directory_brings_back_plain_and_takes_invitations_away_at_every_level() -> None:
    options = config(wanted("phone_book")).options
    assert options["authentication"] == "ldap"
    assert options["disable_sasl_mechanisms"] == ["DIGEST-MD5", "OAUTHBEARER"]
    assert not [name for name in options["modules_enabled"] if str(name).startswith("invites")]
    assert not [path for path in options["plugin_paths"] if "invites" in str(path)]
    assert config(wanted()).options["authentication"] == "internal_hashed"


def test_a_directorys_password_is_copied_to_where_prosody_reads_it() -> None:
    copies = target(wanted("phone_book")).copies
    assert [(copy.reference.source, copy.path) for copy in copies] == [
        ("/root/ldap", "/etc/xmpp-wizard/prosody/ldap-password")
    ]


def test_an_island_closes_ports_that_others_open() -> None:
    found = wanted("island")
    assert {port.number for port in found.ports} == {443, 5000, 5222, 5223, 5280}
    options = config(found).options
    assert (options["s2s_ports"], options["s2s_direct_tls_ports"]) == ([], [])
    assert not [record for record in found.records if "server" in record.name]


def test_a_radio_has_a_container_with_its_own_file_ports_and_name() -> None:
    found = target(wanted("radio"))
    assert [container.spec.name for container in found.containers] == ["prosody", "radio"]
    files = {file.path: file for file in found.files}
    ours = files["/etc/xmpp-wizard/radio/radio.conf"]
    assert (ours.text, ours.owner, ours.mode) == ("realm=fam.example\nmax-port=49251\n", (0, 5333), 0o640)
    assert "radio.fam.example" in found.certificates[0].names
    assert {(o.port, o.protocol) for o in found.openings if o.container == "radio"} == {(3478, "udp"), (5349, "tcp")}


def test_both_containers_get_the_same_secret_each_in_a_file_that_it_may_read() -> None:
    kept = {secret.path: secret for secret in target(wanted("radio")).secrets if secret.secret.name == "radio"}
    first, second = "/etc/xmpp-wizard/secrets/prosody/radio", "/etc/xmpp-wizard/secrets/radio/radio"
    assert (kept[first].same_as, kept[first].owner) == ("", (0, 5222))
    assert (kept[second].same_as, kept[second].owner) == (first, (0, 5333))
    assert (kept[first].shared_with, kept[second].shared_with) == ("", "radio")


def test_a_change_of_its_file_restarts_that_container_alone() -> None:
    before, after = target(wanted("radio")), target(wanted("radio", relays=50))
    changed = [
        old.spec.name
        for old, new in zip(before.containers, after.containers, strict=True)
        if (old.config_hash, old.restart_hash, old.reload_hash) != (new.config_hash, new.restart_hash, new.reload_hash)
    ]
    assert changed == ["radio"]


def test_a_line_break_cannot_get_into_a_file_of_lines() -> None:
    found = wanted("radio")
    bad = ConfigFile("radio", "x", "radio.conf.j2", {"realm": "a\nno-auth", "last": 1})
    with pytest.raises(ValueError, match="cannot stand on one line"):
        render(
            Desired(**{**{name: getattr(found, name) for name in found.__slots__}, "files": (bad,)}),
            TEMPLATES,
            {"prosody": "p", "radio": "t"},
            Layout(),
        )


def test_what_a_feature_needs_is_refused_by_name_where_it_is_missing() -> None:
    with pytest.raises(AnswersError, match=r"features\.radio needs features\.federation") as caught:
        wanted("radio", without="federation")
    assert "Switch on features.federation" in str(caught.value.hint)


def test_two_features_that_want_different_log_ins_are_both_named() -> None:
    def other(_answers: LdapAnswers, _site: Site) -> Contribution:
        return Contribution(settings={"authentication": Set("anonymous")})

    rival = Feature("guests", say("Guests"), say("Guests."), LdapAnswers, other)
    fields: dict[str, Any] = {name: (LdapAnswers, LdapAnswers(enabled=True)) for name in ("phone_book", "guests")}
    chosen: FeaturesBase = create_model("Rivals", __base__=features_model(), **fields)()
    with pytest.raises(ConflictError, match="guests and phone_book want different values for authentication"):
        desired(Answers(domain="fam.example", features=chosen), features=[rival, AWKWARD[0]])
