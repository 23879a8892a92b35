"""The timer: what its files say, and when a plan begins or ends it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
from tests.core.planning.small_server import TARGET, settled

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.front import Front
from xmpp_wizard.core.observed import Observed, ObservedFile, ObservedTimer, TimerState
from xmpp_wizard.core.planning.files import content_hash
from xmpp_wizard.core.planning.make_plan import make_plan
from xmpp_wizard.core.planning.partial import without_files
from xmpp_wizard.core.rendering.timer import Scheduler, timer
from xmpp_wizard.core.target import CertificateSource, Target
from xmpp_wizard.effects.appliance import ShippedAppliance

PROGRAM = ["/usr/local/bin/xmpp-wizard"]
TEMPLATES = ShippedAppliance().templates()
UNIT = "/etc/systemd/system/xmpp-wizard-renew"


def made(scheduler: Scheduler = "systemd", layout: Layout | None = None, program: list[str] = PROGRAM) -> Target:
    """Return a target with the timer of a host."""
    found, files = timer(scheduler, layout or Layout(), TARGET, program, TEMPLATES)
    return replace(TARGET, files=(*TARGET.files, *files), timer=found)


def texts(target: Target) -> dict[str, str]:
    return {file.path: file.text for file in target.files[len(TARGET.files) :]}


def host(target: Target, state: TimerState, scheduler: Scheduler = "systemd") -> Observed:
    """Return a host that is as ``target`` says, but for the timer."""
    hashes = {file.path: content_hash(file.text) for file in target.files}
    seen = settled()
    files = {path: ObservedFile(text, 0o644, (0, 0)) for path, text in hashes.items() if path.startswith("/etc")}
    written = {path: (text,) for path, text in hashes.items()}
    own = ObservedTimer("xmpp-wizard-renew", scheduler, state)
    return replace(seen, files={**seen.files, **files}, written={**seen.written, **written}, timer=own)


def test_systemd_gets_a_service_and_a_timer() -> None:
    found = texts(made())
    assert set(found) == {f"{UNIT}.service", f"{UNIT}.timer"}
    service = found[f"{UNIT}.service"]
    assert "\nExecStart=/usr/local/bin/xmpp-wizard cert renew --if-due\n" in service
    assert "\nReadWritePaths=/etc/xmpp-wizard /var/lib/xmpp-wizard\n" in service
    assert "\nOnCalendar=hourly\n" in found[f"{UNIT}.timer"]


def test_a_web_server_s_folder_may_be_written_to() -> None:
    source = CertificateSource("acme", acme=AcmeSource(webroot='/var/w w/100%"'))
    _, files = timer("systemd", Layout(), replace(TARGET, certificate_source=source), PROGRAM, TEMPLATES)
    service = next(file.text for file in files if file.path.endswith(".service"))
    assert '\nReadWritePaths="-/var/w w/100%%\\""\n' in service
    assert service.count("ReadWritePaths=") == 2
    assert texts(made())[f"{UNIT}.service"].count("ReadWritePaths=") == 1


def test_nginx_may_open_its_logs_when_it_checks_its_files() -> None:
    front = Front("nginx", (), 443, "127.0.0.1:5280", ())
    _, files = timer("systemd", Layout(), replace(TARGET, front=front), PROGRAM, TEMPLATES)
    service = next(file.text for file in files if file.path.endswith(".service"))
    assert '\nReadWritePaths="-/run"\nReadWritePaths="-/var/log"\n' in service


def test_cron_gets_one_line_in_a_minute_of_its_own() -> None:
    found = texts(made("cron"))
    assert set(found) == {"/etc/cron.d/xmpp-wizard-renew"}
    (line,) = [line for line in found["/etc/cron.d/xmpp-wizard-renew"].splitlines() if " root " in line]
    minute, rest = line.split(" ", 1)
    assert rest == "* * * * root /usr/local/bin/xmpp-wizard cert renew --if-due"
    assert 0 <= int(minute) < 60
    others = {texts(made("cron", Layout(instance=name)))[f"/etc/cron.d/xmpp-wizard-{name}-renew"] for name in "abcdef"}
    assert len({text.splitlines()[-1].split()[0] for text in others}) > 1


@pytest.mark.parametrize("lacks", [{"certificate_source": CertificateSource("acme")}, {"follows_address": True}])
def test_where_something_may_have_to_be_mended_soon_it_comes_every_five_minutes(lacks: dict[str, Any]) -> None:
    target = replace(TARGET, **lacks)
    texts = {kind: timer(kind, Layout(), target, PROGRAM, TEMPLATES)[1] for kind in ("systemd", "cron")}
    (spread,) = [file.text for file in texts["systemd"] if file.path.endswith(".timer")]
    assert "\nOnCalendar=*:0/5\n" in spread
    assert "\nFixedRandomDelay=true\n" in spread
    (line,) = [line for line in texts["cron"][0].text.splitlines() if " root " in line]
    minutes, rest = line.split(" ", 1)
    assert rest.startswith("* * * * root ")
    assert minutes in {f"{first}-59/5" for first in range(5)}


def test_an_instance_has_a_timer_of_its_own() -> None:
    found = texts(made(layout=Layout(instance="second")))
    service = found["/etc/systemd/system/xmpp-wizard-second-renew.service"]
    assert "\nExecStart=/usr/local/bin/xmpp-wizard --instance second cert renew --if-due\n" in service
    assert "\nReadWritePaths=/etc/xmpp-wizard-second /var/lib/xmpp-wizard-second\n" in service


@pytest.mark.parametrize(("scheduler", "wanted"), [("systemd", "/opt/100%%/x"), ("cron", r"/opt/100\%/x")])
def test_a_percent_sign_stays_one(scheduler: Scheduler, wanted: str) -> None:
    assert any(wanted in text for text in texts(made(scheduler, program=["/opt/100%/x"])).values())


def test_outside_its_own_folder_nothing_is_touched() -> None:
    assert made(layout=Layout(PurePosixPath("/srv/trial"))) == TARGET
    assert made("") == TARGET


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("missing", "[] timer: StartTimer, there is no such timer yet"),
        ("off", "[] timer: StartTimer, somebody switched it off"),
        ("waiting", ""),
        ("failed", "[] timer: StartTimer, it has failed"),
        ("masked", ""),
    ],
)
def test_it_is_begun_where_it_does_not_wait(state: TimerState, line: str) -> None:
    target = made()
    assert str(make_plan(target, host(target, state))) == line


def test_other_files_are_read_again() -> None:
    old, new = made(), made(program=["/opt/new"])
    plan = make_plan(new, host(old, "waiting"))
    assert str(plan) == (
        f"[] file:{UNIT}.service: WriteFile, content differs\n"
        f"[file:{UNIT}.service] timer: StartTimer, its files differ from what systemd has read"
    )
    assert not without_files(plan)


def test_cron_reads_its_files_by_itself() -> None:
    target = made("cron")
    assert not make_plan(target, host(target, "no daemon", "cron"))


def test_a_server_without_a_timer_ends_it_before_its_files_go() -> None:
    plan = make_plan(TARGET, host(made(), "waiting"))
    assert str(plan) == (
        "[] timer: StopTimer, no longer needed\n"
        f"[] remove:{UNIT}.service: RemoveFile, no longer needed\n"
        f"[] remove:{UNIT}.timer: RemoveFile, no longer needed"
    )
