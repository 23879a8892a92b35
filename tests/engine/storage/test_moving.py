"""Data that move between backends, against fakes: at each moment of it somebody may pull the plug."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import NO_PROOF, TEMPLATES, end, run, wish
from tests.fakes import Fakes, Recorder
from tests.fakes.containers import FakeContainers
from tests.fakes.stores import FakeStores

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EngineError, HealthError, NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.applying.apply import Consent
from xmpp_wizard.engine.setup import GoBack, Request, prepare
from xmpp_wizard.engine.storage.stayed import discard, stay

CONFIG = "/etc/xmpp-wizard/prosody/prosody.cfg.lua"
PROSODY = "xmpp-wizard-prosody"
SQLITE, FILES, DATABASE = (wish(storage={"backend": name}) for name in ("sqlite", "internal", "postgresql"))
IN_FILES = wish(storage={"backend": "sqlite", "in_files": ["history"]})
YES = Consent(wants_proof=False, allow_destroy=True)


def furnished(monkeypatch: pytest.MonkeyPatch) -> tuple[Fakes, FakeStores]:
    """Return a world whose Prosody writes to its storage at each start."""
    fakes = Fakes()
    fakes.appliance.texts = dict(TEMPLATES)
    stores = FakeStores(fakes.files, fakes.containers)
    fakes.containers.on_run, fakes.containers.on_aside = stores.run, stores.aside
    start = FakeContainers.start

    def starting(self: FakeContainers, name: str) -> None:
        start(self, name)
        if name == PROSODY and self is fakes.containers:
            stores.prosody_starts()

    monkeypatch.setattr(FakeContainers, "start", starting)
    return fakes, stores


def check_whole(fakes: Fakes, stores: FakeStores, where: str = "") -> None:
    """See that a server runs with all that anybody ever wrote to it."""
    assert fakes.containers.containers[PROSODY].is_running, where
    assert stores.of("prosody.cfg.lua") == stores.written, where


def test_the_plan_says_what_happens(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, _ = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    plan = prepare(fakes.world(), layout, DATABASE).plan
    (step,) = (step for step in plan.steps if step.id == "container:prosody")
    assert "container:postgresql" in step.needs
    assert str(step).partition("] ")[2] == (
        "container:prosody: MoveData, storage.backend is another: 2 accounts and 1 message are copied and compared, "
        "and nobody can log in for up to a minute; the old ones stay in SQLite until you let them go INTERRUPTS"
    )
    assert f"file:{CONFIG}" not in str(plan)
    assert not plan.destroys


def test_everything_is_in_the_new_place_and_the_old_stays(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    old = list(stores.records["sqlite"])
    assert end(run(fakes, layout, DATABASE)).exit_status == 0
    check_whole(fakes, stores)
    assert stores.records["sqlite"] == old
    assert not [path for path in fakes.files.nodes if "/moving-" in path]
    assert not prepare(fakes.world(), layout, DATABASE).plan
    found = stay(fakes.world(), layout)
    assert (found.live, [name for name, _ in found.kept]) == ("postgresql", ["sqlite"])


def test_the_way_back_needs_a_yes_where_something_stayed(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    run(fakes, layout, FILES)
    assert end(run(fakes, layout, SQLITE)).code == "destroys"
    assert end(run(fakes, layout, SQLITE, YES)).exit_status == 0
    check_whole(fakes, stores)
    assert stores.records["sqlite"] == stores.written


def test_undo_takes_what_stayed_as_it_was(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    old = list(stores.records["sqlite"])
    run(fakes, layout, FILES)
    refused = end(run(fakes, layout, GoBack()))
    assert refused.code == "destroys"
    assert "what came since then stays in Files" in str(refused.text)
    assert end(run(fakes, layout, GoBack(), YES)).exit_status == 0
    assert stores.records["sqlite"] == [*old, stores.written[-1]]
    assert [name for name, _ in stay(fakes.world(), layout).kept] == ["internal"]


def test_once_let_go_undo_brings_everything_back_by_a_copy(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    run(fakes, layout, FILES)
    discard(fakes.world(), layout, "sqlite")
    assert stores.records["sqlite"] == []
    assert stay(fakes.world(), layout).kept == ()
    assert end(run(fakes, layout, GoBack())).exit_status == 0
    check_whole(fakes, stores)


def test_what_is_in_use_is_never_let_go(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    run(fakes, layout, DATABASE)
    for backend in ("postgresql", "internal"):
        with pytest.raises(NeedsPersonError, match=f"nothing from before is in {backend}"):
            discard(fakes.world(), layout, backend)
    run(fakes, layout, FILES)
    fakes.files.put("/var/lib/xmpp-wizard/data/postgresql/data", "tables", 0o600)
    discard(fakes.world(), layout, "postgresql")
    assert not [path for path in fakes.files.nodes if "data/postgresql" in path]
    check_whole(fakes, stores)


def test_single_kinds_of_data_are_a_place_of_their_own(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    plan = prepare(fakes.world(), layout, IN_FILES).plan
    (step,) = (step for step in plan.steps if step.id == "container:prosody")
    assert str(step.title) == "Move single kinds of data: from SQLite to SQLite (in files: history)"
    assert "storage.in_files is another" in str(step)
    assert end(run(fakes, layout, IN_FILES)).exit_status == 0
    check_whole(fakes, stores)
    found = stay(fakes.world(), layout)
    assert (found.live, [name for name, _ in found.kept]) == ("sqlite+history", ["sqlite"])
    refused = end(run(fakes, layout, DATABASE, YES))
    assert "what stayed in SQLite from before would be mixed" in str(refused.text), refused
    check_whole(fakes, stores)
    discard(fakes.world(), layout, "sqlite")
    assert end(run(fakes, layout, DATABASE)).exit_status == 0
    check_whole(fakes, stores)


def test_files_beside_a_database_that_is_gone_are_let_go(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, wish(storage={"backend": "postgresql", "in_files": ["history"]}))
    run(fakes, layout, SQLITE)
    discard(fakes.world(), layout, "postgresql+history")
    assert stores.cleared == ["archive"]
    assert stay(fakes.world(), layout).kept == ()
    check_whole(fakes, stores)


REFUSALS = {
    "cannot be looked at": ("check", CommandResult(1, "", "the database cannot be reached\n")),
    "the name nn@a.example is too long": (
        "check",
        CommandResult(0, '{"event": "too-long", "name": "nn@a.example"}', ""),
    ),
    "could not be copied: gone": ("move", CommandResult(1, "", "gone\n")),
    "could not be copied: status 0": ("move", CommandResult(0, '{"event": "comparing"}', "")),
    "not the same as what it was made of: x accounts": (
        "move",
        CommandResult(1, '{"event": "differs", "source": "x accounts", "target": ""}', ""),
    ),
}


@pytest.mark.parametrize("words", REFUSALS)
@pytest.mark.parametrize("request_", [FILES, DATABASE], ids=["files", "database"])
def test_whatever_fails_the_old_server_runs_on(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, words: str, request_: Request
) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    config = fakes.files.nodes[CONFIG].content
    verb, result = REFUSALS[words]
    if "too-long" in result.output:
        counted = stores.aside("", ["", "check", CONFIG, CONFIG]).output
        result = replace(result, output=counted + result.output)
    stores.results = {verb: result}
    ended = end(run(fakes, layout, request_))
    assert (ended.exit_status, words in str(ended.text)) == (6, True), ended.text
    assert fakes.files.nodes[CONFIG].content == config
    assert set(fakes.containers.containers) == {PROSODY}
    check_whole(fakes, stores)
    stores.results = {}
    assert end(run(fakes, layout, request_)).exit_status == 0
    check_whole(fakes, stores)


def test_a_copy_that_lacks_something_is_no_copy(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    stores.loses = True
    assert end(run(fakes, layout, FILES)).exit_status == 6
    check_whole(fakes, stores)
    assert stores.records["internal"] == []


def test_what_nobody_knows_of_is_not_deleted(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    stores.records["internal"] = ["somebody's"]
    ended = end(run(fakes, layout, FILES, YES))
    assert "Files is not empty" in str(ended.text)
    assert stores.records["internal"] == ["somebody's"]
    check_whole(fakes, stores)


def test_a_full_disk_is_seen_before_anything_is_stopped(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    stores.results["check"] = CommandResult(
        0, '{"event": "source", "bytes": 1000000000000}\n{"event": "target", "records": 0}\n', ""
    )
    assert "the copy needs 4000100 MB on the disk" in str(end(run(fakes, layout, FILES)).text)
    assert stores.written == ["message 0"]


def test_a_configuration_changed_by_hand_is_not_moved_from(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    fakes.files.put(CONFIG, fakes.files.nodes[CONFIG].content.decode() + "-- mine\n", 0o640)
    for edits in ("keep", "overwrite"):
        ended = end(run(fakes, layout, FILES, replace(YES, edits=edits)))
        assert "changed by hand" in str(ended.text)
        assert stores.records.get("internal", []) == []
        assert fakes.containers.containers[PROSODY].is_running


def test_a_new_server_that_does_not_serve_goes_back_to_the_old_data(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    old, stream = list(stores.records["sqlite"]), fakes.probe.stream

    def refusing(*arguments: Any, **names: Any) -> Any:  # noqa: ANN401
        if 'storage = "internal"' in fakes.files.nodes[CONFIG].content.decode():
            raise HealthError(say("nobody there"))
        return stream(*arguments, **names)

    monkeypatch.setattr(fakes.probe, "stream", refusing)
    assert end(run(fakes, layout, FILES)).exit_status == 6
    assert stores.records["sqlite"] == [*old, stores.written[-1]]
    assert [name for name, _ in stay(fakes.world(), layout).kept] == ["internal"]


def test_without_a_record_of_the_way_nothing_is_moved(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    fakes.files.remove(str(layout.generations))
    ended = end(run(fakes, layout, FILES))
    assert (ended.code, "the data here are in sqlite" in str(ended.text)) == ("obstacle", True)
    check_whole(fakes, stores)


class Crash(BaseException):
    """The process is gone: nothing below catches this."""


@pytest.mark.parametrize("afterwards", ["at once", "after a reboot", "back", "back after a reboot"])
@pytest.mark.parametrize("request_", [FILES, DATABASE], ids=["files", "database"])
def test_killed_at_any_call_nothing_is_lost(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, request_: Request, afterwards: str
) -> None:
    number, was_killed = 0, True
    while was_killed:
        number += 1
        with monkeypatch.context() as patch:
            was_killed = killed_once(layout, patch, number, request_, afterwards)
    assert number > 30


def killed_once(layout: Layout, patch: pytest.MonkeyPatch, number: int, request_: Request, afterwards: str) -> bool:
    """Be killed at a call from the look before the move on, and go on; return whether there was such a call."""
    fakes, stores = furnished(patch)
    run(fakes, layout, SQLITE)
    calls: list[str] = []
    hit = Recorder.hit

    def counted(self: Recorder, verb: str, subject: str = "") -> None:
        if calls or "moving-from" in subject:
            calls.append(f"{verb} {subject}")
        if len(calls) == number:
            raise Crash
        hit(self, verb, subject)

    with patch.context() as inner:
        inner.setattr(Recorder, "hit", counted)
        try:
            run(fakes, layout, request_)
        except Crash:
            fakes.lock.held.clear()
    where = f"{number}: {calls[-1]}"
    if "reboot" in afterwards and PROSODY in fakes.containers.containers:
        fakes.containers.start(PROSODY)
    ended = end(run(fakes, layout, SQLITE if "back" in afterwards else request_, YES))
    assert ended.exit_status == 0, f"{where}: {ended.text}"
    check_whole(fakes, stores, where)
    found = stay(fakes.world(), layout)
    assert found.live not in dict(found.kept), where
    return len(calls) >= number


def test_a_mover_that_a_killed_run_left_is_stopped_first(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, _ = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    left = replace(fakes.containers.containers[PROSODY], is_running=True)
    fakes.containers.containers["xmpp-wizard-prosody-moving"] = left
    plan = prepare(fakes.world(), layout, FILES).plan
    names = [step.id for step in plan.steps]
    assert names.index("container-removal:xmpp-wizard-prosody-moving") < names.index("container:prosody")
    assert end(run(fakes, layout, SQLITE, NO_PROOF)).exit_status == 0
    assert set(fakes.containers.containers) == {PROSODY}


def test_an_engine_that_cannot_run_it_leaves_the_server_alone(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes, stores = furnished(monkeypatch)
    run(fakes, layout, SQLITE)
    fakes.containers.fail_at["run_aside"] = EngineError(say("the engine is gone"))
    assert end(run(fakes, layout, FILES)).exit_status == 6
    check_whole(fakes, stores)
