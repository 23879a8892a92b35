"""The emergency sheet's commands, typed as they stand there, bring the server back on another machine."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e


def commands(server: Server) -> list[str]:
    """Return the lines of the sheet that are to be typed, without ``sudo``, which tests do not need."""
    done = server.cli("export", "sheet")
    assert done.returncode == 0, told(done)
    return [line.replace("sudo ", "").strip() for line in done.stdout.splitlines() if "sudo " in line]


def typed(line: str) -> None:
    """Run a line as a shell does."""
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False, timeout=240)  # noqa: S602 it is one
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


def lose(server: Server) -> None:
    """Take away all of a machine but the archive with the copy."""
    with server.engine() as engine:
        for container in server.containers():
            engine.api.remove_container(container["Id"], force=True)
    for folder in ("etc", "var", "run"):
        shutil.rmtree(server.root / folder, ignore_errors=True)


@pytest.mark.skipif(not shutil.which("docker"), reason="the sheet names Docker's own command")
def test_a_copy_by_the_sheet_brings_the_server_back_by_the_sheet(server: Server) -> None:
    # what passwords are kept as is chosen once and found nowhere among people's data
    server.apply({"security.level": "compatible"})
    server.add_user()
    server.apply({"security.level": "recommended"})
    (server.root / "root").mkdir()
    stop, copy, start, unpack, install, apply = commands(server)[6:]
    for line in (stop, copy):
        typed(line)
    assert not server.serves()
    typed(start)
    wait_until(server.serves, "the server runs again")
    lose(server)
    typed(unpack)
    assert install == "./install.sh < /dev/null"
    assert re.match("xmpp-wizard .* apply$", apply)
    done = server.cli("apply", "--yes")
    assert done.returncode == 0, told(done)
    with server.log_in() as ann:
        ann.ping()
