"""argparse with our manners: usage errors are UsageError with "did you mean", every help ends in examples."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from textwrap import indent
from typing import Any, NoReturn, TypeAlias

from xmpp_wizard.core.errors import UsageError
from xmpp_wizard.core.text import NOTHING, Text, say

Run: TypeAlias = Callable[[argparse.Namespace], int]

GLOBAL_OPTIONS = """\
options for every command:
  --json           data on stdout as JSON
  --instance NAME  another server on this machine, with a name of its own
  --root DIR       keep everything below DIR instead of / (to try things out)"""


class Parser(argparse.ArgumentParser):
    """Refuses with an error of ours; abbreviations of options are not taken."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 argparse's own
        """Set what all of our parsers share."""
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        settings["allow_abbrev"] = False
        super().__init__(**settings)
        self._positionals.title = "arguments"

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line.

        Raises:
            UsageError: always.
        """
        choices = re.search(r"invalid choice: '?(.*?)'? \(choose from (.*)\)", message)
        if choices:
            names = re.findall(r"[\w.-]+", choices[2])
            raise UsageError(
                say("there is no {word} in: {command}", word=choices[1], command=self.prog),
                did_you_mean(choices[1], names) or say("One of: {names}", names=", ".join(names)),
            )
        missing = re.fullmatch("the following arguments are required: (.*)", message)
        text = self._missing(missing[1]) if missing else _in_words(message)
        raise UsageError(text, say("See: {command} --help", command=self.prog))

    def _missing(self, names: str) -> Text:
        """Return what has to be said, too, of which argparse knows only ``names``."""
        asked = next((each for each in self._actions if each.required and each.choices), None)
        if asked is not None and str(asked.metavar or asked.dest) in names:
            return say("one of these must follow: {names}", names=", ".join(map(str, asked.choices or ())))
        return say("{name} is missing", name=names)

    def parse_known_args(  # type: ignore[override]  # narrower than argparse: nothing is ever left over
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, refusing what is left over where this parser's own options can be suggested."""
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            options = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", self.format_help())
            raise UsageError(
                say("there is no {word} in: {command}", word=rest[0], command=self.prog),
                did_you_mean(rest[0].partition("=")[0], options) or say("See: {command} --help", command=self.prog),
            )
        return found, rest


def _in_words(message: str) -> Text:
    """Return what argparse (3.11 to 3.14) says in its programmers' words, in those of people."""
    about = re.fullmatch("argument (.*?): (.*)", message, re.DOTALL)
    if not about:
        return say("{reason}", reason=message)
    name, wrong = about.groups()
    if wrong.startswith("expected "):
        return say("{name} needs a value", name=name)
    if wrong.startswith("ignored explicit argument"):
        return say("{name} takes no value", name=name)
    other = wrong.removeprefix("not allowed with argument ")
    if other != wrong:
        return say("{one} and {other} contradict each other", one=other, other=name)
    return say("{name}: {wrong}", name=name, wrong=wrong)


Subparsers: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 its only name; unquoted it cannot be subscripted


def did_you_mean(word: str, known: Iterable[str]) -> Text:
    """Return the question after the word most like ``word``, or nothing where none is."""
    close = get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return say("Did you mean: {word}", word=close[0]) if close else NOTHING


def add_command(subparsers: Subparsers, name: str, summary: object, run: Run, *, examples: str) -> Parser:
    """Add the parser of a command and return it; of ``examples``, which are shell lines, its help shows its own."""
    parser = subparsers.add_parser(name, help=str(summary), description=f"{summary}.")
    own = [line for line in examples.splitlines() if line.removeprefix("sudo ").startswith(parser.prog)]
    parser.epilog = "examples:\n" + indent("\n".join(own), "  ") + "\n\n" + GLOBAL_OPTIONS
    parser.set_defaults(run=run)
    return parser


def add_sets(parser: argparse.ArgumentParser, help_text: str) -> None:
    """Add ``--set``, which may be repeated."""
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="sets", help=help_text)


def positive(text: str) -> int:
    """Return a whole number above zero.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        message = f"{text!r} is no whole number above 0"
        raise argparse.ArgumentTypeError(message)
    return int(text)
