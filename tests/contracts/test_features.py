"""What every feature keeps to, whoever writes it; a new file in core/features is tested by being there."""

import ast
import inspect
import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import strategies
from tests.combinations import companions
from tests.lua_reader import read_config
from tests.servers import answers, config_text, server, templates

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit.feature import PRESETS, Contribution, Feature
from xmpp_wizard.core.model import Model, Switchable
from xmpp_wizard.core.rendering.render import prosody_config
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.core.wanted.sites import sites

FEATURES = {feature.name: feature for feature in all_features()}
SWITCHABLE = [name for name, feature in FEATURES.items() if issubclass(feature.settings, Switchable)]
COMPANIONS = {"allow": {"mode": "list"}, "public_key_file": {"algorithm": "RS256"}}
"""Answers without which another one makes no sense."""
every_feature = pytest.mark.parametrize("name", FEATURES)
every_switch = pytest.mark.parametrize("name", SWITCHABLE)


def source_of(feature: Feature[Model]) -> Path:
    return Path(inspect.getfile(feature.settings))


def contribution(feature: Feature[Model], wanted: Answers) -> Contribution:
    return feature.contribute(wanted.features.of(feature), sites(wanted)[0])


@every_feature
def test_its_name_is_that_of_its_file(name: str) -> None:
    assert source_of(FEATURES[name]).stem == name


@every_feature
def test_it_tells_people_what_they_get(name: str) -> None:
    feature = FEATURES[name]
    assert str(feature.title)
    assert str(feature.summary).endswith(".")
    assert feature.presets <= set(PRESETS)


@every_feature
def test_every_question_has_a_title_and_an_explanation(name: str) -> None:
    for key, field in FEATURES[name].settings.model_fields.items():
        assert field.title, key
        assert field.description, key
        assert field.description.endswith("."), key
        assert not field.is_required(), f"{key} needs a default"


@every_feature
def test_a_question_that_may_be_left_out_has_an_example_that_is_valid(name: str) -> None:
    model = FEATURES[name].settings
    for key, field in model.model_fields.items():
        if key == "enabled" or field.get_default(call_default_factory=True) not in (None, ()):
            continue
        assert field.examples, key
        assert model.model_validate({**COMPANIONS.get(key, {}), key: field.examples[0]}), key


@every_feature
def test_its_standards_are_named_by_number(name: str) -> None:
    for standard in FEATURES[name].xeps:
        assert re.fullmatch(r"XEP-\d{4}|RFC \d{4}", standard)
    assert sorted(set(FEATURES[name].xeps)) == list(FEATURES[name].xeps)


@every_feature
def test_it_knows_no_other_feature(name: str) -> None:
    """Neither by import, nor by name, nor by asking the answers."""
    tree = ast.parse(source_of(FEATURES[name]).read_text())
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [
        module for module in imported if module.startswith(("xmpp_wizard.core.features", "xmpp_wizard.core.answers"))
    ]
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    others = set(FEATURES) - {name}
    needed = set(contribution(FEATURES[name], answers()).needs)
    assert not (texts & others) - needed


@every_feature
def test_it_contributes_the_same_every_time(name: str) -> None:
    wanted = answers('admins = ["alice"]')
    assert contribution(FEATURES[name], wanted) == contribution(FEATURES[name], wanted)


@every_feature
def test_what_it_adds_for_all_of_the_server_does_not_depend_on_the_domain(name: str) -> None:
    """Else two domains on one server want different values for one option."""
    feature = FEATURES[name]
    wanted = answers('extra_domains = ["other.example"]\nadmins = ["alice"]')
    first, second = (feature.contribute(wanted.features.of(feature), site) for site in sites(wanted))
    assert first.settings == second.settings
    assert first.ports == second.ports
    assert first.secrets == second.secrets
    assert first.containers == second.containers


@every_switch
def test_it_works_alone(name: str) -> None:
    on = {name, *companions(contribution(FEATURES[name], answers()))}
    others_off = [f"features.{other}.enabled = {str(other in on).lower()}" for other in SWITCHABLE]
    read_config(config_text(server("\n".join(others_off))))


@every_switch
def test_switched_off_it_leaves_nothing_behind(name: str) -> None:
    beside = _made_impossible(name)
    on, off = (server(f"{beside}features.{name}.enabled = {state}") for state in ("true", "false"))
    for wanted in (off.settings, *(found.settings for found in off.hosts)):
        assert not [key for key, item in wanted.items() if name in item.source.split(", ")]
    others = [feature for other, feature in FEATURES.items() if other != name]
    mine = contribution(FEATURES[name], answers())
    loaded = {module for other in others for module in _modules(contribution(other, answers()))}
    gone = _modules(mine) - loaded
    text = config_text(off)
    assert not [module for module in gone if f'"{module}"' in text or f'community/{module}"' in text]
    assert not [component.host for component in mine.components if component.host in text]
    assert (on.ports, on.hosts, on.settings, on.records) != (off.ports, off.hosts, off.settings, off.records)


def _made_impossible(name: str) -> str:
    """Return answers that switch off what cannot be on beside a feature."""
    if not contribution(FEATURES[name], answers()).accounts_elsewhere:
        return ""
    makers = [other for other in SWITCHABLE if contribution(FEATURES[other], answers()).makes_accounts]
    return "".join(f"features.{maker}.enabled = false\n" for maker in makers)


def _modules(found: Contribution) -> set[str]:
    groups = (found.modules, found.modules_everywhere, *(component.modules for component in found.components))
    return {module for group in groups for module in (*group.core, *group.community)}


def test_no_template_knows_a_feature() -> None:
    for path, text in templates().items():
        code = " ".join(re.findall(r"\{[{%].*?[%}]\}", text, re.DOTALL))
        assert not [name for name in FEATURES if re.search(rf"\b{name}\b", code)], path


@settings(max_examples=60)
@given(strategies.all_answers())
def test_no_answer_can_break_out_of_its_string(wanted: Answers) -> None:
    """The file, read back, says exactly what the server is to have: nothing more, less or else."""
    try:
        found = desired(wanted)
    except AnswersError as error:
        assert error.hint  # noqa: PT017 two services of one name are refused, with the next thing to do
        return
    config = read_config(prosody_config(found, templates()))
    assert config.options == {name: _plain(item.value) for name, item in found.settings.items()}
    assert config.hosts == [
        (host.kind, host.name, host.module, {name: _plain(item.value) for name, item in host.settings.items()})
        for host in found.hosts
    ]
    assert config.includes == ["conf.d/*.cfg.lua"]


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()} or []
    return value


@settings(max_examples=40)
@given(strategies.all_answers(), st.randoms(use_true_random=False))
def test_the_order_of_features_changes_nothing_but_orders(wanted: Answers, shuffler: Random) -> None:
    features = list(all_features())
    shuffler.shuffle(features)
    try:
        found, other = desired(wanted), desired(wanted, features=features)
    except AnswersError:
        return
    assert {name: _bag(item.value) for name, item in found.settings.items()} == {
        name: _bag(item.value) for name, item in other.settings.items()
    }
    assert set(found.ports) == set(other.ports)
    assert set(found.records) == set(other.records)
    assert found.certificates == other.certificates
    assert {host.name for host in found.hosts} == {host.name for host in other.hosts}


def _bag(value: object) -> object:
    return sorted(map(repr, value)) if isinstance(value, tuple | list) else value
