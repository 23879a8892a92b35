"""What happens when the reader of a passed-through command goes away."""

from __future__ import annotations

import os

import pytest

from xmpp_wizard.effects.docker_exec import _OutputError, _write


def test_a_reader_that_went_away_is_not_taken_for_a_lost_engine() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        with pytest.raises(_OutputError):
            _write(writing, b"x" * 10)
    finally:
        os.close(writing)
    assert not issubclass(_OutputError, OSError)
