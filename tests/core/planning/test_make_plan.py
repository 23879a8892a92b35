"""Plans are compared with literal text: the explanation is what is tested."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.planning.small_server import CERTIFICATE, CONTAINER, FRESH, GROUP, NOW, RUNNING, TARGET, settled

from xmpp_wizard.core.certificates.certificate import CertificateRequest
from xmpp_wizard.core.kit.feature import ContainerSpec, Reference
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.observed import Loaded, Observed, ObservedContainer, ObservedFile
from xmpp_wizard.core.planning.actions import CheckConfig, RestartContainer, WriteFile
from xmpp_wizard.core.planning.containers import to_load
from xmpp_wizard.core.planning.files import content_hash
from xmpp_wizard.core.planning.make_plan import make_plan, settle_edits
from xmpp_wizard.core.target import Bind, CertificateSource, Copy


def test_a_fresh_host_gets_everything_in_order() -> None:
    assert str(make_plan(TARGET, FRESH)) == (
        "[] image:prosody: BuildImage, xmpp-wizard/prosody:1 is not on this machine\n"
        "[] folder:/e: MakeFolder, not there\n"
        "[folder:/e] folder:/e/p: MakeFolder, not there\n"
        "[folder:/e, folder:/e/p] secret:/e/p/upload: MakeSecret, not there\n"
        "[folder:/e, folder:/e/p] file:/e/p/prosody.cfg.lua: WriteFile, not there\n"
        "[folder:/e, folder:/e/p] authority: MakeAuthority, there is none yet\n"
        "[authority, folder:/e, folder:/e/p] certificates: PublishCertificates, there is none for a.example yet\n"
        "[folder:/e, folder:/e/p, secret:/e/p/upload, file:/e/p/prosody.cfg.lua, certificates, image:prosody] "
        "container:prosody: CreateContainer, there is no such container\n"
        "[container:prosody] health:prosody: CheckHealth, something of it changed"
    )


def test_a_settled_host_needs_nothing() -> None:
    plan = make_plan(TARGET, settled())
    assert not plan
    assert plan.generation == 3


def test_a_plan_is_the_same_every_time() -> None:
    assert make_plan(TARGET, FRESH) == make_plan(TARGET, FRESH)


def test_another_configuration_restarts() -> None:
    target = replace(
        TARGET,
        files=(replace(TARGET.files[0], text="newer"),),
        containers=(replace(CONTAINER, restart_hash="r2", reload_hash="l2"),),
    )
    assert str(make_plan(target, settled())) == (
        "[] file:/e/p/prosody.cfg.lua: WriteFile, content differs\n"
        "[file:/e/p/prosody.cfg.lua] check:prosody: CheckConfig, before anything is interrupted\n"
        "[file:/e/p/prosody.cfg.lua, check:prosody] container:prosody: RestartContainer, "
        "its configuration differs from what it has read INTERRUPTS\n"
        "[container:prosody] health:prosody: CheckHealth, something of it changed"
    )


def test_a_crash_between_write_and_restart_is_made_good() -> None:
    target = replace(TARGET, containers=(replace(CONTAINER, restart_hash="r2"),))
    assert [type(step.action) for step in make_plan(target, settled()).steps][:2] == [CheckConfig, RestartContainer]


def test_another_log_level_only_reloads() -> None:
    target = replace(TARGET, containers=(replace(CONTAINER, reload_hash="l2"),))
    assert "[] container:prosody: ReloadContainer, new log settings\n" in str(make_plan(target, settled()))


def test_a_due_certificate_is_renewed_and_reloaded() -> None:
    observed = replace(settled(), now=NOW + timedelta(days=60))
    assert str(make_plan(TARGET, observed)) == (
        "[] certificates: PublishCertificates, the one for a.example ends on 2026-03-22\n"
        "[certificates] container:prosody: ReloadContainer, new certificates\n"
        "[container:prosody] health:prosody: CheckHealth, something of it changed"
    )


def test_a_renewal_can_be_forced() -> None:
    assert "renewal was asked for" in str(make_plan(TARGET, settled(), force_renewal=True))


def test_a_new_name_needs_a_new_certificate() -> None:
    target = replace(TARGET, certificates=(CertificateRequest("a.example", (*CERTIFICATE.names, "share.a.example")),))
    assert "share.a.example not in the certificate" in str(make_plan(target, settled()))


@pytest.mark.parametrize(
    ("known", "line"),
    [
        (replace(RUNNING, is_running=False), "container:prosody: StartContainer, it does not run"),
        (replace(RUNNING, tag="x:0", config_hash="c0"), "ReplaceContainer, its image is another INTERRUPTS"),
        (replace(RUNNING, config_hash="c0"), "ReplaceContainer, its settings differ INTERRUPTS"),
    ],
)
def test_containers_get_the_least(known: ObservedContainer, line: str) -> None:
    observed = replace(settled(), containers={"xw-prosody": known})
    assert line in str(make_plan(TARGET, observed))


def test_what_a_cut_off_replacement_left_is_removed_before_anything_starts() -> None:
    observed = settled()
    left = {"xw-prosody-old": replace(RUNNING, name="xw-prosody-old")}
    lines = str(make_plan(TARGET, replace(observed, containers=left))).splitlines()
    assert lines[0] == "[] container-removal:xw-prosody-old: RemoveContainer, no longer needed"
    assert lines[1].startswith("[container-removal:xw-prosody-old] container:prosody: CreateContainer")


def test_wrong_access_is_corrected() -> None:
    observed = settled()
    files = {
        **observed.files,
        "/e/p": ObservedFile("", 0o777, GROUP, is_folder=True),
        "/e/p/upload": ObservedFile("s", 0o640, (0, 0)),
    }
    assert str(make_plan(TARGET, replace(observed, files=files))).startswith(
        "[] folder:/e/p: MakeFolder, has mode 0777 instead of 0750\n"
        "[folder:/e/p] access:/e/p/upload: CorrectAccess, belongs to 0:0 instead of 0:5222"
    )


def hand_edited() -> Observed:
    observed = settled()
    path = TARGET.files[0].path
    return replace(observed, files={**observed.files, path: ObservedFile("edited", 0o640, GROUP)})


def test_a_hand_edit_is_told_from_our_own_change() -> None:
    plan = make_plan(TARGET, hand_edited())
    assert [edit.path for edit in plan.edits] == ["/e/p/prosody.cfg.lua"]
    assert "WriteFile, changed by hand" in str(plan)
    assert not make_plan(replace(TARGET, files=(replace(TARGET.files[0], text="newer"),)), settled()).edits


def test_a_kept_edit_is_not_written_over_but_is_read() -> None:
    _, plan = settle_edits(TARGET, hand_edited(), make_plan(TARGET, hand_edited()), keep=True)
    assert not any(isinstance(step.action, WriteFile) for step in plan.steps)
    kept = replace(hand_edited(), kept={TARGET.files[0].path: ("edited", content_hash("new"))})
    later = make_plan(TARGET, kept)
    assert not later.edits
    assert "RestartContainer" in str(later)


def test_a_kept_edit_is_asked_about_again_when_ours_changes() -> None:
    kept = replace(hand_edited(), kept={TARGET.files[0].path: ("edited", content_hash("new"))})
    target = replace(TARGET, files=(replace(TARGET.files[0], text="newest"),))
    assert make_plan(target, kept).edits


def test_a_file_that_no_longer_belongs_is_removed() -> None:
    observed = settled()
    observed = replace(
        observed,
        written={**observed.written, "/e/p/old": ("h",)},
        files={**observed.files, "/e/p/old": ObservedFile("h", 0o640, GROUP)},
    )
    assert str(make_plan(TARGET, observed)) == "[] remove:/e/p/old: RemoveFile, no longer needed"


def test_giving_up_a_domain_destroys() -> None:
    plan = make_plan(TARGET, replace(settled(), domains=("a.example", "b.example")))
    assert [step.id for step in plan.destroys] == ["retire:b.example"]
    assert "INTERRUPTS DESTROYS" in str(plan)


def test_a_cut_off_run_is_finished_and_looked_at() -> None:
    assert str(make_plan(TARGET, replace(settled(), is_unfinished=True))) == (
        "[] health:prosody: CheckHealth, something of it changed\n"
        "[health:prosody] finish: FinishGeneration, an earlier run was cut off before its end"
    )


def listening(port: int = 5222, address: str = "", container_id: str = "") -> Observed:
    return replace(FRESH, listeners=(Listener(address, port, "tcp", "ejabberd", 1044, container_id),))


def test_a_busy_port_names_its_owner() -> None:
    [obstacle] = make_plan(TARGET, listening()).obstacles
    assert str(obstacle.text) == "port 5222 (apps) is taken by ejabberd (pid 1044)"


def test_a_port_of_our_own_or_on_another_address_is_free() -> None:
    own = replace(listening(container_id="id1"), containers={"xw-prosody": RUNNING})
    assert not make_plan(TARGET, own).obstacles
    elsewhere = replace(TARGET, openings=(replace(TARGET.openings[0], address="127.0.0.9"),))
    assert not make_plan(elsewhere, listening(address="127.0.0.8")).obstacles
    assert make_plan(elsewhere, listening(address="")).obstacles


def test_an_address_that_is_not_ours_is_an_obstacle() -> None:
    target = replace(TARGET, openings=(replace(TARGET.openings[0], address="192.0.2.7"),))
    [obstacle] = make_plan(target, replace(FRESH, addresses=("192.0.2.8",))).obstacles
    assert "192.0.2.7" in str(obstacle.text)
    assert "192.0.2.8" in str(obstacle.hint)


def test_a_full_disk_is_an_obstacle_before_anything_is_built() -> None:
    [obstacle] = make_plan(TARGET, replace(FRESH, free_bytes=200_000_000)).obstacles
    assert str(obstacle.text) == "the disk has 200 MB free; 1500 MB are needed"
    assert not make_plan(TARGET, replace(settled(), free_bytes=200_000_000)).obstacles


def test_references_are_copied_and_restart() -> None:
    reference = Reference("/home/roots.pem", "roots.pem", "features.federation.trusted_roots")
    target = replace(TARGET, copies=(Copy(reference, "/e/p/roots.pem", GROUP),))
    missing = make_plan(target, settled())
    assert "features.federation.trusted_roots" in str(missing.obstacles[0].text)
    plan = make_plan(target, replace(settled(), references={"/home/roots.pem": "h1"}))
    assert "copy:/e/p/roots.pem: CopyFile, not there" in str(plan)
    assert "RestartContainer" in str(plan)


def test_a_reference_interrupts_those_alone_that_read_it() -> None:
    spec = ContainerSpec(name="mariadb", image="mariadb", user_id=3306)
    database = replace(CONTAINER, spec=spec, binds=(Bind("/e/m", "/etc/mysql", is_writable=False),))
    reference = Reference("/home/roots.pem", "roots.pem", "features.federation.trusted_roots")
    target = replace(TARGET, containers=(database, CONTAINER))
    host = settled(target)
    loaded = {f"xw-{each.spec.name}": to_load(each, target, host, will_publish=False) for each in target.containers}
    containers = {"xw-prosody": RUNNING, "xw-mariadb": replace(RUNNING, name="xw-mariadb")}
    files = {**host.files, "/e/m": host.files["/e/p"]}
    references = {"/home/roots.pem": "h1"}
    host = replace(host, containers=containers, loaded=loaded, files=files, references=references)
    plan = str(make_plan(replace(target, copies=(Copy(reference, "/e/p/roots.pem", GROUP),)), host))
    assert "container:prosody: RestartContainer" in plan
    assert "container:mariadb" not in plan


def test_own_certificates_must_have_all_names_and_be_valid() -> None:
    target = replace(TARGET, certificate_source=CertificateSource("files", (("/c", "/k"),)))
    gone = make_plan(target, settled()).obstacles
    assert [str(obstacle.text) for obstacle in gone] == [
        "/c (certificates.files) cannot be read",
        "/k (certificates.files) cannot be read",
    ]
    host = replace(settled(), references={"/c": "c", "/k": "k"})
    fitting = replace(CERTIFICATE, sha256="g")
    assert "your file for a.example has another certificate" in str(
        make_plan(target, replace(host, offered=(fitting,)))
    )
    [lacking] = make_plan(target, replace(host, offered=(replace(fitting, names=("a.example",)),))).obstacles
    assert str(lacking.text) == "none of your certificate files is for groups.a.example"
    old = replace(fitting, not_after=NOW)
    [ended] = make_plan(target, replace(host, offered=(old,))).obstacles
    assert "ended on 2026-01-01" in str(ended.text)
    early = replace(fitting, not_before=NOW + timedelta(days=1))
    [begins] = make_plan(target, replace(host, offered=(early,))).obstacles
    assert "is not valid before 2026-01-02" in str(begins.text)
    assert "timedatectl" in str(begins.hint)


def test_what_was_loaded_follows_the_certificates() -> None:
    observed = settled()
    loaded = Loaded(observed.loaded["xw-prosody"].restart_hash, "l1", 1)
    plan = make_plan(TARGET, replace(observed, loaded={"xw-prosody": loaded}))
    assert "ReloadContainer, new certificates" in str(plan)
