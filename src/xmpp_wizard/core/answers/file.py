"""The answer file: TOML text, environment and ``--set`` become checked answers.

What wins: ``--set`` over the environment, the environment over the file, the file over the defaults.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from xmpp_wizard.core.answers.lines import Key, lines, write_key
from xmpp_wizard.core.answers.model import SCHEMA_VERSION, Answers, answers_model
from xmpp_wizard.core.answers.problems import Problem, WrongAnswersError, problem_texts, unknown_key, written
from xmpp_wizard.core.answers.sources import TAKEN_BACK, Override, from_environment, from_options
from xmpp_wizard.core.answers.writing import effective_text
from xmpp_wizard.core.text import NOTHING, Text, say

MAX_BYTES = 1_000_000
"""More is no answer file; whoever reads one need not read further."""

MIGRATIONS: Mapping[int, Callable[[str], str]] = {}
"""For each older version: what makes the text of the next one from it (with tomlkit, so that comments stay)."""


def load(text: bytes, path: str, environment: Mapping[str, str], sets: Sequence[str]) -> tuple[Answers, str]:
    """Return the answers, and the text of an answer file that says the same without environment and options.

    ``path`` is only for messages. Every variable ``XMPP_WIZARD__GROUP__KEY`` counts; ``sets`` are
    ``key=value`` each.

    Raises:
        WrongAnswersError: with everything that is wrong.
        UsageError: one of ``sets`` has another form.
    """
    overrides = [*from_environment(environment), *from_options(sets)]
    given = read(text, path)
    source, data = migrated(given, path)
    return _checked(data, source, path if source == given else "", overrides), effective_text(source, overrides)


def read(text: bytes, path: str) -> str:
    """Return the answer file's bytes as text.

    Raises:
        WrongAnswersError: it is too large, binary or not UTF-8.
    """
    if len(text) > MAX_BYTES:
        raise _whole_file(path, say("is larger than 1 MB: that is no answer file"))
    if b"\0" in text:
        raise _whole_file(path, say("is no text file, or not in UTF-8: there are zero bytes in it"))
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        reason = say("this line is not in UTF-8; save the file as UTF-8 text")
        raise WrongAnswersError([Problem(f"{path}:{line}", "", reason)], _TEMPLATE_HINT) from error


def migrated(
    text: str, path: str, migrations: Mapping[int, Callable[[str], str]] = MIGRATIONS, newest: int = SCHEMA_VERSION
) -> tuple[str, dict[str, Any]]:
    """Return the text and its values in the form of this program; one without a ``version`` is of version 1.

    Raises:
        WrongAnswersError: it is no TOML, or of a version that this program does not know.
    """
    data = parse(text, path)
    version = data.get("version", 1)
    if type(version) is not int:
        reason = say("must be the number {newest}, not {given}", newest=newest, given=written(version))
        raise WrongAnswersError([_at_line(text, path, ("version",), reason)])
    if version > newest:
        reason = say("the file was written by a newer xmpp-wizard: version {version}", version=version)
        hint = say("Update this program; it knows versions up to {newest}.", newest=newest)
        raise WrongAnswersError([_at_line(text, path, ("version",), reason)], hint)
    for step in range(version, newest):
        if step not in migrations:
            reason = say("there is no version {version}; write {newest}", version=version, newest=newest)
            raise WrongAnswersError([_at_line(text, path, ("version",), reason)])
        text = migrations[step](text)
    return text, parse(text, path)


def parse(text: str, path: str) -> dict[str, Any]:
    """Return the values of a TOML text.

    Raises:
        WrongAnswersError: it is no TOML; line and column are named.
    """
    try:
        # an unclosed text ends with its line: without a last line's end there would be no line to name
        return tomllib.loads(text if text.endswith("\n") else f"{text}\n")
    except RecursionError as error:
        raise _whole_file(path, say("brackets are nested too deep in it")) from error
    except ValueError as error:
        raise WrongAnswersError([_syntax(str(error), text, path)], _TEMPLATE_HINT) from error


_TEMPLATE_HINT = say("`xmpp-wizard answers template` prints a file to start from.")

_WIDEST_KEY = 60
_TWICE = say("this key is given a second time")
_SYNTAX = (
    ("Cannot overwrite a value|Duplicate inline table key", _TWICE),
    ("Cannot declare|Cannot mutate immutable|Cannot redefine", say("this group is given a second time")),
    (
        "Expected '=' after a key",
        say("an equals sign is missing behind the key, or the key has a sign that it must not"),
    ),
    ("Invalid value", say("a value is missing or wrong; texts need quotes")),
    ("Unterminated string|Illegal character '\\\\n'|Expected \"'\"", say("a text has no closing quote")),
    (
        "Expected newline or end of document",
        say("there is more on the line than one key and its value; texts need quotes"),
    ),
    ("Unclosed array", say("a list has no closing bracket")),
    ("Unclosed inline table", say("a group in braces is not closed, or goes over more than one line")),
    ("Expected ']'", say("a heading in square brackets is not closed")),
    ("Unescaped '\\\\'", say("a backslash in a text must be written twice, or the text put in single quotes")),
    ("Invalid initial character for a key part", say("a key is missing here")),
    ("Invalid statement", say("this is neither a key with a value, nor a [heading], nor a # comment")),
    ("Invalid date or datetime", say("there is no such date")),
    ("Exceeds the limit", say("a number has too many digits")),
)
"""How tomllib begins its messages (CPython 3.11 to 3.14), and plain words for them."""


def _syntax(message: str, text: str, path: str) -> Problem:
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z", message)
    written_lines = text.splitlines() or [""]
    line = int(place[1]) if place and place[1] else len(written_lines)
    column = f":{place[2]}" if place and place[2] else ""
    plain = next((words for start, words in _SYNTAX if re.match(start, message)), NOTHING)
    key = ""
    if plain == _TWICE:
        key = written_lines[min(line, len(written_lines)) - 1].partition("=")[0].strip()
        key = key if key.isprintable() and len(key) <= _WIDEST_KEY else ""
    reason = plain or say("{reason}", reason=message[: place.start() if place else None])
    return Problem(f"{path}:{line}{column}" if place else path, key, reason)


def _checked(data: Mapping[str, Any], text: str, path: str, overrides: Sequence[Override]) -> Answers:
    merged, problems = _merged(data, overrides)
    try:
        answers = answers_model().model_validate(_frozen(merged), strict=True)
    except ValidationError as error:
        problems += problem_texts(error, merged)
        answers = None
    if answers is None or problems:
        sources: dict[Key, str] = {override.key: override.where for override in overrides}
        raise WrongAnswersError(_located(problems, text, path, sources))
    return answers


def _merged(data: Mapping[str, Any], overrides: Sequence[Override]) -> tuple[dict[str, Any], list[tuple[Key, Text]]]:
    """Return the values with the overrides over them, and what is wrong with the overrides' keys."""
    merged: dict[str, Any] = _copied(data)
    problems: list[tuple[Key, Text]] = []
    for override in overrides:
        node: Any = merged
        for part in override.key[:-1]:
            node = node.setdefault(part, {}) if isinstance(node, dict) else None
        if isinstance(node, dict) and override.value == TAKEN_BACK:
            node.pop(override.key[-1], None)
        elif isinstance(node, dict):
            node[override.key[-1]] = override.value
        else:
            problems.append((override.key, unknown_key(override.key)))
    return merged, problems


def _located(problems: Sequence[tuple[Key, Text]], text: str, path: str, sources: Mapping[Key, str]) -> list[Problem]:
    """Return the problems with the place of each: an override's own name, else the nearest line of the file."""
    places = lines(text)
    located = []
    for key, reason in problems:
        ways = [key[:length] for length in range(len(key), 0, -1)]
        source = next((sources[way] for way in ways if way in sources), "")
        source = source or next((name for full, name in sources.items() if full[: len(key)] == key), "")
        line = next((places[way] for way in ways if way in places), 0)
        where = source or (f"{path}:{line}" if line and path else path)
        located.append((bool(source), line, Problem(where, write_key(key), reason)))
    return [problem for _, _, problem in sorted(located, key=lambda item: item[:2])]


def _at_line(text: str, path: str, key: Key, reason: Text) -> Problem:
    return Problem(f"{path}:{lines(text).get(key, 1)}", write_key(key), reason)


def _whole_file(path: str, reason: Text) -> WrongAnswersError:
    return WrongAnswersError([Problem(path, "", reason)], _TEMPLATE_HINT)


def _copied(node: Any) -> Any:  # noqa: ANN401 any TOML value
    return {name: _copied(value) for name, value in node.items()} if isinstance(node, dict) else node


def _frozen(node: Any) -> Any:  # noqa: ANN401 any TOML value
    """Return the values with tuples for lists: the model is strict about types, so that true is no number."""
    if isinstance(node, dict):
        return {name: _frozen(value) for name, value in node.items()}
    return tuple(map(_frozen, node)) if isinstance(node, list) else node
