"""The real world is there at once, and loads what it needs only when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from xmpp_wizard.wiring import world


def test_building_the_world_loads_no_client_library() -> None:
    script = (
        "import sys; from xmpp_wizard.wiring import world; world(); "
        "print([name for name in ('docker', 'requests', 'cryptography', 'slixmpp', 'aiohttp') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert told.stdout == "[]\n"


def test_to_say_how_the_server_is_neither_names_are_looked_up_nor_anybody_logs_in() -> None:
    script = (
        "import sys; import xmpp_wizard.engine.status, xmpp_wizard.wiring; xmpp_wizard.wiring.world(); "
        "print([name for name in ('acme', 'asyncio', 'dns', 'lexicon', 'xmpp_wizard.engine.records.dns', "
        "'xmpp_wizard.engine.proving.prove') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert told.stdout == "[]\n"


def test_the_person_behind_sudo_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "alice")
    assert world().user == "alice"
    monkeypatch.delenv("SUDO_USER")
    assert world().user not in {"", "alice"}
