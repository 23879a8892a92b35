"""Applies against a world of fakes: whole, again, cut off at every call, failing, stopped, undone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import TEMPLATES, end, run, wish
from tests.fakes import Fakes, Recorder

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import DiskError, EngineError, HealthError
from xmpp_wizard.core.events import ApplyStarted, RollbackStarted, StepEnded
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.applying.apply import Consent, work
from xmpp_wizard.engine.certificates import live as certificates
from xmpp_wizard.engine.memory import generations, journal
from xmpp_wizard.engine.memory import state as facts
from xmpp_wizard.engine.setup import GoBack, Renew, Request, current, prepare

CONFIG = "/etc/xmpp-wizard/prosody/prosody.cfg.lua"
STRICT: dict[str, Any] = {"security": {"level": "strict"}}


def state(fakes: Fakes) -> dict[str, bytes]:
    """Return what the server is made of: our files and secrets, without journals and records."""
    return {
        path: node.content
        for path, node in fakes.files.nodes.items()
        if path.startswith(("/etc/xmpp-wizard", "/var/lib/xmpp-wizard/certificates")) and not node.is_folder
    }


def test_a_fresh_apply_runs_the_server(fakes: Fakes, layout: Layout) -> None:
    events = run(fakes, layout, wish())
    assert (end(events).exit_status, str(end(events).text)) == (0, "a.example is set up (generation 1)")
    assert fakes.containers.containers["xmpp-wizard-prosody"].is_running
    assert 'VirtualHost "a.example"' in state(fakes)[CONFIG].decode()
    assert fakes.files.nodes["/var/lib/xmpp-wizard/certificates/live"].target == "generations/1"
    good = generations.last_good(fakes.world(), layout)
    assert good is not None
    assert (good.number, good.domains, good.user) == (1, ("a.example",), "root")
    started = events[0]
    assert isinstance(started, ApplyStarted)
    assert [step.id for step in started.steps] == [event.id for event in events if isinstance(event, StepEnded)]


def test_a_second_apply_has_nothing_to_do(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    before = state(fakes)
    assert not prepare(fakes.world(), layout, wish()).plan
    events = run(fakes, layout, wish())
    assert "nothing to do" in str(end(events).text)
    assert len(generations.all_generations(fakes.world(), layout)) == 1
    assert state(fakes) == before


def test_secrets_and_keys_survive_changes(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    kept = {path: text for path, text in state(fakes).items() if "secrets" in path}
    assert kept
    run(fakes, layout, wish(**STRICT))
    assert {path: text for path, text in state(fakes).items() if "secrets" in path} == kept


def test_a_password_hash_never_changes(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish(security={"level": "compatible"}))
    run(fakes, layout, wish(**STRICT))
    assert 'password_hash = "SHA-1"' in state(fakes)[CONFIG].decode()


class Crash(BaseException):
    """The process is gone: nothing below catches this."""


def crash_at(monkeypatch: pytest.MonkeyPatch, number: int) -> list[str]:
    """Let the ``number``-th call to the world kill the process; return the calls as they come."""
    hit, calls = Recorder.hit, []

    def counted(self: Recorder, verb: str, subject: str = "") -> None:
        calls.append(f"{verb} {subject}")
        if len(calls) == number:
            raise Crash
        hit(self, verb, subject)

    monkeypatch.setattr(Recorder, "hit", counted)
    return calls


def test_a_crash_at_any_call_is_made_good_by_the_next_run(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        total = len(crash_and_recover(layout, patch, 10**9, wish()))
    assert total > 100
    for number in range(1, total + 1):
        with monkeypatch.context() as patch:
            crash_and_recover(layout, patch, number, wish())


def test_a_crash_in_a_change_is_made_good_by_the_next_run(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        total = len(crash_and_recover(layout, patch, 10**9, wish(**STRICT), first=wish()))
    for number in range(1, total + 1):
        with monkeypatch.context() as patch:
            crash_and_recover(layout, patch, number, wish(**STRICT), first=wish())


def crash_and_recover(
    layout: Layout, patch: pytest.MonkeyPatch, number: int, request: Request, first: Request | None = None
) -> list[str]:
    """Set up, be killed at a call of the next apply, run again, and end in the wanted state."""
    fakes = Fakes()
    fakes.appliance.texts = dict(TEMPLATES)
    if first is not None:
        run(fakes, layout, first)
    secrets = {path: text for path, text in state(fakes).items() if "secrets" in path}
    with patch.context() as inner:
        calls = crash_at(inner, number)
        try:
            run(fakes, layout, request)
        except Crash:
            fakes.lock.held.clear()
    assert end(run(fakes, layout, request)).exit_status == 0, calls[-1]
    assert not prepare(fakes.world(), layout, request).plan, calls[-1]
    assert fakes.containers.containers["xmpp-wizard-prosody"].is_running, calls[-1]
    assert set(fakes.containers.containers) == {"xmpp-wizard-prosody"}, calls[-1]
    assert secrets.items() <= state(fakes).items(), calls[-1]
    last = generations.all_generations(fakes.world(), layout)[-1]
    assert last.state == "good", calls[-1]
    return calls


def test_a_failing_change_rolls_back_by_itself(fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    run(fakes, layout, wish())
    before = state(fakes)
    stream = fakes.probe.stream

    def refusing(*arguments: Any, **names: Any) -> Any:  # noqa: ANN401
        if b'tls_profile = "modern"' in state(fakes)[CONFIG]:
            raise HealthError(say("port 5222 refused the connection"))
        return stream(*arguments, **names)

    monkeypatch.setattr(fakes.probe, "stream", refusing)
    events = run(fakes, layout, wish(**STRICT))
    assert end(events).exit_status == 6
    assert end(events).code == "rolled-back"
    assert "generation 1" in str(end(events).hint)
    assert any(isinstance(event, RollbackStarted) for event in events)
    assert state(fakes) == before
    assert [item.state for item in generations.all_generations(fakes.world(), layout)] == ["good", "failed", "good"]
    assert not prepare(fakes.world(), layout, wish()).plan


def test_a_broken_configuration_interrupts_nothing(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    before = fakes.containers.containers["xmpp-wizard-prosody"].started_at
    wrong, stars = "Error: conf.d/mine.cfg.lua:3: '}' expected", "*" * 26
    said = f"{stars}\n{wrong}\n\nMore help on configuring Prosody\nGood luck!\n{stars}"
    fakes.containers.on_run = lambda *_: CommandResult(1, said, "")
    events = run(fakes, layout, wish(**STRICT))
    assert end(events).exit_status == 6
    assert str(end(events).text).endswith(f"cannot be read: {wrong}")
    assert fakes.containers.containers["xmpp-wizard-prosody"].started_at == before


def test_a_first_set_up_that_fails_leaves_no_broken_server(fakes: Fakes, layout: Layout) -> None:
    fakes.probe.fail_at["stream"] = HealthError(say("silence"))
    events = run(fakes, layout, wish())
    assert (end(events).exit_status, end(events).code) == (3, "health")
    assert not fakes.containers.containers
    fakes.probe.fail_at.clear()
    assert end(run(fakes, layout, wish())).exit_status == 0


def test_a_failing_build_changes_nothing(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    before = state(fakes)
    fakes.appliance.images["prosody"]["Dockerfile"] = b"FROM nothing\n"
    fakes.containers.fail_at["build"] = EngineError(say("no"))
    assert end(run(fakes, layout, wish(**STRICT))).exit_status == 3
    assert state(fakes) == before
    assert fakes.containers.containers["xmpp-wizard-prosody"].is_running


def test_undo_appends_a_generation(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    before = state(fakes)
    run(fakes, layout, wish(**STRICT))
    assert state(fakes) != before
    assert end(run(fakes, layout, GoBack())).exit_status == 0
    assert state(fakes) == before
    history = generations.all_generations(fakes.world(), layout)
    assert [item.number for item in history] == [1, 2, 3]
    assert str(history[-1].cause) == "back to generation 1"
    run(fakes, layout, GoBack())
    assert b'tls_profile = "modern"' in state(fakes)[CONFIG]


def test_a_record_with_its_cause_in_english_alone_is_read(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    path = str(layout.generations / "1" / "generation.json")
    record = json.loads(fakes.world().files.read(path) or b"")
    fakes.world().files.write(path, json.dumps({**record, "cause": "apply of {x}"}).encode(), 0o600, (0, 0))
    assert str(generations.all_generations(fakes.world(), layout)[0].cause) == "apply of {x}"


def test_there_is_nothing_to_undo_at_first(fakes: Fakes, layout: Layout) -> None:
    assert end(run(fakes, layout, GoBack())).exit_status == 5
    run(fakes, layout, wish())
    assert "no earlier generation" in str(end(run(fakes, layout, GoBack())).text)


def test_hand_edits_stop_a_headless_apply(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.put(CONFIG, "-- mine", 0o640, (0, 5222))
    stopped = end(run(fakes, layout, wish(**STRICT)))
    assert (stopped.exit_status, stopped.code) == (5, "edited")
    assert CONFIG in str(stopped.text)
    assert state(fakes)[CONFIG] == b"-- mine"


def test_hand_edits_can_be_kept_or_overwritten(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.put(CONFIG, "-- mine", 0o640, (0, 5222))
    assert end(run(fakes, layout, wish(), Consent(edits="keep", wants_proof=False))).exit_status == 0
    assert state(fakes)[CONFIG] == b"-- mine"
    assert not prepare(fakes.world(), layout, wish()).plan
    assert end(run(fakes, layout, wish(**STRICT))).code == "edited"
    assert end(run(fakes, layout, wish(**STRICT), Consent(edits="overwrite", wants_proof=False))).exit_status == 0
    assert b"modern" in state(fakes)[CONFIG]
    saved = [node.content for path, node in fakes.files.nodes.items() if "/edits/" in path]
    assert saved == [b"-- mine"]


def test_what_was_kept_can_be_given_up_again(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    ours = state(fakes)[CONFIG]
    fakes.files.put(CONFIG, "-- mine", 0o640, (0, 5222))
    keep = Consent(edits="keep", wants_proof=False)
    assert end(run(fakes, layout, wish(), keep)).exit_status == 0
    given_up = replace(wish(), ends_keeping=True)
    assert [edit.path for edit in prepare(fakes.world(), layout, given_up).plan.edits] == [CONFIG]
    assert end(run(fakes, layout, given_up, replace(keep, edits="overwrite"))).exit_status == 0
    assert state(fakes)[CONFIG] == ours
    saved = [node.content for path, node in fakes.files.nodes.items() if "/edits/" in path]
    assert saved == [b"-- mine"]
    # the very same change by hand is a surprise again
    fakes.files.put(CONFIG, "-- mine", 0o640, (0, 5222))
    assert end(run(fakes, layout, wish())).code == "edited"


def test_giving_up_a_domain_needs_a_yes(fakes: Fakes, layout: Layout) -> None:
    both: dict[str, Any] = {"extra_domains": ["b.example"]}
    run(fakes, layout, wish(**both))
    refused = end(run(fakes, layout, wish()))
    assert (refused.exit_status, refused.code) == (5, "destroys")
    assert "b.example" in str(refused.text)
    assert end(run(fakes, layout, wish(), Consent(allow_destroy=True, wants_proof=False))).exit_status == 0


def test_a_busy_port_is_refused_before_anything_changes(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.listening = (Listener("", 5222, "tcp", "ejabberd", 1044),)
    refused = end(run(fakes, layout, wish()))
    assert (refused.exit_status, refused.code) == (5, "obstacle")
    assert "ejabberd (pid 1044)" in str(refused.text)
    assert not fakes.containers.containers


def test_a_plan_that_was_seen_is_the_one_that_is_done(fakes: Fakes, layout: Layout) -> None:
    seen = str(prepare(fakes.world(), layout, wish()).plan)
    run(fakes, layout, wish(title="Other"))
    late = end(run(fakes, layout, wish(), Consent(expected=seen, wants_proof=False)))
    assert late.code == "needs-person"
    assert "changed after the plan was shown" in str(late.text)


def test_two_applies_at_once_are_told_apart(fakes: Fakes, layout: Layout) -> None:
    fakes.lock.held[str(layout.lock)] = 4711
    assert end(run(fakes, layout, wish())).code == "locked"


def test_a_renewal_keeps_the_key_and_only_reloads(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    key = state(fakes)["/var/lib/xmpp-wizard/certificates/generations/1/a.example/privkey.pem"]
    assert "nothing to do" in str(end(run(fakes, layout, Renew())).text)
    assert end(run(fakes, layout, Renew(force=True))).exit_status == 0
    assert fakes.containers.containers["xmpp-wizard-prosody"].reloads == 1
    assert state(fakes)["/var/lib/xmpp-wizard/certificates/generations/2/a.example/privkey.pem"] == key


def test_a_bug_reaches_the_journal_and_the_details_a_file(
    fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes.sockets, "listeners", lambda: 1 / 0)
    failed = end(run(fakes, layout, wish()))
    assert (failed.exit_status, failed.code) == (70, "bug")
    [crash] = [node.content for path, node in fakes.files.nodes.items() if path.endswith(".crash")]
    assert b"ZeroDivisionError" in crash


@pytest.mark.parametrize(("asked", "running"), [("stop", False), ("undo", False)])
def test_a_stop_is_honoured_between_steps(
    fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch, asked: str, *, running: bool
) -> None:
    run(fakes, layout, wish())
    world = fakes.world()
    make = fakes.files.write

    def wishing(path: str, content: bytes, mode: int, owner: tuple[int, int]) -> None:
        make(path, content, mode, owner)
        record = journal.latest(world, layout)
        if path == CONFIG and record is not None and journal.stop_wish(world, record) is None:
            journal.request_stop(world, record, "undo" if asked == "undo" else "stop")

    before = state(fakes)
    monkeypatch.setattr(fakes.files, "write", wishing)
    ended = end(run(fakes, layout, wish(**STRICT)))
    monkeypatch.setattr(fakes.files, "write", make)
    assert (ended.code == "rolled-back") == (asked == "undo")
    assert ("apply again to go on" in str(ended.hint)) == (asked == "stop")
    assert ("Nothing of it goes on by itself" in str(ended.hint)) == (asked == "undo")
    assert (state(fakes) == before) == (asked == "undo")
    assert fakes.containers.containers["xmpp-wizard-prosody"].is_running is not running
    assert end(run(fakes, layout, wish(**STRICT))).exit_status == 0
    assert not prepare(world, layout, wish(**STRICT)).plan


ROOTS: dict[str, Any] = {"features": {"federation": {"trusted_roots": "/root/roots.pem"}}}


def test_a_file_of_the_admin_s_that_holds_no_certificate_is_named(fakes: Fakes, layout: Layout) -> None:
    fakes.files.put("/root/roots.pem", "not a certificate")
    refused = end(run(fakes, layout, wish(**ROOTS)))
    assert refused.exit_status == 5
    assert "/root/roots.pem (features.federation.trusted_roots): " in str(refused.text)
    assert not fakes.containers.containers


def test_a_damaged_certificate_is_made_anew(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.put("/var/lib/xmpp-wizard/certificates/generations/1/a.example/fullchain.pem", b"", 0o640, (0, 5222))
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert fakes.files.nodes["/var/lib/xmpp-wizard/certificates/live"].target == "generations/2"


def test_a_damaged_authority_is_named_and_not_replaced(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    path = "/etc/xmpp-wizard/secrets/authority/root.crt"
    fakes.files.put(path, b"rubbish", 0o644)
    refused = end(run(fakes, layout, wish()))
    assert (refused.exit_status, path in str(refused.text)) == (5, True)
    assert fakes.files.nodes[path].content == b"rubbish"


def test_a_failing_change_leaves_a_kept_edit_alone(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.put(CONFIG, "-- mine", 0o640, (0, 5222))
    fakes.containers.on_run = lambda *_: CommandResult(1, "broken", "")
    assert end(run(fakes, layout, wish(**STRICT), Consent(edits="keep", wants_proof=False))).exit_status == 6
    assert state(fakes)[CONFIG] == b"-- mine"


def test_answers_changed_in_place_survive_a_failing_change(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    mine = replace(wish(**STRICT), path=str(layout.answers))
    fakes.files.put(mine.path, mine.text, 0o640)
    fakes.containers.on_run = lambda *_: CommandResult(1, "broken", "")
    assert end(run(fakes, layout, mine)).exit_status == 6
    assert state(fakes)[mine.path] == mine.text.encode()
    fakes.containers.on_run = lambda *_: CommandResult(0, "", "")
    assert end(run(fakes, layout, mine)).exit_status == 0
    assert not prepare(fakes.world(), layout, mine).plan


def test_a_roll_back_that_fails_says_both(fakes: Fakes, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    run(fakes, layout, wish())
    monkeypatch.setitem(fakes.probe.fail_at, "stream", HealthError(say("silence")))
    failed = end(run(fakes, layout, wish(**STRICT)))
    assert (failed.exit_status, failed.code) == (3, "rollback-failed")
    assert "putting generation 1 back failed, too" in str(failed.text)
    monkeypatch.delitem(fakes.probe.fail_at, "stream")
    assert end(run(fakes, layout, wish())).exit_status == 0


def test_a_first_set_up_cut_off_and_then_failing_leaves_nothing_running(fakes: Fakes, layout: Layout) -> None:
    request = wish()
    run(fakes, layout, request)
    for path in [path for path in fakes.files.nodes if path.endswith("generation.json")]:
        del fakes.files.nodes[path]
    fakes.probe.fail_at["stream"] = HealthError(say("silence"))
    assert end(run(fakes, layout, wish(**STRICT))).code == "health"
    assert not fakes.containers.containers


def test_going_back_keeps_facts_that_were_pinned_later(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    run(fakes, layout, wish(**STRICT))
    facts.save_pinned(fakes.world(), layout, {**facts.pinned(fakes.world(), layout), "onion": "abc"})
    assert end(run(fakes, layout, GoBack())).exit_status == 0
    assert facts.pinned(fakes.world(), layout)["onion"] == "abc"


def test_an_apply_that_only_begins_is_found(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    world = fakes.world()
    record = journal.new_journal(world, layout)
    fakes.lock.held[str(layout.lock)] = 4711
    found = journal.running(world, layout)
    assert found is not None
    assert found.path == record.path


def test_a_journal_that_cannot_be_written_stops_no_way_back(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    before = state(fakes)
    fakes.containers.on_run = lambda *_: CommandResult(1, "broken", "")
    fakes.files.fail_at["append"] = DiskError(say("no space"))
    world = fakes.world()
    record = journal.new_journal(world, layout)
    assert work(world, layout, wish(**STRICT), Consent(wants_proof=False), record) == 6
    assert state(fakes) == before


def test_a_renewal_waits_for_no_answer_and_no_hand_edit(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.put(str(layout.answers), "half written", 0o640)
    fakes.files.put(CONFIG, "-- mine", 0o640, (0, 5222))
    assert end(run(fakes, layout, Renew(force=True))).exit_status == 0
    assert state(fakes)[str(layout.answers)] == b"half written"
    assert state(fakes)[CONFIG] == b"-- mine"
    assert fakes.files.nodes["/var/lib/xmpp-wizard/certificates/live"].target == "generations/2"


def test_going_back_saves_answers_that_were_being_written(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    run(fakes, layout, wish(**STRICT))
    fakes.files.put(str(layout.answers), "half written", 0o640)
    assert end(run(fakes, layout, GoBack())).exit_status == 0
    saved = [node.content for path, node in fakes.files.nodes.items() if "/generations/3/edits/" in path]
    assert saved == [b"half written"]


def test_a_failed_build_never_stops_what_runs(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.remove(str(layout.generations))
    fakes.appliance.images["prosody"]["Dockerfile"] = b"FROM nothing\n"
    fakes.containers.fail_at["build"] = EngineError(say("no network"))
    assert end(run(fakes, layout, wish())).exit_status == 3
    assert fakes.containers.containers["xmpp-wizard-prosody"].is_running


def test_a_lost_folder_of_a_running_container_restarts_it(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.remove("/etc/xmpp-wizard/prosody")
    started = fakes.containers.containers["xmpp-wizard-prosody"].started_at
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert fakes.containers.containers["xmpp-wizard-prosody"].started_at != started


def test_lost_facts_are_taken_from_the_last_generation(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish(security={"level": "compatible"}))
    fakes.files.put(str(layout.pinned), "rubbish", 0o600)
    assert end(run(fakes, layout, wish(**STRICT))).exit_status == 0
    assert 'password_hash = "SHA-1"' in state(fakes)[CONFIG].decode()
    fakes.files.remove(str(layout.pinned))
    plan = prepare(fakes.world(), layout, wish(storage={"backend": "internal"})).plan
    assert "MoveData, storage.backend is another" in str(plan)


def test_an_authority_made_anew_signs_everything_anew(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.remove(str(layout.authority))
    certificates.make_authority(fakes.world(), layout, "a.example")
    assert "another authority" in str(prepare(fakes.world(), layout, wish()).plan)


def test_a_generation_of_another_version_is_understood_by_its_answers(fakes: Fakes, layout: Layout) -> None:
    answers = replace(wish(), text='domain = "a.example"\n')
    run(fakes, layout, answers)
    fakes.files.put("/var/lib/xmpp-wizard/generations/1/target.json", '{"other": 1}', 0o600)
    target, wanted = current(fakes.world(), layout)
    assert target.domains == ("a.example",)
    assert wanted is not None


def test_copies_of_the_admin_s_files_go_when_they_are_no_longer_named(fakes: Fakes, layout: Layout) -> None:
    certificate, _ = fakes.authority.new_authority("other", fakes.clock.now())
    fakes.files.put("/root/roots.pem", certificate)
    run(fakes, layout, wish(**ROOTS))
    copies = [path for path in state(fakes) if path.startswith("/etc/xmpp-wizard/prosody/") and path != CONFIG]
    assert copies
    run(fakes, layout, wish())
    assert not [path for path in state(fakes) if path in copies]


TIMER = "xmpp-wizard-renew"
UNITS = {f"/etc/systemd/system/{TIMER}.service", f"/etc/systemd/system/{TIMER}.timer"}


def test_certificates_are_looked_after_from_the_first_apply_on(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    assert set(fakes.files.nodes) >= UNITS
    assert fakes.services.on == {TIMER}
    fakes.services.on.clear()
    events = run(fakes, layout, wish())
    assert [event.id for event in events if isinstance(event, StepEnded)] == ["timer"]
    assert fakes.services.on == {TIMER}


def test_going_back_to_a_server_without_a_timer_takes_it_away(fakes: Fakes, layout: Layout) -> None:
    fakes.services.kind = ""
    run(fakes, layout, wish())
    fakes.services.kind = "systemd"
    run(fakes, layout, wish())
    assert fakes.services.on == {TIMER}
    assert end(run(fakes, layout, GoBack())).exit_status == 0
    assert fakes.services.on == set()
    assert not UNITS & set(fakes.files.nodes)


def test_a_renewal_leaves_the_timer_as_somebody_left_it(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.services.on.clear()
    assert end(run(fakes, layout, Renew(force=True))).exit_status == 0
    assert fakes.services.on == set()
