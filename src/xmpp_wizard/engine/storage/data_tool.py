"""``prosody-data`` in a container that reaches two places where data can be, told of both by their configurations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from xmpp_wizard.core.containers import CommandResult, Report
from xmpp_wizard.core.layout import PROSODY_ID, Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.storage.moving import aside_name
from xmpp_wizard.core.target import Container
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.storage_look import PROGRAM, USER

_FOLDER = "/etc/prosody"
_FROM, _TO = "moving-from.cfg.lua", "moving-to.cfg.lua"


@dataclass(frozen=True, slots=True)
class DataTool:
    """The tool, while both configurations are there for it."""

    world: World
    layout: Layout
    container: Container
    report: Report

    def check(self) -> CommandResult:
        """Count what is at both places, and look whether it can be taken from the old one to the new one."""
        return self._run("check", _FROM, _TO)

    def move(self, records: int) -> CommandResult:
        """Copy all of it and prove that both are the same."""
        return self._run("move", _FROM, _TO, str(records))

    def clear(self) -> CommandResult:
        """Delete what is at the new place."""
        return self._run("clear", _TO, _FROM)

    def clear_files(self, stores: Sequence[str]) -> CommandResult:
        """Delete what is in plain files of these ``stores`` and not in use where the data are now, the old place."""
        return self._run("clear-files", _FROM, *stores)

    def _run(self, verb: str, *words: str) -> CommandResult:
        command = [PROGRAM, verb, *(f"{_FOLDER}/{word}" if word in (_FROM, _TO) else word for word in words)]
        name = aside_name(self.layout.project)
        return self.world.containers.run_aside(self.container, name, command, self._heard, user=USER)

    def _heard(self, line: str) -> None:
        text = progress(line)
        if text:
            self.report(str(text))


@contextmanager
def data_tool(
    world: World, layout: Layout, container: Container, old_config: str, new_config: str, report: Report
) -> Iterator[DataTool]:
    """Put both configurations where ``container`` reads its own, for as long as the block takes."""
    paths = {str(layout.prosody_config / _FROM): old_config, str(layout.prosody_config / _TO): new_config}
    try:
        for path, text in paths.items():
            world.files.write(path, text.encode(), 0o640, (0, PROSODY_ID))
        yield DataTool(world, layout, container, report)
    finally:
        for path in paths:
            world.files.remove(path)


def progress(line: str) -> Text:
    """Return a line of the tool in words; nothing for those that are no news."""
    try:
        found = json.loads(line)
    except ValueError:
        return NOTHING
    match found:
        case {"event": "copied", "count": count, "all": whole}:
            return say("{count} of {all} records copied", count=count, all=whole)
        case {"event": "comparing"}:
            return say("all is copied; both are compared now")
        case {"event": "same", "stores": count}:
            return say("both are the same, compared in {count} parts", count=count)
    return NOTHING


def last_line(result: CommandResult) -> str:
    """Return what the tool says is wrong."""
    lines = [line for line in result.errors.splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"status {result.status}"
