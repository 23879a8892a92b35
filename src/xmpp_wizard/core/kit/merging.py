"""How settings and modules of many contributors become one: later tiers win, equals must agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xmpp_wizard.core.errors import ConflictError
from xmpp_wizard.core.kit.feature import Add, Merge, Modules, Remove, Set, Settings
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.text import say

COMMUNITY = "/usr/lib/prosody/community"
"""Where the image keeps community modules, each in a folder of its own that Prosody does not search."""

OWN = "/etc/prosody"
"""Where the admin's own modules are copied to."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value and who wanted it."""

    value: LuaValue
    source: str


_Wish: TypeAlias = tuple[str, Set | Add | Merge]
"""Who wants it, and what."""


def merge_settings(tiers: Sequence[Iterable[tuple[str, Settings]]]) -> dict[str, Sourced]:
    """Return each setting with its one value, by name; in a tier the order of contributors decides nothing.

    A later tier's ``Set`` replaces what earlier ones said; ``Add`` and ``Merge`` go on from it. ``Remove``
    holds whoever adds.

    Raises:
        ConflictError: two contributors of one tier want different values.
    """
    settings: dict[str, Sourced] = {}
    removals: dict[str, list[tuple[str, Remove]]] = {}
    for tier in tiers:
        wishes: dict[str, list[_Wish]] = {}
        for source, changes in tier:
            for name, change in changes.items():
                if isinstance(change, Remove):
                    removals.setdefault(name, []).append((source, change))
                else:
                    wishes.setdefault(name, []).append((source, change))
        for name, wanted in wishes.items():
            settings[name] = _agree(name, settings.get(name), wanted)
    for name in settings.keys() & removals.keys():
        settings[name] = _take_away(settings[name], removals[name])
    return dict(sorted(settings.items()))


def _agree(name: str, before: Sourced | None, wishes: Sequence[_Wish]) -> Sourced:
    """Return what one tier makes of a setting."""
    first, change = wishes[0]
    for source, other in wishes[1:]:
        if type(other) is not type(change) or (isinstance(change, Set) and other != change):
            raise _conflict(name, first, source)
    sources = [source for source, _ in wishes]
    match change:
        case Set(value):
            return Sourced(value, _names(sources))
        case Add():
            listed = _items(before)
            added = [item for _, wish in wishes if isinstance(wish, Add) for item in wish.items]
            fresh = (item for at, item in enumerate(added) if item not in listed and item not in added[:at])
            return Sourced([*listed, *fresh], _names(_with(before, sources) if listed else sources))
        case Merge():
            table = before.value if before is not None and isinstance(before.value, Mapping) else {}
            entries = {**table, **_entries(name, wishes)}
            return Sourced(entries, _names(_with(before, sources) if table else sources))


def _with(before: Sourced | None, sources: Sequence[str]) -> list[str]:
    return [*([before.source] if before is not None else []), *sources]


def _entries(name: str, wishes: Sequence[_Wish]) -> dict[str, LuaValue]:
    found: dict[str, tuple[str, LuaValue]] = {}
    for source, wish in wishes:
        for key, value in wish.entries.items() if isinstance(wish, Merge) else ():
            known = found.setdefault(key, (source, value))
            if known[1] != value:
                raise _conflict(f"{name}.{key}", known[0], source)
    return {key: value for key, (_, value) in found.items()}


def _take_away(setting: Sourced, removals: Sequence[tuple[str, Remove]]) -> Sourced:
    items = _items(setting)
    removers = [source for source, removal in removals if any(item in items for item in removal.items)]
    if not removers:
        return setting
    kept = [item for item in items if not any(item in removal.items for _, removal in removals)]
    return Sourced(kept, _names([setting.source, *removers]))


def _items(setting: Sourced | None) -> Sequence[LuaValue]:
    if setting is None or isinstance(setting.value, str) or not isinstance(setting.value, Sequence):
        return ()
    return setting.value


def _names(sources: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(name for source in sources for name in source.split(", ")))


def _conflict(setting: str, first: str, second: str) -> ConflictError:
    return ConflictError(
        say("{first} and {second} want different values for {setting}", first=first, second=second, setting=setting),
        say("Switch one of the two off, or give both the same value."),
    )


@dataclass(frozen=True, slots=True)
class MergedModules:
    """Module names in the order in which they are written."""

    enabled: tuple[str, ...]
    disabled: tuple[str, ...]
    plugin_paths: tuple[str, ...]


def joined(*parts: Modules) -> Modules:
    """Return the modules of all parts in one."""
    return Modules(
        core=tuple(name for part in parts for name in part.core),
        community=tuple(name for part in parts for name in part.community),
        own=tuple(name for part in parts for name in part.own),
        by_option=tuple(name for part in parts for name in part.by_option),
        remove=tuple(name for part in parts for name in part.remove),
    )


def merge_modules(contributions: Iterable[Modules]) -> MergedModules:
    """Return the modules of all contributions together; a removed one is gone, whoever adds it."""
    everyone = tuple(contributions)
    removed = {name for modules in everyone for name in modules.remove}
    community = {name for modules in everyone for name in modules.community} - removed
    own = {name for modules in everyone for name in modules.own} - removed
    enabled = ({name for modules in everyone for name in modules.core} | community | own) - removed
    findable = community | {name for modules in everyone for name in modules.by_option}
    paths = (f"{COMMUNITY}/{name}" for name in sorted(findable))
    # the admin's come last: none of them takes the place of another
    return MergedModules(tuple(sorted(enabled)), tuple(sorted(removed)), (*paths, *((OWN,) if own else ())))
