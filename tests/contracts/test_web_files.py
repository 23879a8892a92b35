"""Whatever :class:`WebFiles` is behind the engine behaves like this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.fakes import FakeWebFiles
from tests.https_site import https_site

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.ports import WebFiles
from xmpp_wizard.effects.web_files import HttpsFiles

FILE = b"-- \xc3\xbc and \x00"


@dataclass
class Case:
    """One file on a web server."""

    files: WebFiles
    url: str


@pytest.fixture(params=["fake", "real"])
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    if request.param == "fake":
        yield Case(FakeWebFiles(there={"https://a.example/file": FILE}), "https://a.example")
        return
    with https_site(tmp_path) as site:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", site.roots)
        site.files["/file"] = FILE
        yield Case(HttpsFiles(), site.url)


def test_a_file_comes_byte_for_byte(case: Case) -> None:
    assert case.files.fetch(f"{case.url}/file", len(FILE), 20) == FILE


def test_what_is_not_there_is_an_error_that_does_not_name_the_address(case: Case) -> None:
    with pytest.raises(EffectError, match="HTTP 404") as caught:
        case.files.fetch(f"{case.url}/other", 100, 20)
    assert case.url not in str(caught.value)


def test_one_byte_more_than_wanted_is_too_much(case: Case) -> None:
    with pytest.raises(EffectError, match="larger than 0 kB"):
        case.files.fetch(f"{case.url}/file", len(FILE) - 1, 20)
