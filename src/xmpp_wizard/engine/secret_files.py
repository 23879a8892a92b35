"""Reading the admin's files with secrets, all of them in the same way, and telling of those that are not right."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.errors import EffectError, NeedsPersonError
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret_files import MOST_BYTES, NamedSecret, exposed, unfit
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say


def read_secret(world: World, secret: NamedSecret) -> bytes | None:
    """Return what is in the file; None where there is no such file.

    Raises:
        NeedsPersonError: it is empty, too large, no text, or no plain file; with the answer that names it.
    """
    try:
        content = world.files.read(secret.path, MOST_BYTES + 1)
    except EffectError as error:
        raise NeedsPersonError(say("{file}: {problem}", file=str(secret), problem=error.text), error.hint) from error
    problem = None if content is None else unfit(content)
    if problem is not None:
        raise NeedsPersonError(
            say("{file} holds no secret: {problem}", file=str(secret), problem=problem),
            say("Put the password, key or token into it, or correct {key}.", key=secret.key),
        )
    return content


def secret_notes(world: World, target: Target) -> tuple[Text, ...]:
    """Return a sentence on each of the target's files with secrets that others may read, or that is of no use."""
    return tuple(note for secret in target.secret_files for note in _notes(world, secret, _told(target)))


def _notes(world: World, secret: NamedSecret, told: frozenset[str]) -> Iterator[Text]:
    try:
        content = read_secret(world, secret)
    except NeedsPersonError as error:
        yield error.text
        return
    facts = world.files.stat(secret.path) if content is not None else None
    if facts is None and secret.path not in told:
        yield say("{file} is not there", file=str(secret))
    note = exposed(secret, facts.mode) if facts is not None else None
    if note is not None:
        yield note


def _told(target: Target) -> frozenset[str]:
    """Return the files without which no plan is carried out, so that it says itself that one is missing."""
    acme, pairs = target.certificate_source.acme, target.certificate_source.files
    named = (path for path, _ in acme.files) if acme is not None else ()
    return frozenset((*named, *(path for pair in pairs for path in pair), *(c.reference.source for c in target.copies)))
