"""Accounts exported for another server, against fakes: never over something else, never half a file."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.engine.conftest import run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import DiskError, EffectError, NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.storage.portable import Exported, export

FILE = "/root/accounts.xml"
DONE = '{"event": "exported", "accounts": 1}\n{"event": "done", "accounts": 2, "left": {"muc_log": 7, "cron": 1}}\n'


def exporting(fakes: Fakes, layout: Layout, result: CommandResult) -> None:
    """Let the tool write a file and end so."""
    run(fakes, layout, wish())
    fakes.files.put("/root/other", "")

    def aside(_name: str, command: Sequence[str]) -> CommandResult:
        fakes.files.put(f"/var/lib/xmpp-wizard/data/prosody/{command[3].rpartition('/')[2]}", "<server-data/>", 0o640)
        return result

    fakes.containers.on_aside = aside


def left_behind(fakes: Fakes) -> list[str]:
    """Return what lies in the server's own folder of it."""
    return [path for path in fakes.files.nodes if "/export-" in path]


def test_root_alone_may_read_the_file(fakes: Fakes, layout: Layout) -> None:
    exporting(fakes, layout, CommandResult(0, DONE, ""))
    heard: list[Text] = []
    found = export(fakes.world(), layout, FILE, "", heard.append)
    assert found == Exported(2, {"cron": 1, "muc_log": 7})
    node = fakes.files.nodes[FILE]
    assert (node.content, node.mode, node.owner) == (b"<server-data/>", 0o600, (0, 0))
    assert [str(text) for text in heard] == ["1 accounts written"]
    assert left_behind(fakes) == []


@pytest.mark.parametrize("path", ["/root/other", "/root/link", "/no/folder/file.xml", "/root/other/file.xml"])
def test_nothing_is_written_over(fakes: Fakes, layout: Layout, path: str) -> None:
    exporting(fakes, layout, CommandResult(0, DONE, ""))
    fakes.files.link("/root/link", "nowhere")
    before = dict(fakes.files.nodes)
    with pytest.raises(NeedsPersonError):
        export(fakes.world(), layout, path, "", lambda _: None)
    assert fakes.files.nodes == before


def test_a_failure_leaves_no_half_a_file(fakes: Fakes, layout: Layout) -> None:
    exporting(fakes, layout, CommandResult(1, "", "the database cannot be reached\n"))
    with pytest.raises(EffectError, match="the database cannot be reached"):
        export(fakes.world(), layout, FILE, "", lambda _: None)
    exporting(fakes, layout, CommandResult(0, DONE, ""))
    fakes.files.fail_at["copy"] = DiskError(say("the disk is full"))
    with pytest.raises(DiskError):
        export(fakes.world(), layout, FILE, "", lambda _: None)
    assert FILE not in fakes.files.nodes
    assert left_behind(fakes) == []


def test_somebody_who_is_not_there_is_told(fakes: Fakes, layout: Layout) -> None:
    exporting(fakes, layout, CommandResult(0, '{"event": "done", "accounts": 0, "left": {}}', ""))
    with pytest.raises(NeedsPersonError, match="nobody called x@a"):
        export(fakes.world(), layout, FILE, "x@a.example", lambda _: None)
    assert FILE not in fakes.files.nodes


@pytest.mark.parametrize("wish_for", ["ann", "ANN@A.Example", "ann@a.example"])
def test_an_account_is_named_as_in_all_commands(fakes: Fakes, layout: Layout, wish_for: str) -> None:
    exporting(fakes, layout, CommandResult(0, DONE, ""))
    asked: list[Sequence[str]] = []
    answer = fakes.containers.on_aside

    def aside(name: str, command: Sequence[str]) -> CommandResult:
        asked.append(command)
        return answer(name, command)

    fakes.containers.on_aside = aside
    export(fakes.world(), layout, FILE, wish_for, lambda _: None)
    assert [command[-1] for command in asked] == ["ann@a.example"]


def test_an_address_of_elsewhere_is_told(fakes: Fakes, layout: Layout) -> None:
    exporting(fakes, layout, CommandResult(0, DONE, ""))
    with pytest.raises(NeedsPersonError, match="b\\.example is not served here"):
        export(fakes.world(), layout, FILE, "ann@b.example", lambda _: None)
