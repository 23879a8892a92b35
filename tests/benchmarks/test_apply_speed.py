"""How long people wait for the program, beside what the container engine alone takes in the same run."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import docker
import pytest
from tests.benchmarks.login import wait_for_log_in
from tests.benchmarks.processes import unique_kib
from tests.benchmarks.report import show, tell

pytestmark = [pytest.mark.benchmark, pytest.mark.e2e]

ADDRESS, DOMAIN, PASSWORD, INSTANCE = "127.0.70.1", "speed.example", "Speed-password-1", "speed"
CONTAINER = f"xmpp-wizard-{INSTANCE}-prosody"
# compatible: the client of this benchmark speaks PLAIN
ANSWERS = f"""
domain = "{DOMAIN}"
[security]
level = "compatible"
[network]
listen = ["{ADDRESS}"]
"""
ROUNDS = 7


class Server:
    """One server with an account, set up and torn down by the command line as people use it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.answers = root / "answers.toml"
        self.answers.write_text(ANSWERS)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "xmpp_wizard", "--root", str(self.root), "--instance", INSTANCE, *arguments]

    def run(self, *arguments: str, stdin: str = "") -> float:
        """Run the program; return its seconds as a whole process."""
        began = time.perf_counter()
        result = subprocess.run(self.command(*arguments), input=stdin, text=True, capture_output=True, check=False)
        seconds = time.perf_counter() - began
        assert result.returncode == 0, result.stderr[-2000:]
        return seconds


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    try:
        server.run("apply", "--answers", str(server.answers), "--yes", "--no-proof")
        server.run("user", "add", "anna", "--password-stdin", stdin=PASSWORD + "\n")
        yield server
    finally:
        subprocess.run(server.command("uninstall", "--yes"), capture_output=True, check=False)


def mounts(kept: dict[str, Any]) -> list[str]:
    """Return the container's bind mounts as ``docker run --mount`` takes them."""
    return [
        f"type=bind,source={mount['Source']},target={mount['Destination']}" + ("" if mount["RW"] else ",readonly")
        for mount in kept["Mounts"]
    ]


def seconds_to_log_in(command: list[str]) -> float:
    """Return the seconds from the start of ``command`` to the first log-in."""
    began = time.perf_counter()
    with running(command):
        return wait_for_log_in(ADDRESS, DOMAIN, "anna", PASSWORD) - began


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` beside the block; a container that still runs at its end is killed with its client."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        yield process
        if command[0] == "docker":
            subprocess.run(["docker", "kill", "speed-bare"], check=True, capture_output=True)
        process.wait(60)


def test_warm_apply_against_docker_run(server: Server) -> None:
    client = docker.from_env()
    kept = client.api.inspect_container(CONTAINER)
    bare = ["docker", "run", "--rm", "--name", "speed-bare", "--network", "host", "--read-only", "--cap-drop", "ALL"]
    bare += [f"--cap-add={name}" for name in kept["HostConfig"]["CapAdd"]]
    bare += [f"--mount={mount}" for mount in mounts(kept)]
    bare += [f"--tmpfs={path}:{options}" for path, options in kept["HostConfig"]["Tmpfs"].items()]
    bare += [kept["Config"]["Image"]]
    # images that are used are kept by uninstall: all are there, nothing is set up
    project = {"label": f"xmpp-wizard.project=xmpp-wizard-{INSTANCE}"}
    images = [item["Image"] for item in client.api.containers(filters=project)]
    keepers = [client.api.create_container(image, ["true"]) for image in images]
    ours, baseline = [], []
    for _ in range(ROUNDS):
        client.api.stop(CONTAINER, timeout=5)
        baseline.append(seconds_to_log_in(bare))
        server.run("uninstall", "--yes")
        ours.append(seconds_to_log_in(server.command("apply", "--answers", str(server.answers), "--yes")))
    for keeper in keepers:
        client.api.remove_container(keeper, force=True)
    tell("warm apply to first log-in", ours, baseline, 3)


def test_restart_for_a_change_against_docker_restart(server: Server) -> None:
    client = docker.from_env()
    ours, baseline = [], []
    for round_ in range(ROUNDS):
        began = time.perf_counter()
        client.api.restart(CONTAINER, timeout=5)
        baseline.append(wait_for_log_in(ADDRESS, DOMAIN, "anna", PASSWORD) - began)
        with running(server.command("apply", "--yes", "--no-proof", "--set", f"title=Round {round_}")) as process:
            ours.append(interruption())
        assert process.returncode == 0
    tell("interruption of a change", ours, baseline, 1.5)


def interruption() -> float:
    """Return the seconds between the last log-in before the interruption and the first one after it."""
    while True:
        last_good = time.perf_counter()
        try:
            socket.create_connection((ADDRESS, 5223), timeout=1).close()
        except OSError:
            return wait_for_log_in(ADDRESS, DOMAIN, "anna", PASSWORD) - last_good
        time.sleep(0.002)


def test_empty_apply_and_version(server: Server) -> None:
    nothing = [sys.executable, "-c", "pass"]
    before = cpu_seconds_of_children()
    empty = [server.run("apply", "--yes") for _ in range(ROUNDS)]
    cpu = (cpu_seconds_of_children() - before) / ROUNDS
    plan = [server.run("plan") for _ in range(ROUNDS)]
    version, python = [], []
    for _ in range(20):
        version.append(whole_process([sys.executable, "-m", "xmpp_wizard", "--version"]))
        python.append(whole_process(nothing))
    took = f"{median(empty):.2f} s, {cpu:.2f} s of them at work"
    show(f"empty apply: {took} (wanted 0.6); plan: {median(plan):.2f} s")
    tell("--version against python -c pass", version, python, 2)


def cpu_seconds_of_children() -> float:
    """Return the processor time of all programs that were run and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def whole_process(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


@pytest.mark.usefixtures("server")
def test_idle_memory_against_plain_prosody() -> None:
    """Memory that would be free without the container, against Prosody alone with the same configuration."""
    client = docker.from_env()
    client.api.restart(CONTAINER, timeout=5)
    wait_for_log_in(ADDRESS, DOMAIN, "anna", PASSWORD)
    time.sleep(2)
    ours = unique_kib(CONTAINER)
    kept = client.api.inspect_container(CONTAINER)
    client.api.stop(CONTAINER, timeout=5)
    plain_run = [
        "docker",
        "run",
        "--detach",
        "--name",
        "speed-plain",
        "--network",
        "host",
        "--cap-add=NET_BIND_SERVICE",
    ]
    plain_run += [f"--mount={mount}" for mount in mounts(kept)]
    plain_run += [f"--tmpfs={path}:{options}" for path, options in kept["HostConfig"]["Tmpfs"].items()]
    plain_run += ["--entrypoint=/usr/bin/prosody", "--user=5222:5222", kept["Config"]["Image"], "-F"]
    subprocess.run(plain_run, check=True, capture_output=True)
    try:
        wait_for_log_in(ADDRESS, DOMAIN, "anna", PASSWORD)
        time.sleep(2)
        plain = unique_kib("speed-plain")
    finally:
        client.api.remove_container("speed-plain", force=True)
    show(f"idle memory: {ours / 1024:.1f} MiB, plain {plain / 1024:.1f} MiB, ratio {ours / plain:.2f} (wanted 1.1)")


if os.geteuid() != 0:
    pytest.skip("benchmarks need root", allow_module_level=True)
