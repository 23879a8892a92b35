"""Who the server runs as, with what rights, and what the container does with commands and signals."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

import pytest
from tests.e2e.image.running import WIZARD_CAPABILITIES, Image, Option

pytestmark = pytest.mark.e2e

HOST = {"PROSODY_VIRTUAL_HOSTS": "a.example"}
ADDRESS = "127.0.20.1"
HARDENED: dict[str, Option] = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "tmpfs": {"/run/prosody": "uid=5222,gid=5222,mode=0750,size=1m", "/tmp": "mode=1777,size=64m"},
}
NET_BIND_SERVICE = 1 << 10
OWN_CONFIG = f"""
data_path = "/var/lib/prosody"
pidfile = "/run/prosody/prosody.pid"
certificates = "/certs/live"
log = {{ info = "*console" }}
interfaces = {{ "{ADDRESS}" }}
http_ports, https_ports, s2s_ports = {{}}, {{}}, {{}}
ssl_ports = {{ 443 }}
modules_enabled = {{ "saslauth", "tls", "roster", "net_multiplex", "admin_shell" }}
VirtualHost "w.example"
"""


def _prepared(folder: Path) -> dict[str, dict[str, str]]:
    """Prepare a host as the wizard does: everything already belongs to whom it should."""
    for name in ("config", "data", "certs", "secrets"):
        (folder / name).mkdir()
    (folder / "config/prosody.cfg.lua").write_text(OWN_CONFIG)
    (folder / "certs/live").mkdir()
    data = folder / "data"
    data.chmod(0o750)
    os.chown(data, 5222, 5222)
    return {
        str(folder / "config"): {"bind": "/etc/prosody", "mode": "ro"},
        str(data): {"bind": "/var/lib/prosody", "mode": "rw"},
        str(folder / "certs"): {"bind": "/certs", "mode": "ro"},
        str(folder / "secrets"): {"bind": "/secrets", "mode": "ro"},
    }


def test_as_the_wizard_runs_it(prosody: Image, tmp_path: Path) -> None:
    options = HARDENED | {
        "cap_add": WIZARD_CAPABILITIES,
        "network_mode": "host",
        "volumes": _prepared(tmp_path),
        "healthcheck": {"test": ["NONE"]},
    }
    health = {"HEALTH_ADDRESS": ADDRESS, "HEALTH_PORT": "5222", "HEALTH_DOMAIN": "w.example"}
    with prosody.started(environment=health, **options) as running:
        running.wait_for_stream("w.example", ADDRESS)
        running.wait_for_log(f"Activated service 'multiplex_ssl' on [{ADDRESS}]:443")
        assert "entrypoint:" not in running.logs()
        process = running.process_status()
        assert process["Uid"].split() == process["Gid"].split() == ["5222"] * 4
        assert process["Groups"] == "5222"
        assert process["NoNewPrivs"] == "1"
        assert [int(process[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")] == [
            NET_BIND_SERVICE
        ] * 5
        assert running.run("lua5.4", "/usr/local/bin/prosody-healthcheck", user="5222:5222").status == 0
        assert "w.example" in running.run("prosodyctl", "shell", "host", "list", user="5222:5222").out
        running.container.kill("HUP")
        running.wait_for_log("Received SIGHUP")
        time.sleep(0.3)
        assert running.is_running()
        running.container.stop()
        assert running.status == 0


def test_as_another_user_without_any_capability(prosody: Image) -> None:
    with prosody.started(environment=HOST, user="5222:5222", **HARDENED) as running:
        running.wait_for_stream("a.example")
        assert int(running.process_status()["CapBnd"], 16) == 0


def test_with_the_rights_that_docker_gives_only_one_is_left(prosody: Image) -> None:
    with prosody.started(environment=HOST) as running:
        running.wait_for_stream("a.example")
        process = running.process_status()
        assert process["Uid"].split() == ["5222"] * 4
        assert int(process["CapBnd"], 16) == int(process["CapEff"], 16) == NET_BIND_SERVICE
        assert process["NoNewPrivs"] == "1"


def test_root_that_may_not_become_another_user_is_told_what_to_do(prosody: Image) -> None:
    ended = prosody.run(environment=HOST, cap_drop=["ALL"])
    assert ended.status == 1
    assert "add both, or start with --user 5222:5222" in ended.error


def test_other_ids_own_the_server_and_its_data(prosody: Image) -> None:
    with prosody.started(environment=HOST | {"PUID": "1234", "PGID": "4321"}) as running:
        running.wait_for_stream("a.example")
        process = running.process_status()
        assert process["Uid"].split() == ["1234"] * 4
        assert process["Gid"].split() == ["4321"] * 4
        assert running.run("stat", "-c", "%u:%g", "/var/lib/prosody/prosody.sock").out.strip() == "1234:4321"
        assert running.run("id", "-u", "prosody").out.strip() == "1234"
        added = "printf 'pw\\npw\\n' | prosodyctl adduser bob@a.example"
        assert running.run("sh", "-c", added).status == 0
        assert running.run("stat", "-c", "%u", "/var/lib/prosody/a%2eexample/accounts/bob.dat").out.strip() == "1234"
        assert "bob@a.example" in running.prosodyctl("shell", "user", "list", "a.example")


def test_other_ids_on_a_read_only_root(prosody: Image) -> None:
    tmpfs = {"/run/prosody": "mode=1777,size=4m"}
    with prosody.started(environment=HOST | {"PUID": "1234"}, read_only=True, tmpfs=tmpfs) as running:
        running.wait_for_stream("a.example")
        assert running.process_status()["Gid"].split() == ["1234"] * 4
        assert "a.example" in running.prosodyctl("shell", "host", "list")


@pytest.mark.parametrize("ids", [{"PUID": "0"}, {"PUID": "me"}, {"PGID": "5 ; id"}])
def test_impossible_ids_are_refused(prosody: Image, ids: dict[str, str]) -> None:
    ended = prosody.run(environment=HOST | ids)
    assert ended.status == 1
    assert "PUID" in ended.error


def test_data_that_cannot_be_written_is_told(prosody: Image, tmp_path: Path) -> None:
    mounted = {str(tmp_path): {"bind": "/var/lib/prosody", "mode": "rw"}}
    ended = prosody.run(environment=HOST, user="5222:5222", volumes=mounted)
    assert ended.status == 1
    assert "/var/lib/prosody cannot be written by uid 5222. On the host, chown -R 5222" in ended.error


def test_times_are_in_the_zone_asked_for(prosody: Image) -> None:
    with prosody.started(environment=HOST | {"TZ": "Asia/Tokyo"}) as running:
        running.wait_for_stream("a.example")
        assert running.run("lua5.4", "-e", "print(os.date('%z'))").out.strip() == "+0900"
        assert "TZ=" not in running.logs()
    with prosody.started(environment=HOST | {"TZ": "Asia/Tokio"}) as running:
        assert "TZ=Asia/Tokio is no known time zone" in running.wait_for_log("TZ=")


def test_all_descriptors_and_no_file_for_others(prosody: Image) -> None:
    with prosody.started(environment=HOST) as running:
        running.wait_for_stream("a.example")
        limits = running.run(
            "sh", "-c", 'grep -h "Max open files" /proc/$(cat /run/prosody/prosody.pid)/limits'
        ).out.split()
        assert limits[3] == limits[4]
        assert running.process_status()["Umask"] == "0027"


# --- commands ----------------------------------------------------------------


def test_other_commands_go_to_prosodyctl(prosody: Image) -> None:
    for words in (("check", "config"), ("prosodyctl", "check", "config")):
        ended = prosody.run(*words, environment=HOST)
        assert ended.status == 0
        assert "All checks passed" in ended.out
    assert prosody.run("check", "bogus", environment=HOST).status == 1


def test_the_shell_of_a_running_server_is_reached_through_its_data(prosody: Image) -> None:
    name = f"image-test-{secrets.token_hex(4)}"
    with prosody.started(environment=HOST, name=name) as running:
        running.wait_for_stream("a.example")
        ended = prosody.run("shell", "host", "list", environment=HOST, volumes_from=[name])
        assert ended.status == 0, ended.text
        assert "a.example" in ended.out


@pytest.mark.parametrize(
    ("command", "status", "out"),
    [
        (["sh", "-c", "id -u; exit 7"], 7, "0\n"),
        (["bash", "-c", "echo $0 && exit 3"], 3, "bash\n"),
        (["/usr/bin/printf", "%s|", "a b", "c"], 0, "a b|c|"),
        (["/bin/false"], 1, ""),
    ],
)
def test_shells_and_paths_run_as_they_are(prosody: Image, command: list[str], status: int, out: str) -> None:
    ended = prosody.run(*command)
    assert (ended.status, ended.out) == (status, out)


def test_the_servers_own_end_is_the_containers(prosody: Image) -> None:
    assert prosody.run(environment=HOST | {"PROSODY_LOGLEVEL": "loud"}).status == 1


def test_reload_by_signal(prosody: Image) -> None:
    with prosody.started(environment=HOST) as running:
        running.wait_for_stream("a.example")
        running.container.kill("HUP")
        running.wait_for_log("Received SIGHUP")
        running.wait_for_stream("a.example")


# --- entrypoint.d ------------------------------------------------------------


def test_scripts_run_in_order_before_the_server_and_configuration_is_included(prosody: Image, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "20-second.sh").write_text("export PROSODY_ADMINS=$EARLIER@a.example\n")
    (tmp_path / "10-first.sh").write_text("EARLIER=root\n")
    program = tmp_path / "30-program.sh"
    program.write_text("#!/bin/sh\necho uid $(id -u) >&2\n")
    program.chmod(0o755)
    (tmp_path / "a.cfg.lua").write_text('site_name = "From a file of mine"\n')
    mounted = {str(tmp_path): {"bind": "/entrypoint.d", "mode": "ro"}}
    with prosody.started(environment=HOST, volumes=mounted) as running:
        logs = running.wait_for_log("Activated service 'c2s'")
        assert logs.index("10-first.sh") < logs.index("20-second.sh") < logs.index("uid 0") < logs.index("Activated")
        assert logs.count("10-first.sh") == 1
        assert '"root@a.example"' in running.prosodyctl(
            "shell",
            '> require"util.serialization".serialize(prosody.hosts and require"core.configmanager".get("*", "admins"))',
        )
        assert "From a file of mine" in running.prosodyctl("shell", "config", "get", "a.example", "site_name")


def test_a_script_that_fails_stops_the_start(prosody: Image, tmp_path: Path) -> None:
    program = tmp_path / "fails.sh"
    program.write_text("#!/bin/sh\nexit 4\n")
    program.chmod(0o755)
    ended = prosody.run(environment=HOST, volumes={str(tmp_path): {"bind": "/entrypoint.d", "mode": "ro"}})
    assert ended.status == 1
    assert "/entrypoint.d/fails.sh ended with status 4" in ended.error
