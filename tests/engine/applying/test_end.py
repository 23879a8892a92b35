"""What is offered at the end of an apply always leads somewhere."""

from __future__ import annotations

import pytest
from tests.engine.conftest import wish
from tests.fakes import Fakes

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.events import ApplyEnded, ProofEnded, ProofStarted
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.applying.end import Ending, ending, report
from xmpp_wizard.engine.applying.picture import ApplyPicture, picture
from xmpp_wizard.engine.memory import journal


def apply(fakes: Fakes, layout: Layout, **answers: object) -> tuple[ApplyPicture, ApplyEnded]:
    record = launch(fakes.world(), layout, wish(**answers), Consent(wants_proof=False))
    found = picture(journal.events(fakes.world(), record))
    assert found.ended is not None
    return found, found.ended


def end(fakes: Fakes, layout: Layout, **answers: object) -> Ending:
    return ending(fakes.world(), layout, *apply(fakes, layout, **answers))


def test_success_leads_on(fakes: Fakes, layout: Layout) -> None:
    assert end(fakes, layout).choices == ("onward",)


def test_a_first_set_up_that_failed_can_be_taken_away(fakes: Fakes, layout: Layout) -> None:
    fakes.containers.fail_at["start"] = EngineError(say("port 5222 is taken"), say("Stop it."))
    found = end(fakes, layout)
    assert found.choices == ("retry", "remove", "report")
    problem, left, hint = map(str, found.words)
    assert (problem, hint) == ("port 5222 is taken", "Stop it.")
    assert "stopped again" in left
    assert not fakes.containers.containers


def test_a_change_that_was_rolled_back_needs_no_undo(fakes: Fakes, layout: Layout) -> None:
    end(fakes, layout)
    fakes.containers.fail_at["restart"] = EngineError(say("no"), say("Try."))
    found = end(fakes, layout, title="Other")
    assert "undo" not in found.choices
    assert found.choices[0] == "retry"


@pytest.mark.parametrize(("generations", "way_back"), [(1, "remove"), (2, "undo")])
def test_a_red_proof_says_that_the_server_runs(fakes: Fakes, layout: Layout, generations: int, way_back: str) -> None:
    for number in range(generations):
        apply(fakes, layout, title=f"Title {number}")
    red = ProofEnded("a", say("Call"), is_green=False, text=say("no relay"), seconds=1, at=1.0, hint=say("Open 3478."))
    ended = ApplyEnded(3, "proof", say("not all"), NOTHING, 2.0)
    found = ending(fakes.world(), layout, ApplyPicture(proofs=[red]), ended)
    assert found.choices == ("onward", "prove", way_back, "report")
    words = [str(text) for text in found.words]
    assert words == ["Your server runs. 1 of 1 checks did not come out well:", "FAIL Call: no relay", "Open 3478."]


def test_a_proof_that_was_cut_off_leads_on_and_can_be_done_again(fakes: Fakes, layout: Layout) -> None:
    found, _ = apply(fakes, layout)
    found.take(ProofStarted((("a", say("Call")),), 1.0))
    ended = ApplyEnded(3, "effect", say("the work was cut off before its end"), say("run apply again"), 2.0)
    offered = ending(fakes.world(), layout, found, ended)
    assert offered.choices == ("onward", "prove", "report"), "a plan of the same would find nothing to do"
    assert "The change is made and the server runs" in str(offered.words[-1])


def test_a_report_has_the_end_and_the_steps_and_no_secret(fakes: Fakes, layout: Layout) -> None:
    found, _ = apply(fakes, layout)
    text = report(fakes.world(), found, str)
    assert "a.example, Debian 13, 3900 MB" in text
    assert "done   0:00  Make folders" in text
    secrets = [node.content.decode() for path, node in fakes.files.nodes.items() if "/secrets/" in path]
    assert any(secrets)
    assert all(secret not in text for secret in secrets if secret)
