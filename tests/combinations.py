"""Which servers to try, made from the registries: each feature alone, all together, and every pair of answers.

A new feature, storage backend or security level is in all of them by being there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import combinations, product
from typing import Any, Literal, TypeAlias, get_args, get_origin

from pydantic import ValidationError
from tests.typical import DOMAIN, example_answers

from xmpp_wizard.core.answers.model import Answers, answers_model
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit import rooms
from xmpp_wizard.core.kit.feature import Contribution, Feature
from xmpp_wizard.core.model import Model, Switchable
from xmpp_wizard.core.storage.answers import StorageAnswers
from xmpp_wizard.core.storage.backends import all_backends
from xmpp_wizard.core.wanted.security import LEVELS
from xmpp_wizard.core.wanted.sites import sites

Group: TypeAlias = Mapping[str, Any]
"""Answers of one feature, by key."""
Row: TypeAlias = Mapping[str, int]
"""For each factor the number of its value."""
Cell: TypeAlias = tuple[str, int]
"""One value of one factor."""
Pair: TypeAlias = tuple[Cell, Cell]

SWITCHES = tuple(feature for feature in all_features() if issubclass(feature.settings, Switchable))
ALL_OFF: Mapping[str, Group] = {feature.name: {"enabled": False} for feature in SWITCHES}


def whole(features: Mapping[str, Group], storage: str = "sqlite", level: str = "recommended") -> Answers:
    """Return the answers of a server with two domains."""
    return answers_model().model_validate(
        {
            "domain": DOMAIN,
            "extra_domains": ["other.example", "bücher.example"],
            "admins": ["alice"],
            "features": features,
            "storage": storage_answers(storage),
            "security": {"level": level},
        }
    )


def storage_answers(backend: str) -> Group:
    """Return the answers for a storage backend, with the examples of its own questions if it has some."""
    own = StorageAnswers.model_fields.get(backend)
    if own is None or not isinstance(own.default, Model):
        return {"backend": backend}
    fields = type(own.default).model_fields.items()
    return {"backend": backend, backend: {key: field.examples[0] for key, field in fields if field.examples}}


def alone(feature: Feature[Any]) -> Mapping[str, Group]:
    """Return what switches off all but one feature, and what that one needs."""
    on = {feature.name: example_answers(feature)}
    beside = companions(contribution(feature, on[feature.name]))
    return {**ALL_OFF, **{name: {"enabled": True} for name in beside}, **on}


def everything() -> dict[str, Mapping[str, Group]]:
    """Return all features together; once for each place where accounts may be, as there can be only one."""
    found: dict[str, Mapping[str, Group]] = {}
    kinds = {feature: contribution(feature, example_answers(feature)) for feature in SWITCHES}
    elsewhere = [feature for feature, kind in kinds.items() if kind.accounts_elsewhere]
    filled = {feature.name: example_answers(feature) for feature in all_features()}
    for source in (None, *elsewhere):
        makers = [] if source is None else [feature for feature, kind in kinds.items() if kind.makes_accounts]
        off = [feature for feature in (*elsewhere, *makers) if feature is not source]
        name = "all" if source is None else f"all-{source.name}"
        found[name] = {**filled, **{feature.name: {"enabled": False} for feature in off}}
    return found


def companions(kind: Contribution) -> set[str]:
    """Return the features without which this contribution is refused."""
    reliable = {name for name, hosts in _served().items() if hosts & set(kind.relies_on)}
    return {*kind.needs, *reliable, *(_with_rooms() if kind.needs_rooms and not reliable else ())}


@cache
def _with_rooms() -> tuple[str, ...]:
    """Return one feature that brings a service with rooms."""
    kinds = {feature.name: contribution(feature, {"enabled": True}) for feature in SWITCHES}
    found = (name for name, kind in kinds.items() if any(one.module == rooms.SERVICE for one in kind.components))
    return (next(found),)


@cache
def _served() -> Mapping[str, frozenset[str]]:
    """Return the services of each feature that can be off, on the main domain."""
    kinds = {feature.name: contribution(feature, {"enabled": True}) for feature in SWITCHES}
    return {name: frozenset(component.host for component in kind.components) for name, kind in kinds.items()}


def contribution(feature: Feature[Any], answers: Group) -> Contribution:
    """Return what a feature with these answers contributes to the main domain."""
    found = whole({feature.name: answers})
    return feature.contribute(found.features.of(feature), sites(found)[0])


def variants(feature: Feature[Any]) -> tuple[Group, ...]:
    """Return the ways to answer a feature's questions: off or empty, with the examples, with each other choice."""
    is_switch = feature in SWITCHES
    on: Group = {"enabled": True} if is_switch else {}
    others = filter(None, (_other_choices(feature, number, on) for number in range(4)))
    found: list[Group] = [{"enabled": False} if is_switch else {}, example_answers(feature), *others]
    return tuple(group for at, group in enumerate(found) if group not in found[:at])


def _other_choices(feature: Feature[Any], number: int, on: Group) -> Group | None:
    """Return the answers in which each question with a list of choices has the one of this number that is not usual."""
    others = {}
    for key, field in feature.settings.model_fields.items():
        choices = (True, False) if field.annotation is bool else ()
        if get_origin(field.annotation) is Literal:
            choices = get_args(field.annotation)
        unusual = [choice for choice in choices if choice != field.default]
        if number < len(unusual):
            others[key] = unusual[number]
    groups = ({**on, **_examples(feature), **others}, {**on, **others})
    return next((group for group in groups if others and _is_valid(feature, group)), None)


def _is_valid(feature: Feature[Any], group: Group) -> bool:
    try:
        feature.settings.model_validate(group)
    except ValidationError:
        return False
    return True


def _examples(feature: Feature[Any]) -> Group:
    """Return the example of each list, whether it goes with the usual choices or not."""
    fields = feature.settings.model_fields.items()
    return {key: field.examples[0] for key, field in fields if field.default == () and field.examples}


def pairs() -> dict[str, Answers]:
    """Return servers so that any two answers (of two features, or of one and a storage or level) meet in one."""
    features = {feature.name: feature for feature in all_features()}
    groups = {name: variants(feature) for name, feature in features.items()}
    storages, levels = tuple(all_backends()), tuple(LEVELS)
    sizes = {name: len(found) for name, found in groups.items()} | {"storage": len(storages), "level": len(levels)}
    kinds = {
        (name, at): contribution(features[name], group) if group.get("enabled", True) else None
        for name, found in groups.items()
        for at, group in enumerate(found)
    }
    return {
        f"pairs-{number:02}": whole(
            {name: groups[name][at] for name, at in row.items() if name in groups},
            storages[row["storage"]],
            levels[row["level"]],
        )
        for number, row in enumerate(covering(sizes, lambda one, other: _exclude(one, other, kinds)))
    }


def _exclude(one: Cell, other: Cell, kinds: Mapping[Cell, Contribution | None]) -> bool:
    """Say whether two answers cannot stand together: accounts in two places, or a feature without what it needs."""
    first, second = kinds.get(one), kinds.get(other)
    if first is None or second is None:
        return any(
            kind is not None and off in kinds and kinds[off] is None and off[0] in companions(kind)
            for kind, off in ((first, other), (second, one))
        )
    return bool(
        (first.accounts_elsewhere and (second.accounts_elsewhere or second.makes_accounts))
        or (second.accounts_elsewhere and first.makes_accounts)
        or (first.needs_servers and second.shuts_servers_out)
        or (second.needs_servers and first.shuts_servers_out)
    )


def covering(sizes: Mapping[str, int], excludes: Callable[[Cell, Cell], bool]) -> list[Row]:
    """Return rows with one value for each factor in which each pair of values that may meet does; greedy.

    ``sizes`` are the numbers of values. Each factor needs one that goes with everything.
    """
    cells = [(name, at) for name, size in sizes.items() for at in range(size)]
    barred = {pair for pair in product(cells, cells) if excludes(*pair)}
    missing = {
        (one, other) for one, other in combinations(cells, 2) if one[0] != other[0] and (one, other) not in barred
    }
    rows: list[Row] = []
    while missing:
        left = Counter(cell for pair in missing for cell in pair)
        # a pair that is still to meet: so each row brings one at least
        first: Pair = max(missing, key=lambda pair: (left[pair[0]] + left[pair[1]], pair))
        row = dict(first)
        for name in sorted(sizes, key=lambda name: -sizes[name]):
            if name not in row:
                row[name] = _best(name, sizes[name], row, missing, barred, left)
        rows.append(row)
        missing -= set(_met(row, sizes))
    return rows


def _best(name: str, size: int, row: Row, missing: set[Pair], barred: set[Pair], left: Mapping[Cell, int]) -> int:
    """Return the value that meets most for the first time, and of several the one that has most left to meet."""

    def worth(at: int) -> tuple[int, int]:
        mine = (name, at)
        return sum((mine, cell) in missing or (cell, mine) in missing for cell in row.items()), left[mine]

    possible = [at for at in range(size) if not any(((name, at), cell) in barred for cell in row.items())]
    return max(possible, key=worth)


def _met(row: Row, sizes: Mapping[str, int]) -> Iterator[Pair]:
    yield from combinations([(name, row[name]) for name in sizes], 2)
