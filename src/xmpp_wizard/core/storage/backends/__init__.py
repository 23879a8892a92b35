"""One file for each storage backend; each has a ``BACKEND``. A new file is found by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from xmpp_wizard.core.kit.feature import Set
from xmpp_wizard.core.storage.answers import StorageAnswers
from xmpp_wizard.core.storage.backend import Backend
from xmpp_wizard.core.storage.backends import external
from xmpp_wizard.core.storage.place import FILES, place_called
from xmpp_wizard.core.text import Text


@cache
def all_backends() -> dict[str, Backend]:
    """Return every backend, by name."""
    modules = sorted(module.name for module in iter_modules(__path__))
    found = [import_module(f"{__name__}.{name}").BACKEND for name in modules]
    return {backend.name: backend for backend in found}


def backend_of(answers: StorageAnswers, *, is_kept: bool) -> Backend:
    """Return the chosen backend; ``is_kept`` says whether the server has its data there already."""
    if answers.backend == external.BACKEND.name:
        return _beside_files(external.backend(answers.external, is_kept=is_kept), answers.place.stores)
    return _beside_files(all_backends()[answers.backend], answers.place.stores)


def title_of(place: str) -> Text:
    """Return what people call the place of this name."""
    found = place_called(place)
    known = all_backends().get(found.backend)
    return found.titled(known.title if known else Text(found.backend))


def _beside_files(backend: Backend, stores: Sequence[str]) -> Backend:
    """Return the backend for all but these ``stores``, which are files (mod_storage_internal)."""
    if not stores:
        return backend
    default = backend.settings["storage"]
    settings = {**backend.settings, "storage": Set(dict.fromkeys(stores, FILES)), "default_storage": default}
    return replace(backend, settings=settings)
