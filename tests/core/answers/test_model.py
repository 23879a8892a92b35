"""The answers: what is given, what follows from it, and what contradicts itself."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from xmpp_wizard.core.answers import fields
from xmpp_wizard.core.answers.model import Answers, answers_model
from xmpp_wizard.core.features import all_features


def parsed(**values: Any) -> Answers:  # noqa: ANN401 any answer, wrong ones too
    return answers_model().model_validate({"domain": "example.org", **values})


def complaints(**values: Any) -> dict[str, str]:  # noqa: ANN401 see parsed
    with pytest.raises(ValidationError) as caught:
        parsed(**values)
    return {".".join(map(str, error["loc"])): error["msg"] for error in caught.value.errors()}


def test_the_domain_is_enough() -> None:
    answers = parsed()
    assert answers.domains == ("example.org",)
    assert answers.features.preset == "family"
    assert answers.storage.backend == "sqlite"


def test_every_feature_has_its_group() -> None:
    answers = parsed()
    for feature in all_features():
        assert isinstance(answers.features.of(feature), feature.settings)


def test_the_preset_decides_unless_the_answer_does() -> None:
    feature = next(feature for feature in all_features() if "enabled" in feature.settings.model_fields)
    assert not parsed(features={feature.name: {"enabled": False}}).features.is_on(feature)
    assert parsed(features={feature.name: {"enabled": True}}).features.is_on(feature)


def test_admins_are_names_or_whole_addresses_each_once() -> None:
    answers = parsed(admins=["Alice", "bob@other.example", "alice@example.org"])
    assert answers.admin_addresses == ("alice@example.org", "bob@other.example")


def test_the_main_domain_comes_first() -> None:
    assert parsed(extra_domains=["b.example", "a.example"]).domains == ("example.org", "b.example", "a.example")


@pytest.mark.parametrize("extra", [["example.org"], ["EXAMPLE.org."], ["a.example", "a.example"]])
def test_a_domain_given_twice_is_refused(extra: list[str]) -> None:
    assert "given twice" in complaints(extra_domains=extra)["extra_domains"]


def test_a_port_given_twice_is_told_at_the_second_one() -> None:
    found = complaints(network={"client_port": 443, "server_port": 5223})
    assert "already network.client_port" in found["network.https_port"]
    assert "already network.client_tls_port" in found["network.server_port"]


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_is_from_1_to_65535(port: int) -> None:
    assert "network.https_port" in complaints(network={"https_port": port})


def test_own_certificates_need_their_files() -> None:
    assert "certificates.files" in complaints(certificates={"source": "files"})
    files = [{"chain_file": "/a.pem", "key_file": "/b.pem"}]
    assert parsed(certificates={"source": "files", "files": files}).certificates.files[0].key_file == "/b.pem"


@pytest.mark.parametrize("path", ["key.pem", "", "~/key.pem", "/etc/../key.pem", "/etc/a\nb"])
def test_a_file_is_named_by_its_whole_path(path: str) -> None:
    files = [{"chain_file": "/a.pem", "key_file": path}]
    assert "certificates.files.0.key_file" in complaints(certificates={"source": "files", "files": files})


def test_addresses_get_one_form() -> None:
    network = parsed(network={"listen": ["2001:DB8:0::5", "127.0.0.2"], "resolvers": ["127.0.0.1@5353"]}).network
    assert network.listen == ("2001:db8::5", "127.0.0.2")
    assert network.resolvers == ("127.0.0.1@5353",)


@pytest.mark.parametrize("address", ["1.2.3", "example.org", "1.2.3.4:53", "::g", "", "1.2.3.4/24"])
def test_a_wrong_address_is_refused(address: str) -> None:
    assert "network.listen.0" in complaints(network={"listen": [address]})


@pytest.mark.parametrize("resolver", ["1.2.3.4@", "1.2.3.4@0", "1.2.3.4@65536", "1.2.3.4@" + "9" * 5000, "dns@53"])
def test_a_wrong_resolver_is_refused(resolver: str) -> None:
    assert "network.resolvers.0" in complaints(network={"resolvers": [resolver]})


def test_wrong_values_of_all_groups_are_told_at_once() -> None:
    found = complaints(domain="x", extra_domains=["y"], network={"client_port": 0}, storage={"backend": "paper"})
    assert set(found) == {"domain", "extra_domains.0", "network.client_port", "storage.backend"}


def test_who_decides_is_declared_exactly_where_a_description_says_what_leaving_out_means() -> None:
    optional = [
        question
        for question in fields.questions().values()
        if not question.group and not question.field.is_required() and question.field.get_default() is None
    ]
    assert len(optional) > 20
    wrong = [
        question.name
        for question in optional
        if ("left out" in str(question.meaning).lower()) != (str(question.left_out) != "none")
    ]
    assert not wrong, "declare them OrByLevel or OrChosen (core/model.py), or say what leaving out means"
