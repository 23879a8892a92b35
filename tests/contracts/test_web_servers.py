"""Whatever :class:`WebServers` is behind the engine behaves like this."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.addresses import own_address
from tests.e2e.server.fronts import FrontServer
from tests.fakes import FakeFiles, FakeWebServers

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.network.front import PROGRAMS, WebServers
from xmpp_wizard.effects.web_servers import HostWebServers

NGINX = PROGRAMS["nginx"]


@dataclass
class Case:
    """A machine with nginx, whose files a test may write."""

    servers: WebServers
    root: str
    files: FakeFiles | None = None

    @property
    def config(self) -> str:
        return f"{self.root}/{NGINX.config}"

    def path(self, name: str) -> str:
        return f"{self.root}/{NGINX.folder}/{name}"

    def write(self, name: str, text: str) -> None:
        if self.files is None:
            Path(self.path(name)).write_text(text)
        else:
            self.files.put(self.path(name), text)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.e2e)])
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """Yield a machine where ``theirs.conf`` serves shop.example."""
    if request.param == "fake":
        files = FakeFiles()
        found = Case(FakeWebServers(files=files), "", files)
        files.put(found.config, "events {}")
        found.servers.served = {"shop.example": found.path("theirs.conf")}  # type: ignore[attr-defined]
        yield found
        return
    front = FrontServer("nginx", tmp_path, own_address(), "xmpp-wizard")
    for name in ("PATH", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(name, front.environment.get(name, os.environ.get(name, "")))
    found = Case(HostWebServers(), str(tmp_path))
    found.write("theirs.conf", f"server {{ listen {front.address}:8081; server_name shop.example; }}\n")
    with front:
        yield found


def test_a_right_configuration_is_checked_and_read(case: Case) -> None:
    case.servers.check(NGINX, case.config)
    case.servers.reload(NGINX, case.config)


def test_a_mistake_is_told(case: Case) -> None:
    case.write("ours.conf", "mistake on;\n")
    with pytest.raises(EffectError, match="finds a mistake"):
        case.servers.check(NGINX, case.config)


def test_names_of_others_are_known_and_ours_are_left_out(case: Case) -> None:
    assert case.servers.names(NGINX, case.config, case.path("ours.conf"))["shop.example"] == case.path("theirs.conf")
    assert "shop.example" not in case.servers.names(NGINX, case.config, case.path("theirs.conf"))
