"""What users fail at most with a whole server: clock and disk. The numbers are those of the list of 30 cases."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import answers, cert_status, issuer, served
from tests.e2e.server.faults import fill, small_disk
from tests.e2e.server.machine import Server, program_environment, told

pytestmark = pytest.mark.e2e


@pytest.fixture
def pebble(server: Server, tmp_path: Path) -> Iterator[Pebble]:
    """Give an authority to which all names of the server lead to it."""
    with Pebble(tmp_path / "pebble", server.address) as running:
        yield running


Clock = Callable[[int], dict[str, str]]
SLEEP = """import select, time
time.sleep = lambda seconds: select.select((), (), (), seconds) and None
"""
"""What libfaketime answers to the system call that Python sleeps by is EINVAL."""


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """Give environments in which a program takes the clock to be so many days ahead."""
    (found,) = (Path(sys.prefix) / "servers" / "usr" / "lib").glob("*/faketime/libfaketimeMT.so.1")
    folder = tmp_path / "sleep"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SLEEP)
    path = f"{folder}:{program_environment()['PYTHONPATH']}"
    fixed = {"LD_PRELOAD": str(found), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "PYTHONPATH": path}
    return lambda days: {**fixed, "FAKETIME": f"{days:+}d"}


def test_case_24_the_clock_is_a_year_behind(server: Server, pebble: Pebble, clock: Clock) -> None:
    file = str(server.answers(answers(pebble)))
    then = datetime(2025, 10, 17, tzinfo=UTC) - datetime.now(UTC)
    done = server.cli("apply", "--answers", file, "--yes", "--no-proof", environment=clock(then.days))
    assert done.returncode == 5, told(done)
    said = " ".join(done.stderr.split())
    assert "this machine's clock says 2025-" in said
    assert "certificates made now would be of no use" in said
    assert "Set it: timedatectl set-ntp true" in said
    assert server.containers() == []


def test_case_24_the_clock_is_a_year_ahead_and_is_put_right(server: Server, pebble: Pebble, clock: Clock) -> None:
    file = str(server.answers(answers(pebble)))
    done = server.cli("apply", "--answers", file, "--yes", "--no-proof", environment=clock(365))
    assert done.returncode == 0, told(done)
    (trouble,) = cert_status(server)["troubles"]
    assert (trouble["key"], trouble["what"]) == ("clock", "the clock of this machine is wrong")
    assert trouble["do"] == "Set it: timedatectl set-ntp true"
    # what was made for next year is of no use today, and its dates hold nothing back
    assert "is not valid before" in " ".join(server.cli("status").stdout.split())
    done = server.cli("cert", "renew", "--if-due")
    assert done.returncode == 0, told(done)
    assert issuer(served(server)).startswith("Pebble Intermediate CA")
    assert server.status()["healthy"]


def test_case_29_the_disk_is_full(server: Server, pebble: Pebble) -> None:
    place = server.state / "acme"
    place.mkdir(parents=True)
    with small_disk(place, 3):
        server.apply(answers(pebble))
        before = served(server)
        fill(place / "ballast")
        done = server.cli("cert", "renew", "--force", "--yes", "--no-proof")
        assert done.returncode == 6, told(done)
        said = " ".join(done.stderr.split())
        assert "No space left on device" in said
        assert "Make room on that disk" in said
        assert "Nothing was lost: the server runs as in generation 1" in said
        assert served(server) == before
        (place / "ballast").unlink()
        done = server.cli("cert", "renew", "--force", "--yes", "--no-proof")
        assert done.returncode == 0, told(done)
    assert served(server).serial_number != before.serial_number
