"""The process that DNS providers are spoken to in."""

from __future__ import annotations

from pathlib import Path

import pytest

from xmpp_wizard.core.dns.account import Access, DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.errors import DnsProviderError
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.dns_providers import NetworkDnsProviders


def test_nothing_is_loaded_from_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may stand in a folder that anybody writes to."""
    (tmp_path / "requests.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    access = Access(DnsAccount("nobody-has-this-name"), Secret("token"), ())
    with pytest.raises(DnsProviderError, match="there is no DNS provider"):
        NetworkDnsProviders().apply(access, Change("a.example", (), (), 60))
    assert not (tmp_path / "loaded").exists()
