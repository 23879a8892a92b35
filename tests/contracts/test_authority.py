"""Whatever :class:`Authority` is behind the engine behaves like this."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from tests.fakes import FakeAuthority

from xmpp_wizard.core.certificates.authority import Authority
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.effects.local_authority import LocalAuthority

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("chat.example", "groups.chat.example", "xn--bcher-kva.example")


@pytest.fixture(params=[FakeAuthority, LocalAuthority])
def authority(request: pytest.FixtureRequest) -> Authority:
    made: Callable[[], Authority] = request.param
    return made()


def test_a_root_issues_itself_for_ten_years(authority: Authority) -> None:
    facts = authority.inspect(*authority.new_authority("Chat at home", NOW))
    assert facts.issuer == "Chat at home"
    assert facts.names == ()
    assert timedelta(days=3600) < facts.not_after - NOW < timedelta(days=3660)


def test_a_certificate_has_its_names_and_lasts_as_long_as_devices_allow(authority: Authority) -> None:
    root = authority.new_authority("Chat at home", NOW)
    files = authority.issue(root, NAMES, NOW)
    facts = authority.inspect(files.chain, files.key)
    assert facts.names == NAMES
    assert facts.issuer == "Chat at home"
    assert facts.not_before < NOW - timedelta(minutes=30)
    assert timedelta(days=800) < facts.not_after - facts.not_before <= timedelta(days=825)
    assert facts.sha256 == sha256(files.chain).hexdigest()


def test_a_key_is_used_again_if_given_and_the_serial_is_new(authority: Authority) -> None:
    root = authority.new_authority("Chat at home", NOW)
    first = authority.issue(root, NAMES, NOW)
    second = authority.issue(root, NAMES, NOW, first.key)
    third = authority.issue(root, NAMES, NOW)
    assert second.key == first.key != third.key
    assert len({authority.inspect(files.chain).serial for files in (first, second, third)}) == 3


def test_a_key_of_another_certificate_is_refused(authority: Authority) -> None:
    root = authority.new_authority("Chat at home", NOW)
    one, other = authority.issue(root, NAMES, NOW), authority.issue(root, NAMES, NOW)
    with pytest.raises(EffectError, match="belongs to another certificate"):
        authority.inspect(one.chain, other.key)


@pytest.mark.parametrize("garbage", [b"", b"garbage", b"\x00\xff", b"-----BEGIN CERTIFICATE REQUEST-----\n"])
def test_garbage_is_refused(authority: Authority, garbage: bytes) -> None:
    root = authority.new_authority("Chat at home", NOW)
    with pytest.raises(EffectError):
        authority.inspect(garbage)
    if garbage:
        with pytest.raises(EffectError):
            authority.inspect(root[0], garbage)
