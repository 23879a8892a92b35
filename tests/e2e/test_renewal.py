"""A certificate comes to its end and is renewed with nobody there: on every port, with nobody cut off."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import PASSWORD, PORTS, Server, program_environment, told
from tests.e2e.server.ports import intended, served
from tests.e2e.server.xmpp import log_in

from xmpp_wizard.effects.local_authority import LocalAuthority

pytestmark = pytest.mark.e2e


def age(server: Server, days: int) -> int:
    """Put a certificate in place that the server's own authority made so many days ago, and let it be served."""
    root = tuple((server.settings / "secrets/authority" / name).read_bytes() for name in ("root.crt", "root.key"))
    folder = server.state / "certificates/live" / server.domain
    names = LocalAuthority().inspect((folder / "fullchain.pem").read_bytes()).names
    key = (folder / "privkey.pem").read_bytes()
    files = LocalAuthority().issue((root[0], root[1]), names, datetime.now(UTC) - timedelta(days=days), key)
    (folder / "fullchain.pem").write_bytes(files.chain)
    reload(server)
    old = LocalAuthority().inspect(files.chain).serial
    wait_until(lambda: set(served(server, server.domain).values()) == {old}, "the old one is served")
    return old


def reload(server: Server) -> None:
    with server.engine() as engine:
        engine.containers.get(f"{server.project}-prosody").kill(signal.SIGHUP)


@pytest.fixture
def aged(server: Server) -> Server:
    """Give a server with one person whose certificate is due."""
    server.apply()
    server.add_user()
    age(server, 600)
    return server


def remembered(server: Server) -> dict[str, object]:
    found: dict[str, object] = json.loads((server.state / "upkeep.json").read_text())
    return found


def test_what_is_due_is_renewed_and_served_and_nobody_is_cut_off(aged: Server) -> None:
    before, began = intended(aged), aged.started_at()
    with ExitStack() as stack:
        roots = aged.root_certificate()
        address = f"ann@{aged.domain}"
        people = [
            stack.enter_context(log_in(aged.address, PORTS["client"], address, PASSWORD, roots=roots))
            for _ in range(20)
        ]
        done = aged.cli("cert", "renew", "--if-due")
        assert done.returncode == 0, told(done)
        assert done.stdout == ""
        assert done.stderr == f"{aged.domain} is set up (generation 2)\n"
        for person in people:
            person.ping()
    after = intended(aged)
    assert after != before
    assert set(served(aged, aged.domain).values()) == set(after.values())
    assert aged.started_at() == began
    assert aged.journal()[-1]["kind"] == "apply-ended"
    assert remembered(aged)["trouble"] is None


def test_where_nothing_is_due_it_says_and_leaves_nothing(server: Server) -> None:
    server.apply()
    server.cli("cert", "renew", "--if-due")
    before = server.snapshot()
    done = server.cli("cert", "renew", "--if-due")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    changed = {path for path, content in server.snapshot().items() if before.get(path) != content}
    assert {Path(path).name for path in changed} <= {"upkeep.json", "dns-check.json", "lock"}


def test_two_at_once_renew_once(aged: Server) -> None:
    ended: list[int] = []
    runs = [
        threading.Thread(target=lambda: ended.append(aged.cli("cert", "renew", "--if-due").returncode))
        for _ in range(3)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert ended == [0, 0, 0]
    assert aged.status()["generation"] == 2


def test_a_renewal_waits_for_an_apply_and_finds_what_it_made(aged: Server) -> None:
    file = aged.answers({"features.preset": "minimal"})
    words = aged.command("apply", "--answers", str(file), "--yes", "--no-proof")
    lock = aged.state / "lock"
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=program_environment()) as apply:
        wait_until(lock.read_bytes, "the apply has begun")
        began = time.monotonic()
        done = aged.cli("cert", "renew", "--if-due")
        waited = time.monotonic() - began
        assert apply.wait(60) == 0
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), told(done)
    # the apply has renewed what was due, for the names that the server has now: nothing was left to do
    assert aged.status()["generation"] == 2
    (live,) = aged.json("cert", "status")["certificates"]
    assert f"share.{aged.domain}" not in live["names"]
    assert live["days_left"] > 800
    assert remembered(aged)["trouble"] is None
    assert waited < 60


def test_a_port_that_goes_on_serving_another_one_is_told_of(server: Server) -> None:
    server.apply()
    live, own = server.state / "certificates/live" / server.domain, server.settings / "prosody/conf.d"
    for name in ("fullchain.pem", "privkey.pem"):
        shutil.copy(live / name, own / name)
        os.chown(own / name, 0, 5222)
    pinned = "{ certificate = '/etc/prosody/conf.d/fullchain.pem', key = '/etc/prosody/conf.d/privkey.pem' }"
    (own / "mine.cfg.lua").write_text(f"c2s_direct_tls_ssl = {pinned}\n")
    server.apply()
    assert server.cli("cert", "renew", "--force", "--yes", "--no-proof").returncode == 0
    done = server.cli("cert", "renew", "--if-due")
    assert done.returncode == 3, told(done)
    wrong = f"port 5223 (apps, TLS at once) serves another certificate for {server.domain} than the live one"
    assert done.stderr.splitlines()[0] == wrong
    assert f"A restart makes it read them: docker restart {server.project}-prosody" in done.stderr
    trouble = remembered(server)["trouble"]
    assert isinstance(trouble, dict)
    assert trouble["code"] == "not-served"
    (own / "mine.cfg.lua").unlink()
    server.apply()
    again = server.cli("cert", "renew", "--if-due")
    assert (again.returncode, again.stderr) == (0, "")
    assert remembered(server)["trouble"] is None


def test_the_admins_hear_of_it_by_chat_once_and_when_it_is_over(server: Server) -> None:
    server.apply({"admins": ["ann", "nobody"]})
    server.add_user()
    certificate = server.settings / "secrets/authority/root.crt"
    roots = certificate.read_bytes()
    with server.log_in() as ann:
        certificate.unlink()
        done = server.cli("cert", "renew", "--if-due")
        assert done.returncode == 5, told(done)
        kind, text = ann.hear()
        assert kind == "message"
        assert text.startswith(f"The server {server.domain} needs you: the one that phones and computers trust is gone")
        assert server.cli("cert", "renew", "--if-due").returncode == 5
    certificate.write_bytes(roots)
    assert server.cli("cert", "renew", "--if-due").returncode == 0
    # the second message came while nobody was there; of the second run there was none
    with server.log_in() as ann:
        assert ann.hear() == ("message", f"The server {server.domain} is well again.")
