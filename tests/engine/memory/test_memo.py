"""What is remembered comes back; what is damaged, or of another kind, counts as nothing."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.memory.memo import Memo

COUNTS = Memo(dict[str, int])


def test_what_is_remembered_comes_back_and_is_for_root_alone(fakes: Fakes, layout: Layout) -> None:
    path = layout.state / "counts.json"
    assert COUNTS.load(fakes.world(), path) is None
    fakes.files.make_folder(str(layout.state), 0o700, (0, 0))
    COUNTS.save(fakes.world(), path, {"a": 1})
    assert COUNTS.load(fakes.world(), path) == {"a": 1}
    node = fakes.files.nodes[str(path)]
    assert (node.mode, node.owner) == (0o600, (0, 0))


@pytest.mark.parametrize("content", [b"", b'{"a": 1', b'{"a": "many"}', b"[]", b"\xff"])
def test_what_is_damaged_counts_as_nothing(fakes: Fakes, layout: Layout, content: bytes) -> None:
    path = layout.state / "counts.json"
    fakes.files.put(str(path), content)
    assert COUNTS.load(fakes.world(), path) is None
