"""The sheet for a drawer: how to get the server back, its ports, DNS records and places of keys; no secret is on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath

from xmpp_wizard.core.containers import PROJECT_LABEL
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.memory import state
from xmpp_wizard.engine.own_files import write_own_file
from xmpp_wizard.engine.plan_page.outside import dns_lines
from xmpp_wizard.engine.setup import current

Words = Callable[[Text], str]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a sentence, and lines to be copied."""

    title: Text
    sentence: Text
    lines: tuple[str, ...]


def sections(world: World, layout: Layout, words: Words = str) -> tuple[Section, ...]:
    """Return what is on the sheet for the server that is set up here.

    Raises:
        NotSetUpError: there is none.
    """
    target, wanted = current(world, layout)
    addresses = tuple(wanted.addresses if wanted else ()) or tuple(world.sockets.addresses())[:1]
    ports = tuple(f"{opening.ports:>11} {opening.protocol:<4} {opening.purpose}" for opening in target.outside)
    records = dns_lines(wanted, next(iter(addresses), "")) if wanted else ()
    return (
        Section(say("Server"), say("Where it is."), (", ".join(target.domains), *addresses)),
        Section(
            say("When something is wrong"),
            say("Type these on the machine, one after the other, until all is well."),
            _commands(layout, words),
        ),
        Section(
            say("Keep a copy"),
            say("Two folders are the whole server, but for files and databases elsewhere that the answers name."),
            (*_places(layout, words), *_copying(layout)),
        ),
        Section(
            say("Bring it back, also on another machine"),
            say("Put the copy and the release of xmpp-wizard there, and type in the folder of the release:"),
            _bringing_back(layout),
        ),
        Section(say("Ports"), say("Open in firewall and router."), ports),
        Section(say("DNS records"), say("Where the domain is managed."), records),
    )


def _places(layout: Layout, words: Words) -> tuple[str, ...]:
    settings, state = say("answers, configuration, secrets"), say("accounts, messages, files, certificates")
    return f"{layout.settings}    {words(settings)}", f"{layout.state}    {words(state)}"


def _copy(layout: Layout) -> PurePosixPath:
    """Return the archive with everything; it lies where only root may look, as secrets are in it."""
    return layout.root / "root" / f"{layout.project}.tar.gz"


def _copying(layout: Layout) -> tuple[str, ...]:
    """Return the commands that copy the server, which is stopped for that: databases do not bear it while they run.

    The containers are found by their label, as a sheet lies in its drawer while others come and go.
    """
    folders = " ".join(str(path.relative_to(layout.root)) for path in (layout.settings, layout.state))
    label = f"label={PROJECT_LABEL}={layout.project}"
    return (
        f"sudo docker stop $(sudo docker ps -qf {label})",
        f"sudo tar -czf {_copy(layout)} -C {layout.root} {folders}",
        f"sudo docker start $(sudo docker ps -aqf {label})",
    )


def _bringing_back(layout: Layout) -> tuple[str, ...]:
    return (
        f"sudo tar -xzpf {_copy(layout)} -C {layout.root}",
        "sudo ./install.sh < /dev/null",
        layout.command("apply"),
    )


def as_text(found: tuple[Section, ...], words: Words = str) -> str:
    """Return the sheet as plain text."""
    parts = []
    for section in found:
        title, lines = words(section.title), "\n".join(f"    {line}" for line in section.lines)
        parts.append(f"{title}\n{'=' * len(title)}\n{words(section.sentence)}\n\n{lines}\n")
    return "\n".join(parts)


def as_html(found: tuple[Section, ...], title: str, words: Words = str) -> str:
    """Return the sheet as a page to be printed; nothing on it is loaded from elsewhere."""
    body = "".join(
        f"<h2>{escape(words(section.title))}</h2><p>{escape(words(section.sentence))}</p>"
        f"<pre>{escape(chr(10).join(section.lines))}</pre>"
        for section in found
    )
    style = (
        "body{font:12pt sans-serif;margin:2em}pre{font:10pt monospace;border:1px solid;padding:.5em;overflow-x:auto}"
    )
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{style}</style>'
    return f"<!DOCTYPE html><html><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>\n"


def write_sheet(world: World, layout: Layout, words: Words = str) -> str:
    """Write the sheet as a page and as text; return the path of the page. ``words`` gives it its language.

    Raises:
        NotSetUpError: there is no server.
        DiskError: it cannot be written.
    """
    found = sections(world, layout, words)
    name = f"emergency-sheet-{layout.instance}" if layout.instance else "emergency-sheet"
    title = words(say("Emergency sheet of {domain}", domain=found[0].lines[0]))
    text = write_own_file(world, layout, f"{name}.txt", f"{title}\n\n{as_text(found, words)}")
    page = write_own_file(world, layout, f"{name}.html", as_html(found, title, words))
    written = {path: facts.sha256 for path in (text, page) if (facts := world.files.stat(path))}
    state.save_sheets(world, layout, written)
    return page


def sheets(world: World, layout: Layout) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paths of the sheets that are there as they were written, and of those that somebody changed."""
    there = {
        path: (facts.sha256, before)
        for path, before in state.sheets(world, layout).items()
        if (facts := world.files.stat(path))
    }
    changed = tuple(path for path, (now, before) in there.items() if now != before)
    return tuple(path for path in there if path not in changed), changed


def _commands(layout: Layout, words: Words) -> tuple[str, ...]:
    whats = {
        layout.command("status"): say("says what is wrong"),
        layout.command("apply"): say("starts and mends it"),
        layout.command("prove"): say("tries it as people use it"),
        layout.command("logs"): say("shows what the server says"),
        layout.command("undo"): say("takes the last change back"),
        layout.command("user", "passwd", "NAME"): say("gives somebody a new password"),
    }
    widest = max(map(len, whats))
    return tuple(f"{command:<{widest}}    {words(what)}" for command, what in whats.items())
