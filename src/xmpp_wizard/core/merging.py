"""How settings and modules of many contributors become one: later tiers win, equals must agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from xmpp_wizard.core.errors import ConflictError
from xmpp_wizard.core.feature import Add, Change, Merge, Modules, Remove, Set, Settings
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.text import say

COMMUNITY = "/usr/lib/prosody/community"
"""Where the image keeps community modules, each in a folder of its own that Prosody does not search."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value and who wanted it."""

    value: LuaValue
    source: str


@dataclass(slots=True)
class _Setting:
    """A setting while it is being merged."""

    value: LuaValue
    sources: list[str]
    tier: int
    kind: type[Change]
    removed: list[LuaValue] = field(default_factory=list)


def merge_settings(tiers: Sequence[Iterable[tuple[str, Settings]]]) -> dict[str, Sourced]:
    """Return each setting with its one value, by name.

    A later tier's ``Set`` replaces what earlier ones said; ``Add`` and ``Merge`` go on from it. ``Remove``
    holds whoever adds. Within one tier nobody is stronger.

    Raises:
        ConflictError: two contributors of one tier want different values.
    """
    settings: dict[str, _Setting] = {}
    removals: list[tuple[str, Remove]] = []
    for number, tier in enumerate(tiers):
        for source, changes in tier:
            for name, change in changes.items():
                if isinstance(change, Remove):
                    removals.append((name, change))
                else:
                    _merge_one(settings, name, change, source, number)
    for name, removal in removals:
        _take_away(settings, name, removal)
    return {name: Sourced(item.value, ", ".join(item.sources)) for name, item in sorted(settings.items())}


def _merge_one(settings: dict[str, _Setting], name: str, change: Set | Add | Merge, source: str, tier: int) -> None:
    known = settings.get(name)
    is_rival = known is not None and known.tier == tier and source not in known.sources
    match change:
        case Set(value):
            if known is not None and known.tier == tier and (known.value != value or known.kind is not Set):
                raise _conflict(name, known, source)
            settings[name] = _Setting(value, [source], tier, Set)
        case Add(items):
            if known is not None and is_rival and known.kind is not Add:
                raise _conflict(name, known, source)
            before = (
                known.value if known and isinstance(known.value, Sequence) and not isinstance(known.value, str) else ()
            )
            value = [*before, *(item for item in items if item not in before)]
            settings[name] = _Setting(value, _with(known, source), tier, Add)
        case Merge(entries):
            merged = dict(known.value) if known and isinstance(known.value, Mapping) else {}
            clash = (
                known is not None
                and known.tier == tier
                and any(key in merged and merged[key] != value for key, value in entries.items())
            )
            if known is not None and (clash or (is_rival and known.kind is not Merge)):
                raise _conflict(name, known, source)
            settings[name] = _Setting({**merged, **entries}, _with(known, source), tier, Merge)


def _with(known: _Setting | None, source: str) -> list[str]:
    sources = list(known.sources) if known else []
    return sources if source in sources else [*sources, source]


def _take_away(settings: dict[str, _Setting], name: str, removal: Remove) -> None:
    known = settings.get(name)
    if known is not None and isinstance(known.value, Sequence) and not isinstance(known.value, str):
        known.value = [item for item in known.value if item not in removal.items]


def _conflict(name: str, known: _Setting, source: str) -> ConflictError:
    return ConflictError(
        say(
            "{first} and {second} want different values for {setting}",
            first=known.sources[0],
            second=source,
            setting=name,
        ),
        say("Switch one of the two off, or give both the same value."),
    )


@dataclass(frozen=True, slots=True)
class MergedModules:
    """Module names in the order in which they are written."""

    enabled: tuple[str, ...]
    disabled: tuple[str, ...]
    plugin_paths: tuple[str, ...]


def merge_modules(contributions: Iterable[Modules]) -> MergedModules:
    """Return the modules of all contributions together; a removed one is gone, whoever adds it."""
    everyone = tuple(contributions)
    removed = {name for modules in everyone for name in modules.remove}
    community = {name for modules in everyone for name in modules.community} - removed
    enabled = ({name for modules in everyone for name in modules.core} | community) - removed
    return MergedModules(
        tuple(sorted(enabled)), tuple(sorted(removed)), tuple(f"{COMMUNITY}/{name}" for name in sorted(community))
    )
