"""Bad answer files: a clear error with file and line, and a host on which nothing has changed."""

from __future__ import annotations

import pytest
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e

GOOD = 'domain = "home.example"\n'

BAD: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "answers.toml", "domain"),
    "binary": (b"\x7fELF\x00\x01\x02\xff" * 10, "answers.toml", "zero bytes"),
    "not UTF-8": (b'title = "\xe9t\xe9"\n', "answers.toml:1", "UTF-8"),
    "10 MB": (b"# much\n" * 1_500_000, "answers.toml", "larger than 1 MB"),
    "no TOML": (b"domain: home.example\n", "answers.toml:1", "equals sign"),
    "wrong type": (f"{GOOD}[network]\nclient_port = true\n".encode(), "answers.toml:3", "network.client_port"),
    "text for a number": (f'{GOOD}[network]\nclient_port = "5222"\n'.encode(), "answers.toml:3", "network.client_port"),
    "unknown key": (f"{GOOD}[securty]\nlevel = 1\n".encode(), "answers.toml:2", "did you mean"),
    "unknown value": (f'{GOOD}[security]\nlevel = "high"\n'.encode(), "answers.toml:3", "recommended"),
    "domain twice": (f'{GOOD}extra_domains = ["home.example"]\n'.encode(), "answers.toml:2", "given twice"),
    "key twice": (f'{GOOD}domain = "b.example"\n'.encode(), "answers.toml:2", "a second time"),
    "space": (b'domain = "my home.example"\n', "answers.toml:1", "space"),
    "scheme": (b'domain = "https://home.example"\n', "answers.toml:1", "scheme"),
    "port": (b'domain = "home.example:5222"\n', "answers.toml:1", "port"),
    "single label": (b'domain = "home"\n', "answers.toml:1", "single word"),
    "address": (b'domain = "192.0.2.7"\n', "answers.toml:1", "IP address"),
    "IPv6 address": (b'domain = "2001:db8::7"\n', "answers.toml:1", "IP address"),
    "quota below file size": (
        f"{GOOD}[features.file_sharing]\nmax_file_mb = 100\ndaily_mb = 50\n".encode(),
        "answers.toml:4",
        "is less than max_file_mb",
    ),
    "newer version": (f"version = 2\n{GOOD}".encode(), "answers.toml:1", "newer"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_bad_file_is_refused_with_its_line(server: Server, case: str, command: str) -> None:
    content, place, reason = BAD[case]
    server.file.write_bytes(content)
    words = ("--yes",) if command == "apply" else ()
    done = server.cli(command, "--answers", str(server.file), *words)
    assert done.returncode == 4, told(done)
    said = " ".join(done.stderr.split())
    assert place in said
    assert reason.lower() in said.lower()
    assert "Traceback" not in said
    assert server.snapshot() == {}
    assert server.containers() == []


def test_everything_that_is_wrong_is_told_at_once(server: Server) -> None:
    server.file.write_text('domain = "home"\ntitle = 7\n[network]\nclient_port = 0\n')
    done = server.cli("apply", "--answers", str(server.file), "--yes")
    assert done.returncode == 4, told(done)
    for line in (1, 2, 4):
        assert f"answers.toml:{line}" in done.stderr


def test_a_bad_file_leaves_a_running_server_alone(running: Server) -> None:
    before, began = running.snapshot(), running.started_at()
    for content, _, _ in BAD.values():
        running.file.write_bytes(content)
        done = running.cli("plan", "--answers", str(running.file))
        assert done.returncode == 4, told(done)
    assert running.snapshot() == before
    assert running.started_at() == began


def test_a_file_that_is_not_there_is_told(server: Server) -> None:
    done = server.cli("apply", "--answers", "/no/such/answers.toml", "--yes")
    assert done.returncode == 4, told(done)
    assert "there is no file /no/such/answers.toml" in " ".join(done.stderr.split())
