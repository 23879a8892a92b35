"""The servers that are tried are all that they say they are, and all of them are possible."""

from __future__ import annotations

from itertools import combinations, permutations, product

import pytest
from tests.combinations import SWITCHES, alone, companions, contribution, covering, everything, pairs, variants, whole
from tests.typical import example_answers

from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.storage.backends import all_backends
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.core.wanted.security import LEVELS


def test_each_feature_alone_and_all_together_are_possible() -> None:
    for features in (*map(alone, all_features()), *everything().values()):
        desired(whole(features))


def test_together_each_feature_is_on_at_least_once() -> None:
    on = {name for features in everything().values() for name, group in features.items() if group.get("enabled", True)}
    assert on == {feature.name for feature in all_features()}


def test_every_choice_of_a_feature_is_tried() -> None:
    federation = next(feature for feature in all_features() if feature.name == "federation")
    assert {group.get("mode", "open") for group in variants(federation)} == {"open", "list", "off"}
    assert all(len(variants(feature)) > 1 for feature in SWITCHES)


def test_pairs_are_possible_and_any_two_switches_storages_and_levels_meet() -> None:
    found = list(pairs().values())
    for wanted in found:
        desired(wanted)
    needs = {feature: companions(contribution(feature, example_answers(feature))) for feature in SWITCHES}
    for one, other in permutations(SWITCHES, 2):
        met = {(wanted.features.is_on(one), wanted.features.is_on(other)) for wanted in found}
        assert (False, False) in met, (one.name, other.name)
        assert (True, False) in met or other.name in needs[one], (one.name, other.name)
    met_places = {(wanted.storage.backend, wanted.security.level) for wanted in found}
    assert met_places == set(product(all_backends(), LEVELS))
    for feature in SWITCHES:
        on = {wanted.storage.backend for wanted in found if wanted.features.is_on(feature)}
        assert on == set(all_backends()), feature.name


@pytest.mark.parametrize("sizes", [{"a": 2, "b": 2}, {"a": 3, "b": 2, "c": 4, "d": 2}, {f"f{n}": 2 for n in range(12)}])
def test_a_covering_array_covers(sizes: dict[str, int]) -> None:
    barred = {(("a", 1), ("b", 1)), (("b", 1), ("a", 1))}
    rows = covering(sizes, lambda one, other: (one, other) in barred)
    met = {((one, row[one]), (other, row[other])) for row in rows for one, other in combinations(sizes, 2)}
    all_pairs = {
        ((one, at), (other, to))
        for one, other in combinations(sizes, 2)
        for at, to in product(range(sizes[one]), range(sizes[other]))
    }
    assert met == all_pairs - barred
    assert len(rows) < len(all_pairs)
