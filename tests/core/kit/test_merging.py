"""The laws of merging: contributors of one tier are equals, later tiers are stronger, conflicts are named."""

from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xmpp_wizard.core.errors import ConflictError
from xmpp_wizard.core.kit.feature import Add, Change, Merge, Modules, Remove, Set, Settings
from xmpp_wizard.core.kit.merging import Sourced, merge_modules, merge_settings

WORDS = st.sampled_from(["red", "green", "blue"])
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(Set, WORDS),
    st.builds(Set, st.lists(WORDS, max_size=2)),
    st.builds(Add, st.lists(WORDS, max_size=3).map(tuple)),
    st.builds(Remove, st.lists(WORDS, max_size=2).map(tuple)),
    st.builds(Merge, st.dictionaries(WORDS, st.integers(0, 1), max_size=2)),
)
CONTRIBUTIONS: st.SearchStrategy[Settings] = st.dictionaries(st.sampled_from(["x", "y"]), CHANGES, max_size=2)


def outcome(tiers: list[list[tuple[str, Settings]]]) -> object:
    """Return what comes out, in a form in which order plays no role; of a conflict only that there is one."""
    try:
        merged = merge_settings(tiers)
    except ConflictError:
        return "conflict"
    return {name: (_unordered(item.value), frozenset(item.source.split(", "))) for name, item in merged.items()}


def _unordered(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value


@given(st.lists(CONTRIBUTIONS, max_size=2), st.lists(CONTRIBUTIONS, min_size=2, max_size=3))
@example([], [{"x": Set(["red"])}, {"x": Remove(("red",))}, {"x": Remove(("red",))}])
def test_the_order_of_features_decides_nothing(below: list[Settings], features: list[Settings]) -> None:
    lower = [[("level", settings)] for settings in below]
    named = [(f"feature {number}", settings) for number, settings in enumerate(features)]
    outcomes = [outcome([*lower, list(order)]) for order in permutations(named)]
    assert all(other == outcomes[0] for other in outcomes)


@given(st.lists(CONTRIBUTIONS, min_size=1, max_size=3))
def test_saying_the_same_twice_changes_nothing(features: list[Settings]) -> None:
    """Each feature is asked once for every domain and says the same of all of the server each time."""
    once = [(f"feature {number}", settings) for number, settings in enumerate(features)]
    assert outcome([once]) == outcome([[*once, *once]])


@given(CONTRIBUTIONS, st.lists(CONTRIBUTIONS, max_size=3), WORDS)
def test_what_is_removed_is_gone_whoever_adds_it(remover: Settings, features: list[Settings], word: str) -> None:
    tiers: list[list[tuple[str, Settings]]] = [
        [("remover", {**remover, "x": Remove((word,))})],
        [(f"f{n}", s) for n, s in enumerate(features)],
    ]
    try:
        value = merge_settings(tiers).get("x", Sourced((), "")).value
    except ConflictError:
        return
    assert not (isinstance(value, list) and word in value)


def test_a_later_tier_replaces_what_an_earlier_one_set() -> None:
    merged = merge_settings([[("level", {"x": Set("a")})], [("feature", {"x": Set("b")})]])
    assert merged == {"x": Sourced("b", "feature")}


def test_a_later_tier_adds_to_a_list_and_both_are_named() -> None:
    merged = merge_settings([[("level", {"x": Set(("a",))})], [("feature", {"x": Add(("b", "a"))})]])
    assert merged == {"x": Sourced(["a", "b"], "level, feature")}


def test_who_only_said_that_a_list_is_empty_is_not_named_as_its_source() -> None:
    merged = merge_settings([[("prosody", {"ports": Set(())})], [("feature", {"ports": Add((1,))})]])
    assert merged == {"ports": Sourced([1], "feature")}


def test_a_later_tier_replaces_single_keys_of_a_table() -> None:
    merged = merge_settings([[("level", {"x": Set({"a": 1, "b": 2})})], [("feature", {"x": Merge({"b": 3})})]])
    assert merged["x"].value == {"a": 1, "b": 3}


def test_who_removes_something_is_named() -> None:
    merged = merge_settings([[("a", {"x": Add((1, 2))}), ("b", {"x": Remove((1,))}), ("c", {"x": Remove((9,))})]])
    assert merged == {"x": Sourced([2], "a, b")}


def test_removing_from_what_nobody_set_leaves_nothing_behind() -> None:
    assert merge_settings([[("a", {"x": Remove((1,))})]]) == {}


@pytest.mark.parametrize(
    ("one", "other", "setting"),
    [
        (Set(1), Set(2), "x"),
        (Set((1,)), Add((1,)), "x"),
        (Merge({"k": 1}), Merge({"k": 2}), "x.k"),
        (Add((1,)), Merge({"k": 1}), "x"),
    ],
)
def test_equals_that_disagree_are_both_named(one: Change, other: Change, setting: str) -> None:
    with pytest.raises(ConflictError) as caught:
        merge_settings([[("level", {"x": Set(0)})], [("calls", {"x": one}), ("ldap", {"x": other})]])
    assert str(caught.value) == f"calls and ldap want different values for {setting}"
    assert caught.value.hint


def test_settings_come_out_in_the_order_of_their_names() -> None:
    assert list(merge_settings([[("a", {"z": Set(1), "b": Set(1)}), ("c", {"m": Set(1)})]])) == ["b", "m", "z"]


def test_every_community_module_gets_its_own_plugin_path() -> None:
    merged = merge_modules([Modules(core=("disco",), community=("sasl2",)), Modules(community=("http_libjs", "sasl2"))])
    assert merged.enabled == ("disco", "http_libjs", "sasl2")
    assert merged.plugin_paths == ("/usr/lib/prosody/community/http_libjs", "/usr/lib/prosody/community/sasl2")


def test_a_removed_module_is_neither_loaded_nor_looked_for() -> None:
    merged = merge_modules([Modules(core=("s2s", "c2s"), community=("invites_page",)), Modules(remove=("s2s",))])
    assert (merged.enabled, merged.disabled) == (("c2s", "invites_page"), ("s2s",))
    merged = merge_modules([Modules(remove=("invites_page",)), Modules(community=("invites_page",))])
    assert (merged.enabled, merged.plugin_paths) == ((), ())
