"""What people, clocks and accidents do to a server between two applies, and how the next one takes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.engine.conftest import end, run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.applying.apply import Consent
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.setup import GoBack, prepare, settled

STRICT: dict[str, Any] = {"security": {"level": "strict"}}
LOCAL_AGAIN = Consent(wants_proof=False, allow_destroy=True)
KEY = "/var/lib/xmpp-wizard/certificates/live/a.example/privkey.pem"


def own_files(fakes: Fakes) -> dict[str, Any]:
    """Lay down a certificate that the admin brought, and return the answers that name it."""
    names = ("a.example", "groups.a.example", "share.a.example")
    root = fakes.authority.new_authority("a public one", fakes.clock.now())
    files = fakes.authority.issue(root, names, fakes.clock.now())
    fakes.files.put("/root/chain.pem", files.chain)
    fakes.files.put("/root/key.pem", files.key)
    named = [{"chain_file": "/root/chain.pem", "key_file": "/root/key.pem"}]
    return {"certificates": {"source": "files", "files": named}}


def test_the_key_of_an_admin_s_certificate_is_not_used_for_ours(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish(**own_files(fakes)))
    theirs = fakes.files.read(KEY)
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert fakes.files.read(KEY) not in {theirs, None}


def test_an_authority_that_has_ended_is_made_anew_with_all_certificates(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.clock.at += timedelta(days=3700)
    plan = str(prepare(fakes.world(), layout, wish()).plan)
    assert "authority: MakeAuthority, the one there is has ended" in plan
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert not prepare(fakes.world(), layout, wish()).plan


def test_a_lost_authority_is_not_replaced_without_a_yes(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.remove(str(layout.authority))
    refused = end(run(fakes, layout, wish()))
    assert (refused.code, "must trust the new one" in str(refused.text)) == ("destroys", True)
    assert end(run(fakes, layout, wish(), LOCAL_AGAIN)).exit_status == 0


def test_a_clock_from_before_this_program_is_refused(fakes: Fakes, layout: Layout) -> None:
    fakes.clock.at -= timedelta(days=4000)
    refused = end(run(fakes, layout, wish()))
    assert (refused.code, "clock says 2015" in str(refused.text)) == ("obstacle", True)


def test_the_admin_s_own_configuration_is_loaded_by_the_next_apply(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.put(str(layout.admin_config / "mine.cfg.lua"), "x = 1", 0o640, (0, 5222))
    assert "RestartContainer" in str(prepare(fakes.world(), layout, wish()).plan)
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert not prepare(fakes.world(), layout, wish()).plan


def test_a_damaged_record_is_made_anew(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.put("/var/lib/xmpp-wizard/generations/1/target.json", "{}", 0o600)
    assert "finish: FinishGeneration" in str(prepare(fakes.world(), layout, wish()).plan)
    assert end(run(fakes, layout, wish())).exit_status == 0
    last = generations.last_good(fakes.world(), layout)
    assert last is not None
    assert last.number == 2
    assert not prepare(fakes.world(), layout, wish()).plan


@pytest.mark.parametrize("lost", ["all generations", "the only record"])
def test_a_server_without_its_records_gets_them_again(fakes: Fakes, layout: Layout, lost: str) -> None:
    run(fakes, layout, wish())
    folder = "/var/lib/xmpp-wizard/generations"
    if lost == "all generations":
        for path in [path for path in fakes.files.nodes if path.startswith(folder)]:
            del fakes.files.nodes[path]
    else:
        fakes.files.put(f"{folder}/1/generation.json", b"", 0o600)
    before = fakes.containers.containers.copy()
    plan = prepare(fakes.world(), layout, wish()).plan
    assert "the records of what runs here are gone" in str(plan), "nothing to do, and every other command: no server"
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert generations.last_good(fakes.world(), layout) is not None
    assert fakes.containers.containers == before
    assert not prepare(fakes.world(), layout, wish()).plan


def test_a_record_that_cannot_be_read_stops_nothing(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    run(fakes, layout, wish(**STRICT))
    fakes.files.put("/var/lib/xmpp-wizard/generations/2/generation.json", "rubbish", 0o600)
    assert end(run(fakes, layout, wish(**STRICT))).exit_status == 0
    assert [item.number for item in generations.all_generations(fakes.world(), layout)] == [1, 3]


def test_an_image_of_another_version_is_not_imitated(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    first = prepare(fakes.world(), layout, wish())
    other = replace(first.target.containers[0], tag="xmpp-wizard/prosody:000000000000")
    fakes.containers.containers.clear()
    fakes.containers.images.clear()
    path = "/var/lib/xmpp-wizard/generations/1/target.json"
    text = (fakes.files.read(path) or b"").decode()
    fakes.files.put(path, text.replace(first.target.containers[0].tag, other.tag), 0o600)
    refused = end(run(fakes, layout, GoBack(to=1)))
    assert "makes another one" in str(refused.text)


def test_the_plan_for_kept_edits_says_what_is_done(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    fakes.files.put("/etc/xmpp-wizard/prosody/prosody.cfg.lua", "-- mine", 0o640, (0, 5222))
    shown = settled(prepare(fakes.world(), layout, wish()), keep=True).plan
    assert [step.id for step in shown.steps] == ["check:prosody", "container:prosody", "health:prosody"]
    consent = Consent(edits="keep", expected=str(shown), wants_proof=False)
    events = run(fakes, layout, wish(), consent)
    assert [step.id for step in events[0].steps] == [step.id for step in shown.steps]
    assert end(events).exit_status == 0


def test_a_fault_in_the_admin_s_own_configuration_does_not_stop_the_way_back(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    started = fakes.containers.containers["xmpp-wizard-prosody"].started_at
    fakes.files.put(str(layout.admin_config / "mine.cfg.lua"), "x = = 1", 0o640, (0, 5222))
    fakes.containers.on_run = lambda *_: CommandResult(1, "mine.cfg.lua:1: unexpected symbol", "")
    assert end(run(fakes, layout, wish(**STRICT))).exit_status == 6
    assert fakes.containers.containers["xmpp-wizard-prosody"].started_at == started
