"""``storage``: where the data are, and what is let go of only after a yes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cli.conftest import ANSWERS, Cli
from tests.fakes.stores import FakeStores

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.storage.moving import Kept
from xmpp_wizard.engine.memory import state

TEXT = 'domain = "a.example"\nstorage.backend = "{backend}"\nfeatures.calls.enabled = false\n'


@pytest.fixture
def moved(cli: Cli) -> Cli:
    """Give a server whose data moved from SQLite to files."""
    stores = FakeStores(cli.fakes.files, cli.fakes.containers)
    cli.fakes.containers.on_run, cli.fakes.containers.on_aside = stores.run, stores.aside
    for backend in ("sqlite", "internal"):
        cli.fakes.files.put(ANSWERS, TEXT.format(backend=backend))
        assert cli.run("apply", "--answers", ANSWERS, "--yes", "--no-proof") == 0, cli.err
        stores.of("prosody.cfg.lua").append("hello")
    return cli


def test_it_says_what_is_where(moved: Cli) -> None:
    assert moved.run("storage") == 0
    assert "The data in use are in Files." in moved.out
    assert "are still in SQLite; undo can go back to them." in " ".join(moved.out.split())
    assert "sudo xmpp-wizard storage discard sqlite" in moved.out
    found = moved.json("storage")
    assert (found["storage"], found["stayed"]["sqlite"]["census"]["messages"]) == ("internal", 1)


def test_a_copy_that_is_being_made_is_nothing_to_let_go(moved: Cli) -> None:
    world, layout = moved.fakes.world(), Layout()
    facts = state.storage(world, layout)
    state.save_storage(world, layout, replace(facts, kept={"sqlite": Kept(0, 1, is_half=True)}))
    assert moved.run("storage") == 0
    assert "Half a copy that nobody needs is in SQLite" in " ".join(moved.out.split())
    moved.fakes.lock.held[str(layout.lock)] = 4711
    assert moved.run("storage") == 0
    assert "Half a copy" not in moved.out
    assert "discard" not in moved.out


def test_what_stayed_goes_after_a_yes_alone(moved: Cli) -> None:
    assert moved.run("storage", "discard", "sqlite") == 5
    assert "there is nobody to ask" in moved.err
    assert max(map(len, moved.err.splitlines())) <= 80
    assert moved.run("storage", "discard", "sqlite", "--yes") == 0
    assert moved.json("storage")["stayed"] == {}
    assert moved.run("storage", "discard", "sqlite", "--yes") == 5
    assert moved.run("storage", "discard", "internal", "--yes") == 5


def test_to_let_go_of_nothing_named_is_refused_with_an_example(moved: Cli) -> None:
    for words in (("discard", "--yes"), ("show", "sqlite")):
        assert moved.run("storage", *words) == 64
        assert "storage discard sqlite" in moved.err


def test_of_kinds_that_moved_alone_it_says_that_the_rest_stays(cli: Cli) -> None:
    stores = FakeStores(cli.fakes.files, cli.fakes.containers)
    cli.fakes.containers.on_run, cli.fakes.containers.on_aside = stores.run, stores.aside
    for more in ("", 'storage.in_files = ["history"]\n'):
        cli.fakes.files.put(ANSWERS, TEXT.format(backend="sqlite") + more)
        assert cli.run("apply", "--answers", ANSWERS, "--yes", "--no-proof") == 0, cli.err
    assert cli.run("storage") == 0
    told = " ".join(cli.out.split())
    assert "are still in SQLite; undo can go back to them. Only what moved on; all else there is in use" in told
    assert cli.run("storage", "discard", "sqlite") == 5
    assert "all else there is in use, and stays" in " ".join(cli.err.split())
