"""``storage``: where the data are, and what is let go of only after a yes."""

from __future__ import annotations

import pytest
from tests.cli.conftest import ANSWERS, Cli
from tests.fakes.stores import FakeStores

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


def test_what_stayed_goes_after_a_yes_alone(moved: Cli) -> None:
    assert moved.run("storage", "discard", "sqlite") == 5
    assert "there is nobody to ask" in moved.err
    assert moved.run("storage", "discard", "sqlite", "--yes") == 0
    assert moved.json("storage")["stayed"] == {}
    assert moved.run("storage", "discard", "sqlite", "--yes") == 5
    assert moved.run("storage", "discard", "internal", "--yes") == 5
