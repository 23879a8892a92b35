"""Taking the server away: people's data stay unless they are named, and a cut-off run can be repeated."""

from __future__ import annotations

import pytest
from tests.engine.conftest import wish
from tests.fakes import Fakes

from xmpp_wizard.core.errors import DiskError, LockedError, NotSetUpError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.emergency import write_sheet
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.uninstall import Removal, survey, uninstall

MAIL = "/var/lib/xmpp-wizard/data/prosody/prosody.sqlite"
OWN = "/etc/xmpp-wizard/prosody/conf.d/mine.cfg.lua"


@pytest.fixture
def server(fakes: Fakes, layout: Layout) -> Fakes:
    """Return a world with a server, somebody's data, and another program's file."""
    fakes.appliance.texts = dict(ShippedAppliance().templates())
    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
    fakes.files.put(MAIL, "messages")
    fakes.files.put("/etc/hostname", "host")
    return fakes


def _uninstall(fakes: Fakes, *, delete_data: bool = False) -> tuple[Removal, list[str]]:
    lines: list[Text] = []
    removal = uninstall(fakes.world(), Layout(), delete_data=delete_data, report=lines.append)
    return removal, [str(line) for line in lines]


def _files(fakes: Fakes) -> set[str]:
    return {path for path, node in fakes.files.nodes.items() if not node.is_folder}


def test_people_s_data_stay(server: Fakes) -> None:
    before = _files(server)
    secrets = {path for path in before if "/secrets/" in path}
    assert secrets
    removal, lines = _uninstall(server)
    assert _files(server) == {
        MAIL,
        "/etc/hostname",
        "/etc/xmpp-wizard/answers.toml",
        "/var/lib/xmpp-wizard/pinned.json",
        "/var/lib/xmpp-wizard/written.json",
        *secrets,
    }
    assert server.containers.containers == {}
    assert [tag for tag in server.containers.images if tag.startswith("xmpp-wizard/")] == []
    assert server.containers.unnamed == {"xmpp-wizard/prosody": []}, "stages go with the last image that they are for"
    assert removal.domain == "a.example"
    assert "removed the container xmpp-wizard-prosody" in lines


def test_what_is_surveyed_is_what_goes(server: Fakes) -> None:
    surveyed = survey(server.world(), Layout(), delete_data=False)
    before = _files(server)
    assert server.containers.containers
    removal, _ = _uninstall(server)
    assert removal == surveyed
    assert before - _files(server) == {
        path for path in before if path.startswith(removal.paths) and not path.startswith(removal.kept)
    }


def test_the_timer_goes(server: Fakes) -> None:
    units = {path for path in _files(server) if path.startswith("/etc/systemd/")}
    assert len(units) == 2
    assert server.services.on == {"xmpp-wizard-renew"}
    removal, lines = _uninstall(server)
    assert server.services.on == set()
    assert set(removal.paths) >= units
    assert lines.index("stopped the timer xmpp-wizard-renew") < lines.index(f"removed {min(units)}")


def test_a_later_apply_goes_on_as_before(server: Fakes, layout: Layout) -> None:
    authority = server.files.nodes["/etc/xmpp-wizard/secrets/authority/root.crt"]
    _uninstall(server)
    launch(server.world(), layout, wish(title="Other answers"), Consent(wants_proof=False))
    assert generations.last_good(server.world(), layout) is not None
    assert server.files.nodes["/etc/xmpp-wizard/secrets/authority/root.crt"] == authority
    assert MAIL in server.files.nodes


def test_the_admin_s_own_configuration_stays(server: Fakes) -> None:
    server.files.put(OWN, "-- mine")
    removal, _ = _uninstall(server)
    assert OWN in server.files.nodes
    assert "/etc/xmpp-wizard/prosody/prosody.cfg.lua" not in server.files.nodes
    assert "/etc/xmpp-wizard/prosody/conf.d" in removal.kept


def test_everything_goes_if_that_is_wanted(server: Fakes) -> None:
    server.files.put(OWN, "-- mine")
    _uninstall(server, delete_data=True)
    assert _files(server) == {"/etc/hostname"}


def test_the_emergency_sheet_goes_with_the_data_unless_somebody_wrote_on_it(server: Fakes, layout: Layout) -> None:
    write_sheet(server.world(), layout)
    removal, _ = _uninstall(server)
    assert {"/root/emergency-sheet.html", "/root/emergency-sheet.txt"} <= set(removal.kept)
    assert "/root/emergency-sheet.html" in server.files.nodes
    server.files.put("/root/emergency-sheet.txt", "with a note of mine")
    removal, _ = _uninstall(server, delete_data=True)
    assert removal.kept == ("/root/emergency-sheet.txt",)
    assert _files(server) == {"/etc/hostname", "/root/emergency-sheet.txt"}


def test_data_that_stayed_can_be_deleted_later(server: Fakes) -> None:
    _uninstall(server)
    assert not survey(server.world(), Layout(), delete_data=False)
    removal, _ = _uninstall(server, delete_data=True)
    assert removal.domain == ""
    assert _files(server) == {"/etc/hostname"}


def test_where_nothing_is_nothing_is_done(fakes: Fakes) -> None:
    with pytest.raises(NotSetUpError):
        _uninstall(fakes)


def test_not_while_an_apply_goes_on(server: Fakes) -> None:
    server.lock.held["/var/lib/xmpp-wizard/lock"] = 4242
    with pytest.raises(LockedError):
        _uninstall(server)
    assert server.containers.containers


def test_a_cut_off_run_is_repeated(server: Fakes) -> None:
    paths = survey(server.world(), Layout(), delete_data=False).paths
    for path in paths:
        server.files.fail_at = {f"remove {path}": DiskError(say("read-only"))}
        with pytest.raises(DiskError):
            _uninstall(server)
    server.files.fail_at = {}
    _uninstall(server)
    assert {path for path in _files(server) if "/secrets/" not in path} == {
        MAIL,
        "/etc/hostname",
        "/etc/xmpp-wizard/answers.toml",
        "/var/lib/xmpp-wizard/pinned.json",
        "/var/lib/xmpp-wizard/written.json",
    }


def test_another_instance_is_left_alone(server: Fakes, layout: Layout) -> None:
    second = Layout(layout.root, "second")
    server.containers.containers["xmpp-wizard-prosody"].is_running = False
    launch(server.world(), second, wish(), Consent(wants_proof=False))
    _, lines = _uninstall(server, delete_data=True)
    assert any(line.startswith("left the image xmpp-wizard/prosody:") for line in lines)
    assert list(server.containers.containers) == ["xmpp-wizard-second-prosody"]
    assert server.containers.unnamed["xmpp-wizard/prosody"], "its next build begins with it"
    assert generations.last_good(server.world(), second) is not None


def test_what_an_early_build_left_goes_too(server: Fakes, layout: Layout) -> None:
    server.files.put(str(layout.early_build / "lock"), "")
    removal, _ = _uninstall(server)
    assert removal.paths[0] == "/run/xmpp-wizard"
    assert not any(path.startswith("/run/xmpp-wizard") for path in server.files.nodes)
