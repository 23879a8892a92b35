"""What the README and docs/ tell people to follow, type or write is there: links, commands, answers."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.parser import Parser
from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.answers.file import load
from xmpp_wizard.core.errors import UsageError
from xmpp_wizard.core.wanted.desired import desired

ROOT = Path(__file__).parents[2]
PAGES = (*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")))
NOT_WHOLE = re.compile("is missing$|^one of these must follow")
"""What is said of a command that is only named, such as `user`."""
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the names that the headings of ``page`` have on the web."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def broken_links(page: Path) -> Iterator[str]:
    """Yield the links of ``page`` within this repository that lead nowhere."""
    for link in re.findall(r'(?:\]\(|(?:src|href)=")([^)"\s]+)', FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def typed(text: str) -> Iterator[str]:
    """Yield each command line of the program in the blocks of ``text``."""
    lines = [line for _, block in FENCE.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    yield from filter(None, map(command_line, lines))


def spoken_of(text: str) -> Iterator[str]:
    """Yield each command line of the program within the sentences of ``text``, also a part of one."""
    spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    yield from filter(None, map(command_line, spans))


def command_line(line: str) -> str:
    """Return what ``line`` hands to the program; nothing if it does not call it, or leaves something out (`…`)."""
    found = re.search(r"(?:^|[ ;&])xmpp-wizard( [^;|&>]*)", line.partition(" #")[0])
    return "" if found is None or "…" in found[1] else found[1].strip()


def understood(line: str) -> str:
    """Return what the program has against ``line``."""
    words = shlex.split(re.sub(r" --(json|(instance|root) \S+)", "", f" {line}"))
    if words[0].startswith("-"):
        return "" if words[0] in ("--help", "--version") else f"no option {words[0]}"
    if words[0] not in COMMANDS:
        return f"no command {words[0]}"
    command = COMMANDS[words[0]]
    parser = Parser(prog="xmpp-wizard")
    import_module(f"xmpp_wizard.cli.{command.module}").add_to(parser.add_subparsers(required=True))
    try:
        parser.parse_args(words[:1] if command.passes_through else words)
    except UsageError as error:
        return str(error.text)
    return ""


def every_toml() -> Iterator[tuple[str, str]]:
    """Yield the answers that pages show, each with its page; what is left out is filled in."""
    for page in PAGES:
        blocks = [textwrap.dedent(block) for kind, block in FENCE.findall(page.read_text()) if kind == "toml"]
        for block in blocks:
            domain = "" if re.search(r"^domain =", block, re.MULTILINE) else 'domain = "example.org"\n'
            yield page.name, domain + block.replace('"…"', f'"{"0" * 64}"')


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_all_links_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_the_readme_leads_to_every_page() -> None:
    text = (ROOT / "README.md").read_text()
    assert [page.name for page in ROOT.glob("docs/*.md") if f"(docs/{page.name})" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_all_commands_are_commands_of_the_program(page: Path) -> None:
    text = page.read_text()
    refused = {line: why for line in {*typed(text), *spoken_of(text)} if (why := understood(line))}
    in_blocks = set(typed(text))
    assert {line: why for line, why in refused.items() if line in in_blocks or not NOT_WHOLE.search(why)} == {}


@pytest.mark.parametrize(("page", "answers"), list(every_toml()))
def test_all_answers_are_right_and_go_together(page: str, answers: str) -> None:
    assert desired(load(answers.encode(), page, {}, ())[0], {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_all_keys_are_answers(page: Path) -> None:
    known = {key[:length] for key in questions() for length in range(1, len(key) + 1)}
    groups = "|".join(sorted({key[0] for key in known if len(key) > 1}))
    named = re.findall(rf"[`' ]((?:{groups})(?:\.[a-z][a-z0-9_]*)+)(?=[`= ])", page.read_text())
    assert [key for key in named if tuple(key.split(".")) not in known] == []
