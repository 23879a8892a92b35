"""Whatever :class:`Clock` and :class:`Entropy` are behind the engine behave like this."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.fakes import FakeClock, FakeEntropy

from xmpp_wizard.core.ports import Clock, Entropy
from xmpp_wizard.effects.clock import SystemClock
from xmpp_wizard.effects.entropy import SystemEntropy


@pytest.mark.parametrize("clock", [FakeClock(), SystemClock()])
def test_time_is_utc_and_passes_while_sleeping(clock: Clock) -> None:
    before = clock.now()
    clock.sleep(0.02)
    assert before.utcoffset() == timedelta(0)
    assert clock.now() - before >= timedelta(seconds=0.019)
    assert clock.timestamp() == pytest.approx(clock.now().timestamp(), abs=1)


@pytest.mark.parametrize("entropy", [FakeEntropy(), SystemEntropy()])
def test_keys_are_pairs_of_x25519_and_never_repeat(entropy: Entropy) -> None:
    pairs = {entropy.key_pair() for _ in range(20)}
    assert len({private for private, _ in pairs}) == 20
    for private, public in pairs:
        raw = X25519PrivateKey.from_private_bytes(b64decode(private, validate=True)).public_key().public_bytes_raw()
        assert raw == b64decode(public, validate=True)


@pytest.mark.parametrize("entropy", [FakeEntropy(), SystemEntropy()])
@pytest.mark.parametrize("random_bytes", [16, 32, 48])
def test_tokens_are_long_enough_for_their_bytes_and_never_repeat(entropy: Entropy, random_bytes: int) -> None:
    tokens = {entropy.token(random_bytes) for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        assert re.fullmatch(r"[A-Za-z0-9_-]+", token)
        assert len(token) * 6 >= random_bytes * 8
