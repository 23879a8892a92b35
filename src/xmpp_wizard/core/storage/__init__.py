"""One file for each storage backend; each has a ``BACKEND``. A new file is found by itself."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from xmpp_wizard.core.backend import Backend
from xmpp_wizard.core.storage import external
from xmpp_wizard.core.storage_answers import StorageAnswers


@cache
def all_backends() -> dict[str, Backend]:
    """Return every backend, by name."""
    modules = sorted(module.name for module in iter_modules(__path__))
    found = [import_module(f"{__name__}.{name}").BACKEND for name in modules]
    return {backend.name: backend for backend in found}


def backend_of(answers: StorageAnswers, *, is_kept: bool) -> Backend:
    """Return the chosen backend; ``is_kept`` says whether the server has its data there already."""
    if answers.backend == external.BACKEND.name:
        return external.backend(answers.external, is_kept=is_kept)
    return all_backends()[answers.backend]
