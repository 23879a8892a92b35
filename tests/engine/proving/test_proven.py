"""When the server was last proven."""

from __future__ import annotations

from tests.fakes import Fakes

from xmpp_wizard.core.events import ProofEnded, to_json
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.proving.proven import Proof, last_proof


def write(fakes: Fakes, layout: Layout, number: int, outcomes: str = "") -> None:
    """Write a journal with a proof; a ``+`` is a green step."""
    steps = [
        ProofEnded(str(at), say("x"), sign == "+", say("y"), 0.1, 100.0 * number + at)
        for at, sign in enumerate(outcomes)
    ]
    fakes.files.put(f"{layout.journal}/{number:014d}-x.jsonl", "".join(f"{to_json(step)}\n" for step in steps))


def test_nothing_was_proven_yet(fakes: Fakes, layout: Layout) -> None:
    assert last_proof(fakes.world(), layout) is None


def test_the_last_change_that_was_proven_counts(fakes: Fakes, layout: Layout) -> None:
    write(fakes, layout, 1, "+")
    write(fakes, layout, 2, "+-+")
    write(fakes, layout, 3)
    assert last_proof(fakes.world(), layout) == Proof(202.0, 2, 3)


def test_what_is_long_past_says_little(fakes: Fakes, layout: Layout) -> None:
    write(fakes, layout, 1, "+")
    for number in range(2, 8):
        write(fakes, layout, number)
    assert last_proof(fakes.world(), layout) is None
