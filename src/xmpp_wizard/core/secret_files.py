"""Files with secrets that the admin names in the answers: which they are, and what is wrong with one.

An answer that names one has the type :data:`~xmpp_wizard.core.values.SecretPath`; nothing else is to be told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Any, get_args

from pydantic import BaseModel

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.values import HoldsSecret

MOST_BYTES = 65536
"""A secret is a line or a key; whatever is larger is another file."""
_OTHERS = 0o006
"""The rights of everybody to read and to write."""


@dataclass(frozen=True, slots=True)
class NamedSecret:
    """A file with a secret, and the answer that names it."""

    path: str
    key: str

    def __str__(self) -> str:
        """Return both, as errors name it."""
        return f"{self.path} ({self.key})"


def named_secrets(answers: BaseModel, off: Iterable[str] = ()) -> tuple[NamedSecret, ...]:
    """Return every file with a secret that the answers name, each once; those below the keys ``off`` are not used."""
    away = tuple(f"{key}." for key in off)
    found = (secret for secret in _below(answers, "") if not secret.key.startswith(away))
    return tuple({secret.path: secret for secret in found}.values())


def _below(model: BaseModel, prefix: str) -> Iterator[NamedSecret]:
    for name, field in type(model).model_fields.items():
        key = f"{prefix}{name}"
        marked = HoldsSecret() in field.metadata or _is_marked(field.annotation)
        for value in _values(getattr(model, name)):
            if isinstance(value, BaseModel):
                yield from _below(value, f"{key}.")
            elif marked and isinstance(value, str):
                # some are name=/path of the file
                yield NamedSecret(value[value.index("/") :], key)


def _values(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _is_marked(annotation: Any) -> bool:  # noqa: ANN401 any type
    metadata = getattr(annotation, "__metadata__", ())
    return HoldsSecret() in metadata or any(map(_is_marked, get_args(annotation)))


def unfit(content: bytes) -> Text | None:
    """Return why this cannot be what a file with a secret holds; None where it can."""
    if not content.strip():
        return say("it is empty")
    if len(content) > MOST_BYTES:
        return say("it is larger than any password or key")
    try:
        is_text = "\0" not in content.decode()
    except UnicodeDecodeError:
        is_text = False
    return None if is_text else say("it has signs in it that are no text")


def exposed(secret: NamedSecret, mode: int) -> Text | None:
    """Return what to do about a file that others may read, as ssh looks at its mode alone: copies keep that."""
    if not mode & _OTHERS:
        return None
    return say(
        "{file} has the mode {mode}, which lets everybody on this machine read it: sudo chmod 600 {path}",
        file=str(secret),
        mode=f"{mode:04o}",
        path=quote(secret.path),
    )
