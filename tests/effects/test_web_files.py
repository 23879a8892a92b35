"""Files of others over HTTPS, from a real web server with an authority of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.https_site import DRIPPING, HttpsSite, https_site

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.effects.web_files import HttpsFiles

FILE = b"module:log('info', 'hello');\n" * 3


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpsSite]:
    """Give the web server; its authority is trusted here."""
    with https_site(tmp_path) as site:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", site.roots)
        site.files |= {"/file": FILE, "/large": b"x" * 5_000_000, "/drip": DRIPPING}
        site.moves |= {"/moved": "/file", "/plain": "http://127.0.0.1:9/file", "/round": "/round", "/else": "ftp://x/y"}
        site.moves |= {"/bracket": "https://[::/x", "/dots": f"https://{'a' * 70}.example/x"}
        yield site


@pytest.mark.parametrize("path", ["/file", "/moved"])
def test_a_file(site: HttpsSite, path: str) -> None:
    assert HttpsFiles().fetch(site.url + path, len(FILE), 20) == FILE


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/none", "HTTP 404"),
        ("/large", "larger than 5 kB"),
        ("/plain", "without TLS"),
        ("/else", "without TLS"),
        ("/round", "from one address to the next"),
        ("/bracket", "not reached"),
        ("/dots", "not reached"),
    ],
)
def test_what_is_no_file_is_told(site: HttpsSite, path: str, words: str) -> None:
    with pytest.raises(EffectError, match=words) as caught:
        HttpsFiles().fetch(site.url + path, 5000, 20)
    assert str(caught.value.hint)


def test_a_file_that_drips_is_given_up(site: HttpsSite) -> None:
    begun = time.monotonic()
    with pytest.raises(EffectError, match="is not reached"):
        HttpsFiles().fetch(f"{site.url}/drip", 5000, 1)
    assert time.monotonic() - begun < 15, "of the 20 and more that it takes"


def test_who_has_no_trusted_certificate_is_not_asked(site: HttpsSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(EffectError, match="is not reached: SSLError"):
        HttpsFiles().fetch(f"{site.url}/file", 5000, 20)
    assert not site.asked


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/file", "file:///etc/passwd"])
def test_nothing_is_asked_without_tls(url: str) -> None:
    with pytest.raises(EffectError, match="without TLS"):
        HttpsFiles().fetch(url, 5000, 5)
