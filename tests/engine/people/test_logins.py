"""Who is logged in, as Prosody's shell prints it."""

from __future__ import annotations

from tests.engine.conftest import wish
from tests.fakes import Fakes

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.emergency import write_sheet
from xmpp_wizard.engine.people.logins import Login, logins, parse


def test_each_device_is_a_line() -> None:
    found = parse("alice@a.example/phone\t203.0.113.9\nbob@a.example/x/y\t192.168.1.7\n\nOK: rubbish\n")
    assert found == [Login("alice@a.example", "203.0.113.9"), Login("bob@a.example", "192.168.1.7")]


def test_where_somebody_comes_from() -> None:
    assert Login("a@a.example", "8.8.8.8").is_from_outside
    assert not Login("a@a.example", "192.168.1.7").is_from_outside
    assert not Login("a@a.example", "").is_from_outside


def test_a_server_that_cannot_be_asked_says_nothing(fakes: Fakes, layout: Layout) -> None:
    assert logins(fakes.world(), layout) is None
    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
    fakes.containers.on_run = lambda *_: CommandResult(0, "alice@a.example/p\t192.168.1.7\nResult: end\n", "")
    assert logins(fakes.world(), layout) == (Login("alice@a.example", "192.168.1.7"),)
    fakes.containers.on_run = lambda *_: CommandResult(0, "alice@a.example/p\t192.168.1.7\n", "")
    assert logins(fakes.world(), layout) is None, "an answer that was cut off is none"
    fakes.containers.on_run = lambda *_: CommandResult(1, "", "no socket")
    assert logins(fakes.world(), layout) is None


def test_the_sheet_has_all_containers_stopped_while_all_is_copied(fakes: Fakes, layout: Layout) -> None:
    launch(fakes.world(), layout, wish(storage={"backend": "postgresql"}), Consent(wants_proof=False))
    write_sheet(fakes.world(), layout)
    text = fakes.files.nodes["/root/emergency-sheet.txt"].content.decode()
    label = "label=xmpp-wizard.project=xmpp-wizard"
    stop, copy, start = text.index(f"-qf {label}"), text.index("sudo tar -czf"), text.index(f"-aqf {label}")
    assert stop < copy < start
    assert "sudo tar -czf /root/xmpp-wizard.tar.gz -C / etc/xmpp-wizard var/lib/xmpp-wizard\n" in text


def test_the_sheet_says_how_to_get_the_server_back_and_no_secret(fakes: Fakes, layout: Layout) -> None:
    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
    assert write_sheet(fakes.world(), layout) == "/root/emergency-sheet.html"
    page = fakes.files.nodes["/root/emergency-sheet.html"]
    text = fakes.files.nodes["/root/emergency-sheet.txt"].content.decode()
    assert page.mode == 0o600
    for words in (
        "sudo xmpp-wizard status",
        "/var/lib/xmpp-wizard",
        "5222 tcp",
        "a.example. ",
        "192.0.2.10",
    ):
        assert words in text
        assert words in page.content.decode()
    secrets = [node.content.decode() for path, node in fakes.files.nodes.items() if "/secrets/prosody/" in path]
    assert secrets
    assert all(secret not in text for secret in secrets if secret)
