"""``xmpp-wizard answers``: a file to start from, its schema, a check of all that is said, and each key explained."""

from __future__ import annotations

import argparse
import json

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.parser import Run, Subparsers, add_command, add_sets
from xmpp_wizard.cli.sources import STDIN, from_stdin
from xmpp_wizard.cli.terminal import folded, narrate
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.text import Text, reason, say

_EXAMPLES = """
xmpp-wizard answers template > answers.toml
xmpp-wizard answers check answers.toml --set security.level=strict
xmpp-wizard answers explain | grep history
xmpp-wizard answers explain features.group_chat.history_days
xmpp-wizard answers schema > answers.schema.json
"""
_SET = "another value for one answer; KEY= takes it back"


def add_to(subparsers: Subparsers) -> None:
    """Add the command and what it can do."""
    parser = add_command(subparsers, "answers", COMMANDS["answers"].summary, _template, examples=_EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="{template,schema,check,explain}")
    template = _add(actions, "template", say("Print a whole answer file with every default as a comment"), _template)
    template.add_argument("domain", nargs="?", default="example.org", help="your domain; left out: example.org")
    _add(actions, "schema", say("Print the JSON Schema, for editors"), _schema)
    check = _add(
        actions, "check", say("Say all that is wrong with an answer file; exit status 4 if anything is"), _check
    )
    check.add_argument("file", nargs="?", help="the answer file, - for stdin; left out: the one of the server here")
    add_sets(check, _SET)
    explain = _add(actions, "explain", say("Say what a key means, what may be there, and how to set it"), _explain)
    explain.add_argument(
        "key",
        metavar="KEY",
        nargs="?",
        help="such as features.group_chat.history_days, or a group; left out: list all",
    )
    explain.add_argument("--answers", metavar="FILE", help="also say what this file says there; - for stdin")
    add_sets(explain, _SET)


def _add(actions: Subparsers, name: str, summary: Text, run: Run) -> argparse.ArgumentParser:
    examples = "\n".join(line for line in _EXAMPLES.splitlines() if f"answers {name}" in line)
    return add_command(actions, name, summary, run, examples=examples)


def _template(arguments: argparse.Namespace) -> int:
    from xmpp_wizard.core.answers.template import template  # noqa: PLC0415 each action loads only what it needs
    from xmpp_wizard.core.names import parse_own_domain  # noqa: PLC0415 as above

    try:
        text = template(parse_own_domain(arguments.domain))
    except ValueError as error:
        raise AnswersError(reason(error), say("Such as: xmpp-wizard answers template x.lan")) from error
    print(json.dumps({"template": text}, ensure_ascii=False) if arguments.json else text, end="")
    return 0


def _schema(_arguments: argparse.Namespace) -> int:
    from xmpp_wizard.core.answers.template import schema  # noqa: PLC0415 see _template

    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    """Read the answers and work out the server they describe; nothing on this machine is looked at."""
    from xmpp_wizard.core.answers.file import load  # noqa: PLC0415 see _template
    from xmpp_wizard.core.answers.problems import WrongAnswersError  # noqa: PLC0415 see _template
    from xmpp_wizard.core.wanted.desired import desired  # noqa: PLC0415 see _template

    context: Context = arguments.context
    path, content = _read(context, arguments.file)
    try:
        answers, _ = load(content, path, context.environment, arguments.sets)
        server = desired(answers)
    except AnswersError as error:
        if not arguments.json:
            raise
        known = error.problems if isinstance(error, WrongAnswersError) else ()
        problems = [{"where": p.where, "key": p.key, "text": str(p.text)} for p in known]
        _print_check(path, problems or [{"where": path, "key": "", "text": str(error)}])
        return error.exit_status
    if arguments.json:
        _print_check(path, [])
    else:
        print(say("{path}: fine; it describes the server {domains}", path=path, domains=", ".join(server.domains)))
    return 0


def _print_check(path: str, problems: list[dict[str, str]]) -> None:
    print(json.dumps({"file": path, "valid": not problems, "problems": problems}, ensure_ascii=False))


def _explain(arguments: argparse.Namespace) -> int:
    from xmpp_wizard.core.answers.explain import as_json, as_text, explain, origin  # noqa: PLC0415 see _template
    from xmpp_wizard.core.answers.template import toml_value  # noqa: PLC0415 see _template

    context: Context = arguments.context
    if arguments.key is None:
        return _list_keys(arguments)
    explanation = explain(arguments.key)
    path, content = _read(context, arguments.answers) if arguments.answers else ("", b"")
    found = origin(explanation.key, content, path, context.environment, arguments.sets)
    if arguments.json:
        print(json.dumps({**as_json(explanation), "from": found.where, "value": found.value}, ensure_ascii=False))
        return 0
    print(as_text(explanation))
    if found.where and not explanation.below:
        print(f"  {'Now:':<10} {toml_value(found.value)}, from {found.where}")
    elif not explanation.below:
        narrate(folded(say("Nothing is said there now, so the default holds.")))
    return 0


def _list_keys(arguments: argparse.Namespace) -> int:
    """Print every key with what it is called, as in the answer file."""
    from xmpp_wizard.core.answers.fields import questions  # noqa: PLC0415 see _template

    titles = {question.name: str(question.whole_title) for question in questions().values() if not question.group}
    if arguments.json:
        print(json.dumps(titles, ensure_ascii=False))
        return 0
    for name, title in titles.items():
        print(f"{name}  {title}")
    return 0


def _read(context: Context, name: str | None) -> tuple[str, bytes]:
    """Return the name for messages and the content of the file ``name``, or of the answers of the server here."""
    from xmpp_wizard.core.answers.file import MAX_BYTES  # noqa: PLC0415 see _template

    if name == STDIN:
        return "stdin", from_stdin()
    world = context.any_world if name else context.world
    path = name or str(context.layout.answers)
    content = world.files.read(path, MAX_BYTES + 1)
    if content is None:
        raise AnswersError(
            say("there is no file {path}", path=path),
            say("Make one with: xmpp-wizard answers template > {path}", path=name or "answers.toml"),
        )
    return path, content
