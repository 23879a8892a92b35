"""Old generations go; what runs, what undo needs and what a person wrote stays."""

from __future__ import annotations

from tests.engine.conftest import end, run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.applying.apply import Consent
from xmpp_wizard.engine.applying.pruning import KEPT
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.setup import GoBack, Renew

CONFIG = "/etc/xmpp-wizard/prosody/prosody.cfg.lua"
ANSWERS = "/etc/xmpp-wizard/answers.toml"
SETTINGS = "/etc/xmpp-wizard"


def change(fakes: Fakes, layout: Layout, number: int) -> None:
    run(fakes, layout, wish(title=f"Chat {number}"))


def there(fakes: Fakes, layout: Layout) -> list[int]:
    return generations.numbers(fakes.world(), layout)


def test_the_last_ones_stay(fakes: Fakes, layout: Layout) -> None:
    for number in range(1, KEPT + 4):
        change(fakes, layout, number)
    assert there(fakes, layout) == list(range(4, KEPT + 4))
    run(fakes, layout, GoBack(4))
    assert there(fakes, layout) == list(range(5, KEPT + 5))
    assert "Chat 4" in fakes.files.nodes[ANSWERS].content.decode()


def test_what_an_undo_goes_back_to_stays_however_old_it_is(fakes: Fakes, layout: Layout) -> None:
    change(fakes, layout, 1)
    change(fakes, layout, 2)
    for _ in range(KEPT + 3):
        run(fakes, layout, Renew(force=True))
    assert there(fakes, layout) == [1, *range(6, KEPT + 6)]
    run(fakes, layout, GoBack())
    assert "Chat 1" in fakes.files.nodes[ANSWERS].content.decode()


def test_what_runs_stays_however_often_another_one_fails(fakes: Fakes, layout: Layout) -> None:
    change(fakes, layout, 1)
    for number in range(2, KEPT + 3):
        world = fakes.world()
        target = generations.load_target(world, layout, 1)
        said = generations.Generation(number, 0.0, "root", generations.all_generations(world, layout)[0].cause, ("a",))
        failed = generations.start(world, layout, said, target, "", "")
        generations.finish(world, layout, failed, "failed")
    change(fakes, layout, KEPT + 3)
    assert there(fakes, layout) == [1, *range(4, KEPT + 4)]


def test_a_person_s_edits_stay(fakes: Fakes, layout: Layout) -> None:
    change(fakes, layout, 1)
    fakes.files.put(CONFIG, "-- mine")
    run(fakes, layout, wish(title="Chat 2"), Consent(edits="overwrite"))
    for number in range(3, KEPT + 6):
        change(fakes, layout, number)
    assert there(fakes, layout)[:2] == [2, 6]


def test_images_that_nothing_needs_any_more_go(fakes: Fakes, layout: Layout) -> None:
    change(fakes, layout, 1)
    old = {tag for tag in fakes.containers.images if tag.startswith("xmpp-wizard/")}
    fakes.appliance.images["prosody"] = {**fakes.appliance.images["prosody"], "new": b"another"}
    for number in range(2, KEPT + 1):
        change(fakes, layout, number)
    assert old < set(fakes.containers.images)
    change(fakes, layout, KEPT + 1)
    assert not old & set(fakes.containers.images)
    assert fakes.containers.containers["xmpp-wizard-prosody"].is_running


def test_what_builds_left_unnamed_goes_but_for_the_newest(fakes: Fakes, layout: Layout) -> None:
    change(fakes, layout, 1)
    for number in (2, 3):
        fakes.appliance.images["prosody"] = {**fakes.appliance.images["prosody"], "new": str(number).encode()}
        change(fakes, layout, number)
    assert len(fakes.containers.unnamed["xmpp-wizard/prosody"]) == 1


def test_an_engine_that_cannot_tidy_up_spoils_nothing(fakes: Fakes, layout: Layout) -> None:
    fakes.containers.fail_at["tidy_images"] = EngineError(say("not now"))
    assert end(run(fakes, layout, wish())).exit_status == 0


def secrets_of_calls(fakes: Fakes) -> list[str]:
    return [path for path in sorted(fakes.files.nodes) if path.startswith(SETTINGS) and "turn" in path]


def with_calls(fakes: Fakes, layout: Layout, *, is_on: bool, title: str) -> None:
    run(fakes, layout, wish(title=title, features={"calls": {"enabled": is_on}}))


def test_a_secret_stays_as_long_as_an_undo_may_need_it_and_no_longer(fakes: Fakes, layout: Layout) -> None:
    with_calls(fakes, layout, is_on=True, title="Chat 1")
    before = {path: fakes.files.nodes[path].content for path in secrets_of_calls(fakes)}
    assert {f"{SETTINGS}/secrets/prosody/turn", f"{SETTINGS}/secrets/turn/turn"} <= set(before)
    for number in range(2, KEPT + 1):
        with_calls(fakes, layout, is_on=False, title=f"Chat {number}")
    assert f"{SETTINGS}/secrets/prosody/turn" in secrets_of_calls(fakes)
    with_calls(fakes, layout, is_on=False, title=f"Chat {KEPT + 1}")
    assert secrets_of_calls(fakes) == []


def test_switched_on_again_it_has_the_same_secret(fakes: Fakes, layout: Layout) -> None:
    with_calls(fakes, layout, is_on=True, title="Chat 1")
    path = f"{SETTINGS}/secrets/turn/turn"
    before = fakes.files.nodes[path].content
    with_calls(fakes, layout, is_on=False, title="Chat 2")
    with_calls(fakes, layout, is_on=True, title="Chat 3")
    assert fakes.files.nodes[path].content == before


def test_a_secret_stays_with_the_data_that_it_opens(fakes: Fakes, layout: Layout) -> None:
    with_calls(fakes, layout, is_on=True, title="Chat 1")
    fakes.files.put(f"{layout.data('turn')}/kept", "somebody's")
    for number in range(2, KEPT + 3):
        with_calls(fakes, layout, is_on=False, title=f"Chat {number}")
    assert f"{SETTINGS}/secrets/turn/turn" in secrets_of_calls(fakes)
