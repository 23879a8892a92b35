"""One file for each feature; each has a ``FEATURE``. A new file is found by itself."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from xmpp_wizard.core.kit.feature import Feature
from xmpp_wizard.core.model import Switchable


@cache
def all_features() -> tuple[Feature[Any], ...]:
    """Return every feature, by name."""
    modules = sorted(module.name for module in iter_modules(__path__))
    return tuple(import_module(f"{__name__}.{name}").FEATURE for name in modules)


@cache
def optional_features() -> tuple[Feature[Any], ...]:
    """Return those that can be switched on and off, by name."""
    return tuple(feature for feature in all_features() if issubclass(feature.settings, Switchable))
