"""What the timer does, hour after hour, with nobody there: against a world of fakes."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest
from tests.engine.conftest import run, wish
from tests.fakes import Fakes

from xmpp_wizard.core.catalogue import LANGUAGES
from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EngineError, NotSetUpError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.notify import NotifyAnswers
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.applying.apply import Consent
from xmpp_wizard.engine.language import keep
from xmpp_wizard.engine.memory import generations, journal
from xmpp_wizard.engine.memory.upkeep import remembered
from xmpp_wizard.engine.status import status
from xmpp_wizard.engine.upkeep import Upkept, upkeep

NAME = "xmpp-wizard-prosody"
MOVED = Consent(wants_proof=False, allow_destroy=True)
ANSWERS = "/etc/xmpp-wizard/answers.toml"
JOURNAL = "/var/lib/xmpp-wizard/journal"
ENGINE_DOWN = EngineError(say("the container engine does not answer"), say("Start it."))


@pytest.fixture
def server(fakes: Fakes, layout: Layout) -> Fakes:
    """Return a world with a server that is well."""
    run(fakes, layout, wish())
    fakes.containers.calls.clear()
    return fakes


def come_to(fakes: Fakes, share: float) -> None:
    """Let so much of the first certificate's life go by."""
    life = fakes.authority.inspect(chain(fakes))
    fakes.clock.at = life.not_before + (life.not_after - life.not_before) * share


def chain(fakes: Fakes) -> bytes:
    return fakes.files.read("/var/lib/xmpp-wizard/certificates/live/a.example/fullchain.pem") or b""


def look_after(fakes: Fakes, hours: float = 1) -> Upkept:
    fakes.clock.at += timedelta(hours=hours)
    return upkeep(fakes.world(), Layout())


def changes(fakes: Fakes) -> list[str]:
    """Return what was done to containers."""
    # to look, and to take away what builds of images left, is nothing done to a container
    others = ("observe", "has_image", "logs", "tidy_images")
    return [call for call in fakes.containers.calls if not call.startswith(others)]


def test_without_a_server_there_is_nothing_to_look_after(fakes: Fakes) -> None:
    with pytest.raises(NotSetUpError):
        look_after(fakes)


def test_where_nothing_is_due_nothing_is_left_behind(server: Fakes) -> None:
    before = (chain(server), server.files.names(JOURNAL))
    for _ in range(5):
        assert look_after(server) == Upkept()
    assert (chain(server), server.files.names(JOURNAL)) == before
    assert changes(server) == []
    assert remembered(server.world(), Layout()).last_at == server.clock.timestamp()


def test_a_certificate_is_renewed_at_two_thirds_of_its_life(server: Fakes) -> None:
    before = chain(server)
    come_to(server, 0.66)
    look_after(server)
    assert chain(server) == before
    come_to(server, 0.67)
    found = look_after(server)
    assert str(found.change) == "a.example is set up (generation 2)"
    assert (found.trouble, found.exit_status) == (None, 0)
    assert chain(server) != before
    assert changes(server) == [f"reload {NAME}"]
    good = generations.last_good(server.world(), Layout())
    assert good is not None
    assert (good.number, str(good.cause)) == (2, "certificates renewed")
    assert look_after(server) == Upkept()


def test_a_web_server_in_front_reads_the_new_certificate(fakes: Fakes, layout: Layout) -> None:
    fakes.files.put("/etc/nginx/nginx.conf", "theirs")
    fakes.files.put("/etc/nginx/conf.d/theirs.conf", "")
    run(fakes, layout, wish(network={"web_server": "nginx"}))
    fakes.web_servers.calls.clear()
    look_after(fakes)
    assert not [call for call in fakes.web_servers.calls if call.startswith("reload")]
    come_to(fakes, 0.7)
    assert look_after(fakes).exit_status == 0
    assert fakes.web_servers.calls[-2:] == ["check /etc/nginx/nginx.conf", "reload /etc/nginx/nginx.conf"]
    fakes.web_servers.calls.clear()
    assert look_after(fakes) == Upkept()
    assert not [call for call in fakes.web_servers.calls if call.startswith("reload")]


def test_caddy_is_left_alone_as_it_has_certificates_of_its_own(fakes: Fakes, layout: Layout) -> None:
    fakes.files.put("/etc/caddy/Caddyfile", "import xmpp-wizard*.caddy")
    run(fakes, layout, wish(network={"web_server": "caddy"}))
    fakes.web_servers.calls.clear()
    come_to(fakes, 0.7)
    assert look_after(fakes).exit_status == 0
    assert not [call for call in fakes.web_servers.calls if call.startswith("reload")]


def test_nothing_else_happens_unattended(server: Fakes) -> None:
    server.files.put("/etc/xmpp-wizard/prosody/conf.d/mine.cfg.lua", "-- half written")
    server.files.put(ANSWERS, "domain = 'half written")
    server.services.on.clear()
    come_to(server, 0.7)
    assert look_after(server).exit_status == 0
    assert changes(server) == [f"reload {NAME}"]
    assert server.files.read(ANSWERS) == b"domain = 'half written"
    assert server.services.on == set()
    # what the admin changed still waits for the admin
    events = run(server, Layout(), wish(), Consent(edits="overwrite", wants_proof=False))
    assert f"restart {NAME}" in changes(server), events


def test_a_server_that_somebody_stopped_stays_stopped(server: Fakes) -> None:
    server.containers.containers[NAME].is_running = False
    before = chain(server)
    come_to(server, 0.7)
    assert look_after(server).exit_status == 0
    assert chain(server) != before
    assert changes(server) == []


def test_a_crash_before_the_reload_is_made_good(server: Fakes) -> None:
    come_to(server, 0.7)
    server.containers.fail_at["reload"] = ENGINE_DOWN
    assert look_after(server).exit_status != 0
    server.containers.fail_at.clear()
    server.containers.calls.clear()
    assert look_after(server).exit_status == 0
    assert changes(server) == [f"reload {NAME}"]


def test_a_file_that_was_renewed_is_taken_over(fakes: Fakes, layout: Layout) -> None:
    def bring() -> None:
        root = fakes.authority.new_authority("somebody", fakes.clock.now())
        files = fakes.authority.issue(root, ["a.example", "*.a.example"], fakes.clock.now())
        fakes.files.put("/ssl/chain.pem", files.chain)
        fakes.files.put("/ssl/key.pem", files.key)

    bring()
    pair = {"chain_file": "/ssl/chain.pem", "key_file": "/ssl/key.pem"}
    run(fakes, layout, wish(certificates={"source": "files", "files": [pair]}))
    before = chain(fakes)
    assert look_after(fakes) == Upkept()
    bring()
    assert look_after(fakes).exit_status == 0
    assert chain(fakes) == fakes.files.read("/ssl/chain.pem") != before


def test_an_apply_that_goes_on_is_waited_for_and_what_it_made_is_what_counts(server: Fakes, layout: Layout) -> None:
    server.lock.held["/var/lib/xmpp-wizard/lock"] = 4242
    server.lock.released_after = 30
    server.lock.while_waiting = lambda: run(server, layout, wish(domain="b.example"), MOVED)
    server.probe.stale[443] = 4711
    found = look_after(server)
    assert server.lock.patience_seconds == 600
    assert found.change == NOTHING, "the new server's certificate is not due"
    assert found.trouble is not None
    assert "b.example" in str(found.trouble.text)
    good = generations.last_good(server.world(), layout)
    assert good is not None
    assert (good.number, good.domains) == (2, ("b.example",))


def test_an_apply_that_takes_too_long_is_no_matter_for_a_person(server: Fakes) -> None:
    server.lock.held["/var/lib/xmpp-wizard/lock"] = 4242
    found = look_after(server)
    assert found.trouble is not None
    assert (found.trouble.code, found.needs_person, found.exit_status) == ("locked", False, 5)


def test_what_may_pass_by_itself_is_told_when_it_does_not(server: Fakes) -> None:
    come_to(server, 0.67)
    server.containers.fail_at["observe"] = ENGINE_DOWN
    assert [look_after(server).needs_person for _ in range(3)] == [False, False, True]
    assert remembered(server.world(), Layout()).failures == 3


def test_tries_become_rarer(server: Fakes) -> None:
    come_to(server, 0.67)
    server.containers.fail_at["observe"] = ENGINE_DOWN
    tries = []
    for hour in range(48):
        server.containers.calls.clear()
        look_after(server)
        if server.containers.calls:
            tries.append(hour)
    assert tries == [0, 1, 2, 4, 9, 20, 43]
    server.containers.fail_at.clear()
    assert look_after(server, hours=24).exit_status == 0
    assert remembered(server.world(), Layout()).failures == 0


def test_a_person_is_called_at_once_where_only_a_person_can_act(server: Fakes) -> None:
    server.files.remove("/etc/xmpp-wizard/secrets/authority/root.crt")
    found = look_after(server)
    assert (found.needs_person, found.exit_status) == (True, 5)
    assert found.trouble is not None
    assert "all of them must trust the new one" in str(found.trouble.text)


def test_a_cut_off_apply_is_not_papered_over(server: Fakes) -> None:
    text = b'{"number":2,"at":1.0,"user":"root","cause":"apply","domains":["a.example"],"state":"started"}'
    server.files.put("/var/lib/xmpp-wizard/generations/2/generation.json", text)
    come_to(server, 0.7)
    before = chain(server)
    found = look_after(server)
    assert found.trouble is not None
    assert "was cut off" in str(found.trouble.text)
    assert (found.needs_person, chain(server)) == (True, before)


@pytest.mark.parametrize("port", [5222, 5223, 5269, 5270, 443])
def test_every_port_must_serve_the_new_one(server: Fakes, port: int) -> None:
    server.probe.stale[port] = 4711
    found = look_after(server)
    assert found.trouble is not None
    assert f"port {port} (" in str(found.trouble.text)
    assert (found.trouble.code, found.needs_person, found.exit_status) == ("not-served", True, 3)
    assert changes(server) == [f"reload {NAME}"]
    server.probe.stale.clear()
    assert look_after(server) == Upkept()
    assert changes(server) == [f"reload {NAME}"]


def test_files_that_nobody_renews_are_told_of_in_time(fakes: Fakes, layout: Layout) -> None:
    own_files(fakes, layout)
    codes = []
    for share in (0.7, 0.76, 0.9):
        come_to(fakes, share)
        found = look_after(fakes)
        codes.append(found.trouble.code if found.trouble else "")
    assert codes == ["", "certificate-ends", "certificate-ends-very-soon"]


def own_files(fakes: Fakes, layout: Layout, *names: str, **more: object) -> None:
    """Set a server up with files of the admin's for all names, and with ``names`` alone in what comes later."""
    root = fakes.authority.new_authority("somebody", fakes.clock.now())
    files = fakes.authority.issue(root, ["a.example", "*.a.example"], fakes.clock.now())
    fakes.files.put("/ssl/chain.pem", files.chain)
    fakes.files.put("/ssl/key.pem", files.key)
    pair = {"chain_file": "/ssl/chain.pem", "key_file": "/ssl/key.pem"}
    run(fakes, layout, wish(certificates={"source": "files", "files": [pair]}, **more))
    if names:
        later = fakes.authority.issue(root, names, fakes.clock.now())
        fakes.files.put("/ssl/chain.pem", later.chain)
        fakes.files.put("/ssl/key.pem", later.key)


@pytest.mark.parametrize("path", ["/ssl/chain.pem", "/ssl/key.pem"])
def test_files_that_vanish_are_told_at_once_and_by_the_next_run(fakes: Fakes, layout: Layout, path: str) -> None:
    own_files(fakes, layout, **HOOK)
    assert look_after(fakes) == Upkept()
    before = chain(fakes)
    fakes.files.remove(path)
    gone = f"{path} (certificates.files) cannot be read"
    assert [text for text in status(fakes.world(), layout).problems if gone in str(text)]
    found = look_after(fakes)
    assert found.trouble is not None
    assert (str(found.trouble.text), found.needs_person) == (gone, True)
    assert told(fakes) == [("mail", "certificate-source"), ("webhook", "certificate-source")]
    assert len([text for text in status(fakes.world(), layout).problems if gone in str(text)]) == 1
    assert chain(fakes) == before


def test_files_that_lack_a_name_all_at_once_are_told(fakes: Fakes, layout: Layout) -> None:
    own_files(fakes, layout, "a.example", "share.a.example")
    before = chain(fakes)
    found = look_after(fakes)
    assert found.trouble is not None
    assert "none of your certificate files is for groups.a.example" in str(found.trouble.text)
    assert found.needs_person
    assert chain(fakes) == before


def test_a_renewal_is_in_the_journal(server: Fakes) -> None:
    come_to(server, 0.7)
    look_after(server)
    record = journal.latest(server.world(), Layout())
    assert record is not None
    ended = journal.ended(server.world(), record)
    assert ended is not None
    assert ended.exit_status == 0


PUBLIC = {"certificates": {"source": "acme"}}
NAMES = ("a.example", "groups.a.example", "share.a.example")


@pytest.fixture
def public(fakes: Fakes, layout: Layout) -> Fakes:
    """Return a world with a server whose groups lack their public certificate: the record is not there yet."""
    fakes.surroundings.names = {name: Lookup(("192.0.2.10",), is_known=True) for name in NAMES}
    fakes.surroundings.names[NAMES[1]] = Lookup((), is_known=False)
    run(fakes, layout, wish(**PUBLIC, **HOOK))
    return fakes


def minutes_later(fakes: Fakes, minutes: float) -> Upkept:
    return look_after(fakes, hours=minutes / 60)


def test_a_run_with_nothing_due_asks_nobody(public: Fakes) -> None:
    public.surroundings.names[NAMES[1]] = Lookup(("192.0.2.10",), is_known=True)
    # one that has it made, and one that asks when to renew it
    assert [minutes_later(public, 5).exit_status for _ in range(2)] == [0, 0]
    for fake in (public.containers, public.acme, public.probe, public.resolver):
        fake.calls.clear()
    for _ in range(9):
        assert minutes_later(public, 5) == Upkept()
    assert (public.containers.calls, public.acme.calls, public.probe.calls, public.resolver.calls) == ([], [], [], [])
    minutes_later(public, 5)
    assert public.probe.calls, "everything is looked at once an hour"


def test_a_record_that_was_put_right_is_served_within_minutes(public: Fakes) -> None:
    for _ in range(50):
        minutes_later(public, 5)
    public.surroundings.names[NAMES[1]] = Lookup(("192.0.2.10",), is_known=True)
    found = minutes_later(public, 5)
    assert (found.trouble, found.exit_status) == (None, 0)
    assert public.authority.inspect(chain(public)).names == NAMES


def test_who_is_still_entering_records_is_not_called(public: Fakes) -> None:
    calls = [minute for minute in range(5, 125, 5) if minutes_later(public, 5).needs_person]
    assert calls
    assert 35 < calls[0] <= 60
    assert told(public) == [("mail", "certificate-lacking"), ("webhook", "certificate-lacking")]


def test_a_clock_that_was_a_year_ahead_stops_nothing(public: Fakes) -> None:
    now = public.clock.at
    public.clock.at = now + timedelta(days=365)
    public.containers.fail_at["observe"] = ENGINE_DOWN
    for _ in range(9):
        look_after(public)
    public.containers.fail_at.clear()
    public.notifier.letters.clear()
    public.surroundings.names[NAMES[1]] = Lookup(("192.0.2.10",), is_known=True)
    public.clock.at = now
    assert minutes_later(public, 5).exit_status == 0
    assert public.authority.inspect(chain(public)).names == NAMES
    assert told(public) == [("mail", "well"), ("webhook", "well")]


def told(fakes: Fakes) -> list[tuple[str, str]]:
    """Return the way and the code of each letter that was taken."""
    return [(way, letter.code) for way, letter in fakes.notifier.letters]


HOOK = {"notify": {"webhook_url": "https://hooks.example/x", "mail_to": ("ann@b.example",)}}


def test_people_are_told_once_a_day_and_when_it_is_over(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish(**HOOK))
    fakes.probe.stale[443] = 4711
    for _ in range(26):
        look_after(fakes)
    assert told(fakes) == [("mail", "not-served"), ("webhook", "not-served")] * 2
    assert "port 443" in str(fakes.notifier.letters[0][1].text)
    fakes.probe.stale.clear()
    for _ in range(3):
        look_after(fakes)
    assert told(fakes)[4:] == [("mail", "well"), ("webhook", "well")]


@pytest.mark.parametrize(("chosen", "answer"), [("de", None), ("en", "de"), ("", "de")])
def test_people_are_told_in_their_language(fakes: Fakes, layout: Layout, chosen: str, answer: str | None) -> None:
    fakes.appliance.catalogues["de"] = ShippedAppliance().catalogue("de")
    run(fakes, layout, wish(notify={**HOOK["notify"], "language": answer}))
    if chosen:
        keep(fakes.world(), layout, chosen)
    fakes.probe.stale[443] = 4711
    look_after(fakes)
    (_, letter), _ = fakes.notifier.letters
    assert str(letter.subject) == "a.example: ein Mensch wird gebraucht"
    assert "Port 443" in str(letter.text)
    assert letter.code == "not-served"


def test_each_language_of_the_wizard_can_be_chosen_for_messages() -> None:
    (choice, _) = get_args(NotifyAnswers.model_fields["language"].annotation)
    assert set(get_args(choice)) == set(LANGUAGES)


def test_what_may_pass_by_itself_disturbs_nobody(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish(**HOOK))
    fakes.containers.fail_at["observe"] = ENGINE_DOWN
    look_after(fakes)
    look_after(fakes)
    fakes.containers.fail_at.clear()
    look_after(fakes)
    assert told(fakes) == []


def test_what_reached_nobody_is_told_again(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish(**HOOK))
    fakes.probe.stale[443] = 4711
    refused = EngineError(say("not taken"))
    fakes.notifier.fail_at = {"mail": refused, "post": refused}
    look_after(fakes)
    fakes.notifier.fail_at = {"mail": refused}
    look_after(fakes)
    look_after(fakes)
    assert told(fakes) == [("webhook", "not-served")]


def test_the_mail_s_password_is_read_when_it_is_needed(fakes: Fakes, layout: Layout) -> None:
    fakes.files.put("/root/p", "first\n")
    mail = {"smtp_host": "mx.example", "smtp_user": "u", "smtp_password_file": "/root/p"}
    run(fakes, layout, wish(notify={"mail_to": ("ann@b.example",), **mail}))
    fakes.files.put("/root/p", "another-one\n")
    fakes.probe.stale[443] = 4711
    look_after(fakes)
    assert fakes.notifier.passwords == ["another-one"]
    assert not any(b"another-one" in node.content for path, node in fakes.files.nodes.items() if path != "/root/p")


def test_the_server_itself_writes_to_the_admins(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish(admins=("alice",)))
    answer = CommandResult(0, 'Result: {"reached":["alice@a.example"],"unknown":[]}\n', "")
    fakes.containers.on_run = lambda *_: answer
    fakes.probe.stale[443] = 4711
    look_after(fakes)
    look_after(fakes)
    (call,) = [call for call in fakes.containers.calls if call.startswith("run") and "port 443" in call]
    assert '"a.example"' in call
    assert '"alice@a.example"' in call


@pytest.mark.parametrize("output", ["", "Error: not running", 'Result: {"reached":[],"unknown":["alice@a.example"]}'])
def test_an_admin_who_cannot_be_written_to_is_written_to_later(fakes: Fakes, layout: Layout, output: str) -> None:
    run(fakes, layout, wish(admins=("alice",)))
    fakes.containers.on_run = lambda *_: CommandResult(0, output, "")
    fakes.probe.stale[443] = 4711
    look_after(fakes)
    look_after(fakes)
    assert len([call for call in fakes.containers.calls if call.startswith("run") and "port 443" in call]) == 2
