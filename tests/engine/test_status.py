"""What status says of a server, well and in each kind of trouble."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath

import pytest
from tests.engine.conftest import wish
from tests.fakes import NOON, Fakes

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EngineError, HealthError, NotSetUpError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.rendering.timer import Scheduler
from xmpp_wizard.core.text import say
from xmpp_wizard.core.upkeep import Memory, Trouble
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.memory.upkeep import remember
from xmpp_wizard.engine.status import Status, status

NAME = "xmpp-wizard-prosody"


@pytest.fixture
def server(fakes: Fakes, layout: Layout) -> Fakes:
    """Return a world with a server that is well."""
    fakes.appliance.texts = dict(ShippedAppliance().templates())
    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
    target = generations.load_target(fakes.world(), layout, 1)
    fakes.listen(target)
    return fakes


def _look(fakes: Fakes) -> Status:
    return status(fakes.world(), Layout())


def _problems(fakes: Fakes) -> list[str]:
    found = _look(fakes)
    assert found.healthy is (not found.problems)
    return [str(problem) for problem in found.problems]


def test_without_a_server_there_is_no_status(fakes: Fakes) -> None:
    with pytest.raises(NotSetUpError, match="no server set up"):
        _look(fakes)


def test_a_server_that_is_well(server: Fakes) -> None:
    found = _look(server)
    assert found.healthy
    assert found.problems == ()
    assert (found.domain, found.generation, found.last_apply.state) == ("a.example", 1, "good")
    assert found.addresses == ("192.0.2.10",)
    assert [(item.name, item.state) for item in found.containers] == [(NAME, "running")]
    assert [item.name for item in found.certificates] == ["a.example"]
    assert 5222 in {port.port for port in found.ports}
    assert all(port.is_open for port in found.ports)
    assert found.applying_pid is None


def test_chosen_addresses_are_told(fakes: Fakes, layout: Layout) -> None:
    fakes.appliance.texts = dict(ShippedAppliance().templates())
    launch(fakes.world(), layout, wish(network={"listen": ("127.0.60.1",)}), Consent(wants_proof=False))
    assert _look(fakes).addresses == ("127.0.60.1",)


def _stop(fakes: Fakes) -> None:
    fakes.containers.containers[NAME].is_running = False


def _remove(fakes: Fakes) -> None:
    del fakes.containers.containers[NAME]


def _freeze(fakes: Fakes) -> None:
    fakes.containers.health[NAME] = "unhealthy"
    fakes.probe.closed_ports = (5222,)


def _close(fakes: Fakes) -> None:
    fakes.sockets.listening = tuple(item for item in fakes.sockets.listening if item.port != 5222)


def _steal(fakes: Fakes) -> None:
    fakes.sockets.listening = tuple(
        replace(item, container_id="", program="ejabberd") if item.port == 5222 else item
        for item in fakes.sockets.listening
    )


def _age(fakes: Fakes) -> None:
    fakes.clock.at += timedelta(days=900)


def _come_to_renewal(fakes: Fakes) -> None:
    fakes.clock.at += timedelta(days=600)


def _miss_the_renewal(fakes: Fakes) -> None:
    fakes.clock.at += timedelta(days=620)


def _come_near_the_end(fakes: Fakes) -> None:
    fakes.clock.at += timedelta(days=720)


def _switch_the_timer_off(fakes: Fakes) -> None:
    fakes.services.on.clear()


def _lose_the_timer(fakes: Fakes) -> None:
    fakes.services.on.clear()
    fakes.files.remove("/etc/systemd/system/xmpp-wizard-renew.timer")


def _run_into_trouble(fakes: Fakes) -> None:
    trouble = Trouble("disk", say("the disk is full"), say("make room"))
    remember(fakes.world(), Layout(), Memory(last_at=fakes.clock.timestamp(), trouble=trouble))


def _sleep_for_a_week(fakes: Fakes) -> None:
    remember(fakes.world(), Layout(), Memory(last_at=fakes.clock.timestamp()))
    fakes.clock.at += timedelta(days=7)


def _set_the_clock_back(fakes: Fakes) -> None:
    fakes.clock.at -= timedelta(days=600)


def _lose_a_certificate(fakes: Fakes) -> None:
    fakes.files.remove("/var/lib/xmpp-wizard/certificates/generations/1/a.example")


def _lose_all_certificates(fakes: Fakes) -> None:
    fakes.files.remove("/var/lib/xmpp-wizard/certificates/generations")


def _lose_the_link(fakes: Fakes) -> None:
    fakes.files.remove("/var/lib/xmpp-wizard/certificates/live")


def _damage_a_certificate(fakes: Fakes) -> None:
    fakes.files.put("/var/lib/xmpp-wizard/certificates/live/a.example/privkey.pem", b"")


def _lose_the_authoritys_key(fakes: Fakes) -> None:
    fakes.files.remove("/etc/xmpp-wizard/secrets/authority/root.key")


def _fill_the_disk(fakes: Fakes) -> None:
    fakes.files.free = 99_000_000


def _serve_another(fakes: Fakes) -> None:
    fakes.probe.served["a.example"] = 4711


def _cut_off(fakes: Fakes) -> None:
    text = b'{"number":2,"at":1.0,"user":"root","cause":"apply","domains":["a.example"],"state":"started"}'
    fakes.files.put("/var/lib/xmpp-wizard/generations/2/generation.json", text)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (_stop, "xmpp-wizard-prosody is stopped"),
        (_remove, "xmpp-wizard-prosody is missing"),
        (_freeze, "runs, but does not answer"),
        (_close, "port 5222/tcp (apps) is not open"),
        (_steal, "port 5222/tcp (apps) is not open"),
        (_age, "the certificate of a.example ended on 2028-03-31; run sudo xmpp-wizard cert renew"),
        (_miss_the_renewal, "the certificate of a.example ends on 2028-03-31; run sudo xmpp-wizard cert renew"),
        (_come_near_the_end, "the certificate of a.example ends very soon, on 2028-03-31; run sudo xmpp-wizard"),
        (_set_the_clock_back, "is not valid before 2026-01-01; is the clock right?"),
        (_switch_the_timer_off, "the timer that renews certificates is off; sudo xmpp-wizard apply starts it"),
        (_lose_the_timer, "nothing renews certificates by itself yet"),
        (_run_into_trouble, "the disk is full; make room"),
        (_sleep_for_a_week, "the timer has done nothing for 7 days; see: systemctl status xmpp-wizard-renew"),
        (_lose_a_certificate, "the certificate of a.example is gone or damaged; run xmpp-wizard apply"),
        (_lose_all_certificates, "the certificate of a.example is gone or damaged"),
        (_lose_the_link, "the certificate of a.example is gone or damaged"),
        (_damage_a_certificate, "the certificate of a.example is gone or damaged"),
        (_lose_the_authoritys_key, "/etc/xmpp-wizard/secrets/authority/root.key is gone"),
        (_fill_the_disk, "only 99 MB are free on the disk with /var/lib/xmpp-wizard"),
        (_serve_another, "port 5222 serves another certificate"),
        (_cut_off, "the last apply was cut off"),
    ],
)
def test_trouble_is_named(server: Fakes, trouble: Callable[[Fakes], None], words: str) -> None:
    trouble(server)
    assert any(words in problem for problem in _problems(server))


@pytest.mark.parametrize("trouble", [_stop, _remove])
def test_what_follows_from_a_container_that_is_down_is_not_told_as_more_problems(
    server: Fakes, trouble: Callable[[Fakes], None]
) -> None:
    trouble(server)
    server.sockets.listening = ()
    server.probe.closed_ports = (5222,)
    assert len(_problems(server)) == 1


def test_a_server_that_is_frozen_still_listens_and_is_asked(server: Fakes) -> None:
    _stop(server)
    server.probe.fail_at["stream"] = HealthError(say("it says nothing"))
    assert "it says nothing" in _problems(server)


def test_a_database_that_does_not_answer_is_told_and_what_to_do(fakes: Fakes, layout: Layout) -> None:
    fakes.appliance.texts = dict(ShippedAppliance().templates())
    launch(fakes.world(), layout, wish(storage={"backend": "postgresql"}), Consent(wants_proof=False))
    fakes.listen(generations.load_target(fakes.world(), layout, 1))
    assert _problems(fakes) == []
    fakes.containers.on_run = lambda *_: CommandResult(2, "", "")
    assert _problems(fakes) == ["postgresql does not answer: nobody can log in. Look at: xmpp-wizard logs postgresql"]
    fakes.containers.containers["xmpp-wizard-postgresql"].is_running = False
    assert _problems(fakes) == ["xmpp-wizard-postgresql is stopped; xmpp-wizard apply starts it"]


def test_somebody_else_s_database_that_is_away_is_told(fakes: Fakes, layout: Layout) -> None:
    fakes.appliance.texts = dict(ShippedAppliance().templates())
    fakes.files.put("/root/pw", "secret\n")
    external = {"host": "db.example.org", "password_file": "/root/pw"}
    wanted = wish(storage={"backend": "external", "external": external})
    launch(fakes.world(), layout, wanted, Consent(wants_proof=False))
    fakes.listen(generations.load_target(fakes.world(), layout, 1))
    assert _problems(fakes) == []
    fakes.containers.on_run = lambda *_: CommandResult(11, "timed out\n", "")
    assert _problems(fakes) == ["the database server db.example.org cannot be used: timed out"]

    def silent(*_: object) -> CommandResult:
        raise EngineError(say("it took too long"))

    fakes.containers.on_run = silent
    assert _problems(fakes) == ["Try the database: no answer within 15 seconds"]
    fakes.containers.containers["xmpp-wizard-prosody"].is_running = False
    assert not any("database" in problem for problem in _problems(fakes))


def test_our_own_look_is_newer_than_the_engines(server: Fakes) -> None:
    server.containers.health[NAME] = "unhealthy"
    found = _look(server)
    assert (found.problems, found.containers[0].health) == ((), "healthy")


def test_a_missing_certificate_is_listed(server: Fakes) -> None:
    _lose_a_certificate(server)
    found = _look(server)
    assert (found.certificates, found.missing_certificates) == ((), ("a.example",))


def test_ones_own_files_are_late_only_after_certbot_would_have_renewed_them(fakes: Fakes, layout: Layout) -> None:
    root = fakes.authority.new_authority("somebody", fakes.clock.now())
    files = fakes.authority.issue(root, ["a.example", "*.a.example"], fakes.clock.now())
    fakes.files.put("/ssl/chain.pem", files.chain)
    fakes.files.put("/ssl/key.pem", files.key)
    pair = {"chain_file": "/ssl/chain.pem", "key_file": "/ssl/key.pem"}
    request = wish(certificates={"source": "files", "files": [pair]})
    launch(fakes.world(), layout, request, Consent(wants_proof=False))
    _come_to_renewal(fakes)
    assert not any("certificate" in problem for problem in _problems(fakes))
    fakes.clock.at += timedelta(days=90)
    assert any("ends on 2028-03-31; give it a new file" in problem for problem in _problems(fakes))


def test_who_renews_is_told(server: Fakes) -> None:
    found = _look(server).renewal
    assert (found.scheduler, found.state, found.last_at, found.next_at) == ("systemd", "waiting", 0.0, NOON)


@pytest.mark.parametrize("kind", ["cron", ""])
def test_a_host_on_which_nothing_runs_by_the_clock_is_told_of(fakes: Fakes, layout: Layout, kind: Scheduler) -> None:
    fakes.services.kind, fakes.services.has_daemon = kind, False
    launch(fakes.world(), layout, wish(), Consent(wants_proof=False))
    found = _look(fakes).renewal
    assert "apt-get install cron" in str(found.note)
    assert not found.problem


def test_a_server_in_a_folder_of_its_own_is_renewed_by_hand(fakes: Fakes) -> None:
    own = Layout(PurePosixPath("/srv/trial"))
    launch(fakes.world(), own, wish(), Consent(wants_proof=False))
    found = status(fakes.world(), own).renewal
    assert "sudo xmpp-wizard --root /srv/trial cert renew" in str(found.note)
    assert not [call for call in fakes.services.calls if call.startswith("start_timer")]


def test_an_apply_that_goes_on_is_no_trouble(server: Fakes) -> None:
    _cut_off(server)
    server.lock.held["/var/lib/xmpp-wizard/lock"] = 4242
    started = '{"generation":2,"pid":4242,"domain":"a.example","steps":[],"at":1.0,"kind":"apply-started"}\n'
    server.files.put("/var/lib/xmpp-wizard/journal/99999999999999-x.jsonl", started)
    assert _look(server).applying_pid == 4242
    assert _problems(server) == []


def test_an_engine_that_does_not_answer_is_an_error(server: Fakes) -> None:
    server.containers.fail_at["observe"] = EngineError(say("the container engine does not answer"))
    with pytest.raises(EngineError, match="does not answer"):
        _look(server)
