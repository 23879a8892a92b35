"""One file for each storage backend; each has a ``BACKEND``. A new file is found by itself."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from xmpp_wizard.core.backend import Backend


@cache
def all_backends() -> dict[str, Backend]:
    """Return every backend, by name."""
    modules = sorted(module.name for module in iter_modules(__path__))
    found = [import_module(f"{__name__}.{name}").BACKEND for name in modules]
    return {backend.name: backend for backend in found}
