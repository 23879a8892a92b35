"""Nobody is locked in: the exported compose file describes the container that runs."""

from __future__ import annotations

import pytest
from tests.e2e.server import compose
from tests.e2e.server.machine import Server, told

pytestmark = pytest.mark.e2e

MIB = 1024 * 1024


def test_the_exported_file_describes_the_container_that_runs(running: Server) -> None:
    done = running.cli("export", "compose")
    assert done.returncode == 0, told(done)
    exported = compose.read(done.stdout)
    assert exported["name"] == running.project
    (service,) = exported["services"].values()
    real = running.container()
    config, host = real["Config"], real["HostConfig"]

    assert service["container_name"] == real["Name"].removeprefix("/")
    assert service["image"] == config["Image"]
    assert service["restart"] == host["RestartPolicy"]["Name"]
    assert service["network_mode"] == host["NetworkMode"]
    assert service["read_only"] is host["ReadonlyRootfs"] is True
    assert service["cap_drop"] == host["CapDrop"] == ["ALL"]
    assert sorted(service["cap_add"]) == sorted(host["CapAdd"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert host["SecurityOpt"] in (["no-new-privileges"], ["no-new-privileges:true"])
    assert service["mem_limit"] == f"{host['Memory'] // MIB}m"
    assert service["pids_limit"] == host["PidsLimit"]
    assert service["stop_grace_period"] == f"{config['StopTimeout']}s"
    assert dict(item.split(":", 1) for item in service["tmpfs"]) == host["Tmpfs"]
    assert service["environment"].items() <= dict(item.split("=", 1) for item in config["Env"]).items()
    assert service["labels"].items() <= config["Labels"].items()
    assert service["logging"] == {"driver": host["LogConfig"]["Type"], "options": host["LogConfig"]["Config"]}
    mounts = {mount["Destination"]: (mount["Source"], mount["RW"]) for mount in real["Mounts"]}
    wanted = {volume["target"]: (volume["source"], not volume["read_only"]) for volume in service["volumes"]}
    assert wanted == mounts


def test_it_needs_no_server_that_is_set_up(server: Server) -> None:
    done = server.cli("export", "compose", "--answers", str(server.answers()))
    assert done.returncode == 0, told(done)
    assert list(compose.read(done.stdout)["services"]) == ["prosody"]
    assert server.snapshot() == {}
