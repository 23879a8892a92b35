"""Names proven over port 443 alone, while people are logged in there: nobody is cut off, whatever happens."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.e2e.acme.pebble import Pebble
from tests.e2e.acme.serving import answers, cert_status, issuer, served
from tests.e2e.server.faults import listens, wait_until
from tests.e2e.server.machine import PASSWORD, PORTS, Server, program_environment, told
from tests.e2e.server.xmpp import Client, log_in

pytestmark = pytest.mark.e2e

PEOPLE = 10


@pytest.fixture
def web_server(server: Server, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Let another program have port 80."""
    command = [sys.executable, "-m", "http.server", "80", "--bind", server.address, "--directory", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        wait_until(lambda: listens(server.address, 80), "it has the port")
        yield running
        running.terminate()


def on_443(server: Server, roots: str) -> Client:
    """Log in on the port of the web, told apart by ALPN."""
    name = f"ann@{server.domain}"
    return log_in(server.address, PORTS["https"], name, PASSWORD, tls="direct", roots=roots)


def tables() -> str:
    """Return what nftables has on this machine."""
    return subprocess.run(["nft", "list", "tables"], check=True, capture_output=True, text=True).stdout


def is_dead(pid: int) -> bool:
    """Say whether a process has let go of its sockets, too: its command line and its first thread are gone before."""
    folder = Path(f"/proc/{pid}")
    try:
        is_over = (folder / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
        return is_over and len(list((folder / "task").iterdir())) == 1
    except (FileNotFoundError, ProcessLookupError):
        return True


def tidy(server: Server) -> None:
    """Remove what a failing test may leave."""
    subprocess.run(["nft", "delete", "table", "inet", server.project], check=False, capture_output=True)


@contextmanager
def coming_and_going(server: Server, roots: str) -> Iterator[list[str]]:
    """Let people log in on port 443, one after the other, until the block ends; gives what went wrong for them.

    Who comes while a check is going on may be cut off at its end and connect once more, as apps do.
    """
    ended, troubles, count = threading.Event(), [], []

    def come_and_go() -> None:
        failures = 0
        while not ended.is_set():
            try:
                with on_443(server, roots) as guest:
                    guest.ping()
            except Exception as error:  # noqa: BLE001 whatever it is, somebody was cut off
                failures += 1
                if failures > 1:
                    troubles.append(repr(error))
            else:
                failures = 0
                count.append(1)
                ended.wait(0.02)

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        yield troubles
        assert count, "somebody has come meanwhile"
        # on a fast machine it was over soon
        wait_until(lambda: len(count) > 5 or troubles, "people come and go")
    finally:
        ended.set()
        thread.join()


def test_certificates_are_had_and_renewed_over_port_443_under_people(
    server: Server, web_server: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    with Pebble(tmp_path / "pebble", server.address) as pebble, ExitStack() as stack:
        plan = server.cli("plan", "--answers", str(server.answers(answers(pebble))))
        assert "proven over port 443" in " ".join(plan.stdout.split()), told(plan)
        server.apply(answers(pebble))
        first = served(server)
        assert issuer(first).startswith("Pebble Intermediate CA"), cert_status(server)
        server.add_user()
        roots = pebble.roots.read_text()
        began = server.started_at()
        people = [stack.enter_context(on_443(server, roots)) for _ in range(PEOPLE)]
        with coming_and_going(server, roots) as troubles:
            done = server.cli("cert", "renew", "--force", "--yes", "--no-proof")
            assert done.returncode == 0, told(done)
        assert troubles == []
        for person in people:
            person.ping()
        second = served(server)
        assert second.serial_number != first.serial_number
        with on_443(server, roots) as late:
            late.ping()
        assert server.started_at() == began
        assert server.project not in tables()
        assert web_server.poll() is None


def test_a_renewal_that_is_killed_shuts_nobody_out_and_leaves_nothing_for_long(server: Server, tmp_path: Path) -> None:
    # port 80 is closed for the authority, which is only found out by asking it
    with Pebble(tmp_path / "pebble", server.address, httpPort=81) as pebble, ExitStack() as stack:
        server.apply(answers(pebble))
        assert issuer(served(server)).startswith("Pebble Intermediate CA"), cert_status(server)
        server.add_user()
        roots = pebble.roots.read_text()
        stack.callback(tidy, server)
        ann = stack.enter_context(on_443(server, roots))
        pebble.stop()
        # an authority that takes its time, and has forgotten us
        pebble.start({"PEBBLE_VA_NOSLEEP": "0", "PEBBLE_VA_SLEEPTIME": "4"})
        renewing = subprocess.Popen(
            server.command("cert", "renew", "--force", "--yes", "--no-proof"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=program_environment(),
        )
        wait_until(lambda: server.project in tables(), "an authority is led past the server")
        killed = server.kill_workers()
        wait_until(lambda: all(is_dead(pid) for pid in killed), "nothing of the program runs any more")
        renewing.wait()
        assert server.project in tables(), "nothing could be tidied up"
        ann.ping()
        with on_443(server, roots) as new:
            new.ping()
        pebble.stop()
        assert server.cli("cert", "renew", "--if-due").returncode in (0, 3)
        assert server.project not in tables()
        ann.ping()
