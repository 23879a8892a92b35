"""Prosody's options for all hosts: merged from what the server, its level, its storage and its features want."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.kit.feature import Contribution, Set, Settings
from xmpp_wizard.core.kit.merging import Sourced, merge_modules, merge_settings
from xmpp_wizard.core.storage.backend import Backend
from xmpp_wizard.core.wanted.hosts import Part
from xmpp_wizard.core.wanted.security import Level


def global_options(
    answers: Answers, level: Level, backend: Backend, base: Contribution, parts: Sequence[Part]
) -> Mapping[str, Sourced]:
    """Return the global options; what comes later goes over what came before."""
    tiers: list[list[tuple[str, Settings]]] = [
        [("prosody", base.settings)],
        [(f"security level {level.name}", level.settings)],
        [("storage " + backend.name, backend.settings)],
        [(part.feature, part.contribution.settings) for part in parts],
        [("features", {**_module_settings(base, parts), "log": Set(_log(answers, level))})],
    ]
    return merge_settings(tiers)


def _module_settings(base: Contribution, parts: Sequence[Part]) -> Settings:
    """Return which modules are loaded, and where those are found that components and hosts beside ours load, too."""
    everything = [base, *(part.contribution for part in parts)]
    ours = [c.modules for c in everything] + [c.modules_everywhere for c in everything]
    components = [component.modules for part in parts for component in part.contribution.components]
    sides = [side.modules for c in everything for side in c.hosts]
    loaded = merge_modules(ours)
    return {
        "modules_enabled": Set(loaded.enabled),
        "modules_disabled": Set(loaded.disabled),
        "plugin_paths": Set(merge_modules([*ours, *components, *sides]).plugin_paths),
    }


def _log(answers: Answers, level: Level) -> list[dict[str, Any]]:
    lowest = answers.security.log_level or level.log_level
    return [{"levels": {"min": lowest}, "to": "stdout", "timestamps": "%Y-%m-%dT%H:%M:%S"}]
