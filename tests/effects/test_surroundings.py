"""This machine and a made-up one, as firmware, kernel and name service tell of them."""

from __future__ import annotations

from pathlib import Path

from xmpp_wizard.effects.surroundings import HostSurroundings


def test_a_raspberry_pi_is_known_by_its_model(tmp_path: Path) -> None:
    for path, text in {
        "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0",
        "proc/meminfo": "MemTotal:        3884372 kB\n",
        "etc/os-release": 'NAME="Debian GNU/Linux"\nVERSION_ID="13"\n',
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    machine = HostSurroundings(tmp_path).machine()
    assert (machine.model, machine.system, machine.memory_mb) == ("Raspberry Pi 4 Model B Rev 1.5", "Debian 13", 3793)


def test_this_machine() -> None:
    here = HostSurroundings()
    assert here.machine().memory_mb > 0
    disk = here.disk("/var/lib/not-there/yet")
    assert 0 < disk.free_bytes <= disk.total_bytes
    assert here.is_clock_set() in (True, False)
    assert "127.0.0.1" in here.lookup("localhost", (), 2).addresses
    assert here.lookup("x" * 70 + ".example", (), 2).addresses == ()


def test_a_resolver_that_is_not_there_is_no_answer() -> None:
    assert HostSurroundings().lookup("a.example", ("127.0.0.1@9",), 0.4).is_known is None
