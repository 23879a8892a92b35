"""What only a real engine can show: hardening, commands inside, terminals, logs, builds that fail."""

from __future__ import annotations

import json
import os
import pty
import secrets
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contracts.conftest import BASE, CONTEXT, PROJECT, TAG, container_of, no_report
from tests.e2e.dns.programs import socket_folder

from xmpp_wizard.core.errors import BuildError, EngineError, ObstacleError
from xmpp_wizard.effects import docker_build
from xmpp_wizard.effects.background import ForkedBackground
from xmpp_wizard.effects.docker_build import IMAGE_LABEL, PACKAGES_LABEL, STAGE_LABEL
from xmpp_wizard.effects.docker_engine import DockerContainers

pytestmark = pytest.mark.e2e
NAME = f"{PROJECT}-real"
ATTACH = (
    "import sys; from xmpp_wizard.effects.docker_engine import DockerContainers; "
    "sys.exit(DockerContainers().attach(sys.argv[1], sys.argv[2:]))"
)


def inspect(name: str) -> dict[str, object]:
    found: list[dict[str, object]] = json.loads(
        subprocess.run(["docker", "inspect", name], check=True, capture_output=True, text=True).stdout
    )
    return found[0]


@pytest.fixture
def engine() -> Iterator[DockerContainers]:
    found = DockerContainers()
    found.provide_base(BASE, no_report)
    if not found.has_image(TAG):
        found.build("contract", TAG, CONTEXT, {}, no_report)
    yield found
    for name in found.observe(PROJECT):
        found.remove(name)


@pytest.fixture
def running(engine: DockerContainers, tmp_path: Path) -> DockerContainers:
    engine.create(container_of(str(tmp_path)), NAME)
    engine.start(NAME)
    return engine


def test_a_container_may_do_nothing_but_its_work(running: DockerContainers, tmp_path: Path) -> None:
    status = running.run(NAME, ["cat", "/proc/1/status"]).output
    assert "NoNewPrivs:\t1" in status
    assert "CapBnd:\t0000000000000000" in status
    assert running.run(NAME, ["touch", "/a"]).errors.strip().endswith("Read-only file system")
    assert running.run(NAME, ["touch", "/run/own/a"]).status == 0
    assert running.run(NAME, ["touch", "/data/a"]).status == 0
    assert (tmp_path / "a").exists()
    assert running.run(NAME, ["printenv", "GREETING"]).output == "hello world\n"
    host = inspect(NAME)["HostConfig"]
    assert isinstance(host, dict)
    assert (host["Memory"], host["PidsLimit"], host["NetworkMode"]) == (64 * 1024 * 1024, 50, "host")
    assert host["RestartPolicy"]["Name"] == "always"
    assert host["LogConfig"]["Config"] == {"max-file": "3", "max-size": "10m"}


def test_a_container_without_a_network_has_but_its_own_loopback(engine: DockerContainers) -> None:
    container = container_of()
    engine.create(replace(container, spec=replace(container.spec, has_network=False)), NAME)
    engine.start(NAME)
    devices = engine.run(NAME, ["cat", "/proc/net/dev"]).output.splitlines()[2:]
    assert [line.partition(":")[0].strip() for line in devices] == ["lo"]


def test_a_container_of_somebody_else_keeps_its_name_and_its_volume(engine: DockerContainers) -> None:
    created = ["docker", "create", "--name", NAME, "--volume", "/kept", TAG]
    subprocess.run(created, check=True, capture_output=True)
    before = inspect(NAME)
    try:
        with pytest.raises(ObstacleError, match=NAME) as caught:
            engine.create(container_of(), NAME)
        assert f"docker rm {NAME}." in str(caught.value.hint)
        assert inspect(NAME) == before
    finally:
        subprocess.run(["docker", "rm", "-fv", NAME], check=True, capture_output=True)


def test_compose_tools_see_the_container(running: DockerContainers) -> None:
    assert running.observe(PROJECT)
    config = inspect(NAME)["Config"]
    assert isinstance(config, dict)
    assert config["Labels"]["com.docker.compose.project"] == PROJECT
    assert config["Labels"]["com.docker.compose.service"] == "sleeper"


def test_a_process_that_is_not_root_binds_443(engine: DockerContainers) -> None:
    """The way in which Prosody gets its ports: ambient capabilities work under no-new-privileges."""
    container = container_of()
    capabilities = ("NET_BIND_SERVICE", "SETGID", "SETPCAP", "SETUID")
    engine.create(replace(container, spec=replace(container.spec, capabilities=capabilities)), NAME)
    engine.start(NAME)
    only = "-all,+net_bind_service"
    listen = (
        "use IO::Socket::INET; print $< . ' ' . (IO::Socket::INET->new(Listen=>1,LocalAddr=>'127.0.44.9:443') ? 1 : $!)"
    )
    told = engine.run(
        NAME,
        ["setpriv", "--reuid=5222", "--regid=5222", "--clear-groups", f"--inh-caps={only}",
         f"--ambient-caps={only}", f"--bounding-set={only}", "perl", "-e", listen],
    )  # fmt: skip
    assert (told.output, told.errors) == ("5222 1", "")


def test_a_command_gets_input_and_gives_output_errors_and_status(running: DockerContainers) -> None:
    told = running.run(NAME, ["sh", "-c", "id -u; cat; echo wrong >&2; exit 7"], user="1000", stdin="grüße\n".encode())
    assert (told.status, told.output, told.errors) == (7, "1000\ngrüße\n", "wrong\n")


def test_much_goes_in_and_comes_out_again(running: DockerContainers) -> None:
    data = b"0123456789abcdef" * 300_000
    assert running.run(NAME, ["cat"], stdin=data).output.encode() == data


def test_quick_output_is_never_lost(running: DockerContainers) -> None:
    assert [running.run(NAME, ["echo", str(count)]).output for count in range(30)] == [
        f"{count}\n" for count in range(30)
    ]


def test_a_command_that_is_not_there_is_an_error_or_a_status(running: DockerContainers) -> None:
    try:
        assert running.run(NAME, ["no-such-program"]).status in {126, 127}
    except EngineError as error:
        assert "no-such-program" in str(error)  # noqa: PT017 engines differ here


def test_a_command_that_hangs_is_given_up(running: DockerContainers) -> None:
    started = time.monotonic()
    with pytest.raises(EngineError, match=r"sleep in .* took longer than 0\.5 s") as caught:
        running.run(NAME, ["sleep", "20"], timeout_seconds=0.5)
    assert time.monotonic() - started < 5
    assert str(caught.value.hint).endswith(f"xmpp-wizard logs {NAME}")


def test_reload_reaches_the_main_process_and_logs_follow_to_the_end(running: DockerContainers) -> None:
    lines = running.logs(NAME, lines=10, follow=True)
    assert next(lines) == "started"
    running.reload(NAME)
    assert next(lines) == "reloaded"
    running.stop(NAME, 5)
    assert list(lines) == ["stopped"]
    assert list(running.logs(NAME, lines=2, follow=False)) == ["reloaded", "stopped"]


def test_pipes_are_passed_through(running: DockerContainers) -> None:
    assert running.observe(PROJECT)
    told = subprocess.run(
        [sys.executable, "-c", ATTACH, NAME, "sh", "-c", "read word; echo got $word; echo wrong >&2; exit 5"],
        input="this\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (told.returncode, told.stdout, told.stderr) == (5, "got this\n", "wrong\n")


def test_an_output_without_room_is_not_the_engine_s_fault(running: DockerContainers) -> None:
    assert running.observe(PROJECT)
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-c", ATTACH, NAME, "echo", "lost"],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    # an OSError of the stream's own, which the program tells of as for every other command
    assert told.stderr.splitlines()[-1] == "OSError: [Errno 28] No space left on device"


def test_a_terminal_is_passed_through_with_its_size_and_keys(running: DockerContainers) -> None:
    assert running.observe(PROJECT)
    # an engine can only give a size to a command that already runs, as its own command line does
    sized = "while [ \"$(stty size)\" = '0 0' ]; do sleep 0.05; done; stty size"
    script = f"{sized}; trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.1; done"
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(LINES="33", COLUMNS="111")
        os.execv(sys.executable, [sys.executable, "-c", ATTACH, NAME, "sh", "-c", script])  # noqa: S606
    seen = read_until(terminal, "ready")
    assert "33 111" in seen
    os.write(terminal, b"\x03")
    assert "interrupted" in read_until(terminal, "interrupted")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 3


def read_until(terminal: int, word: str) -> str:
    seen = ""
    deadline = time.monotonic() + 30
    while word not in seen:
        ready, _, _ = select.select([terminal], [], [], max(deadline - time.monotonic(), 0))
        assert ready, seen
        seen += os.read(terminal, 1000).decode()
    return seen


def test_a_build_that_fails_says_its_last_lines_and_leaves_nothing(engine: DockerContainers) -> None:
    tag, mark = f"{PROJECT}:failing", secrets.token_hex(8)
    context = {"Dockerfile": f"FROM {BASE}\nRUN : {mark} && seq 1 40 && echo the reason >&2 && exit 9\n".encode()}
    lines: list[str] = []
    with pytest.raises(BuildError, match="the reason") as caught:
        engine.build("contract", tag, context, {}, lines.append)
    assert "returned a non-zero code: 9" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 16
    assert "1" in lines
    assert not engine.has_image(tag)
    command = ["docker", "ps", "--all", "--no-trunc", "--format", "{{.Command}}"]
    left = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert mark not in left


def unnamed(label: str) -> set[str]:
    """Return the ids of all unnamed images with this label."""
    listed = ["docker", "images", "-q", "--no-trunc", "--filter", "dangling=true", "--filter", f"label={label}"]
    return set(subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split())


def staged(label: str, content: str) -> dict[str, bytes]:
    """Return what an image with a stage is built from."""
    stage = f"FROM {BASE} AS made\nLABEL {label}\nRUN echo {content}-{label} > /made\n"
    return {"Dockerfile": f"{stage}FROM {BASE}\nCOPY --from=made /made /made\n".encode()}


def test_old_stages_of_an_image_go_and_those_of_others_stay(
    engine: DockerContainers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_build, "_BUILD_SECONDS", 0)
    image, other = f"stages-{os.getpid()}", f"stages-of-another-{os.getpid()}"
    ours, foreign = f"{STAGE_LABEL}={image}", f"{STAGE_LABEL}={other}"

    def build(label: str, content: str) -> None:
        engine.build(image, f"{PROJECT}:stages", staged(label, content), {}, no_report)

    try:
        build(foreign, "a")
        build(ours, "a")
        first, kept = unnamed(ours), unnamed(foreign)
        assert (len(first), len(kept)) == (1, 1)
        time.sleep(1.1)  # the engine counts in seconds
        build(ours, "b")
        assert len(unnamed(ours)) == 1
        assert unnamed(ours) != first
        assert unnamed(foreign) == kept
        time.sleep(1.1)
        monkeypatch.setattr(docker_build, "_BUILD_SECONDS", 3600)
        build(ours, "c")
        assert len(unnamed(ours)) == 2
    finally:
        engine.remove_image(f"{PROJECT}:stages")
        for identity in unnamed(ours) | unnamed(foreign) | unnamed(f"{IMAGE_LABEL}={image}"):
            engine.remove_image(identity)


def test_with_the_last_image_of_a_name_all_goes_that_its_builds_left(
    engine: DockerContainers, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = f"last-{os.getpid()}"
    repository, stages, finished = f"{PROJECT}/{image}", f"{STAGE_LABEL}={image}", f"{IMAGE_LABEL}={image}"
    try:
        for content in "ab":
            # the second takes the name of the first
            engine.build(image, f"{repository}:x", staged(stages, content), {}, no_report)
        assert (len(unnamed(stages)), len(unnamed(finished))) == (2, 1)
        engine.tidy_images(repository)
        assert (len(unnamed(stages)), len(unnamed(finished))) == (2, 1), "they may be part of a build"
        monkeypatch.setattr(docker_build, "_BUILD_SECONDS", 0)
        engine.tidy_images(repository)
        assert (len(unnamed(stages)), len(unnamed(finished))) == (1, 0)
        engine.remove_image(f"{repository}:x")
        monkeypatch.setattr(docker_build, "_BUILD_SECONDS", 3600)
        engine.tidy_images(repository)
        assert unnamed(stages) | unnamed(finished) == set()
    finally:
        engine.remove_image(f"{repository}:x")
        for identity in unnamed(stages) | unnamed(finished):
            engine.remove_image(identity)


@pytest.mark.parametrize("endless", ["exec sleep 120", "while sleep 0.1; do echo the same; echo again; done"])
def test_a_build_that_says_nothing_new_is_given_up_and_one_that_talks_is_not(
    engine: DockerContainers, monkeypatch: pytest.MonkeyPatch, endless: str
) -> None:
    monkeypatch.setattr(docker_build, "_SILENCE_SECONDS", 3)
    tag, mark = f"{PROJECT}:silent", f"mark-{os.getpid()}"
    silent = {"Dockerfile": f"FROM {BASE}\nRUN echo {mark} && {endless}\n".encode()}
    lines: list[str] = []
    with pytest.raises(BuildError, match="silent for 3 s") as caught:
        engine.build("contract", tag, silent, {}, lines.append)
    assert mark in str(caught.value)
    assert lines.count("the same") <= 1
    assert not engine.has_image(tag)
    listed = ["docker", "ps", "-q", "--no-trunc", "--format", "{{.Command}}"]
    deadline = time.monotonic() + 20
    while mark in subprocess.run(listed, check=True, capture_output=True, text=True).stdout:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    talks = {"Dockerfile": f"FROM {BASE}\nRUN for i in 1 2 3 4 5; do echo {mark} $i; sleep 1; done\n".encode()}
    engine.build("contract", tag, talks, {}, no_report)
    assert engine.has_image(tag)
    engine.remove_image(tag)


def test_an_image_tells_its_packages_and_labels(engine: DockerContainers) -> None:
    tag = f"{PROJECT}:labelled"
    engine.build("contract", tag, CONTEXT, {"org.opencontainers.image.title": "A test"}, no_report)
    try:
        config = inspect(tag)["Config"]
        assert isinstance(config, dict)
        assert "dpkg=1." in config["Labels"][PACKAGES_LABEL]
        assert config["Labels"]["org.opencontainers.image.title"] == "A test"
        assert config["Entrypoint"] == ["/start"]
    finally:
        engine.remove_image(tag)


def test_a_worker_and_its_parent_do_not_read_each_others_answers(running: DockerContainers, tmp_path: Path) -> None:
    engine, file = running, tmp_path / "told"
    expected = list(engine.observe(PROJECT))

    def work() -> int:
        told = {str(engine.has_image(f"{PROJECT}:none")) for _ in range(50)}
        file.write_text(" ".join(sorted(told)))
        return 0

    background = ForkedBackground()
    pid = background.start(work)
    told = [list(engine.observe(PROJECT)) for _ in range(50)]
    while background.is_alive(pid):
        told.append(list(engine.observe(PROJECT)))
    assert expected == [NAME]
    assert all(names == expected for names in told)
    assert file.read_text() == "False"


def ask_for_an_image(preparation: str, **environment: str) -> str:
    """Return what a process of its own is told; in this one the library would leave an open socket behind."""
    script = (
        "import os, docker, requests; from xmpp_wizard.effects.docker_engine import DockerContainers as D; "
        f"from xmpp_wizard.core.errors import EngineError\n{preparation}\n"
        "try: print(D().has_image('none:none'))\nexcept EngineError as error: print(error, '|', error.hint)"
    )
    command = [sys.executable, "-c", script]
    asked = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **environment})
    return asked.stdout


def test_an_engine_that_does_not_run_is_told_with_what_to_do() -> None:
    nowhere = "unix:///run/no-such-engine.sock"
    assert ask_for_an_image("", DOCKER_HOST=nowhere).startswith(
        f"the container engine is not running | DOCKER_HOST is {nowhere}"
    )


def test_an_engine_that_was_killed_is_told_the_same_way() -> None:
    with socket_folder() as folder:
        with socket.socket(socket.AF_UNIX) as left_over:
            left_over.bind(f"{folder}/docker.sock")
        told = ask_for_an_image("", DOCKER_HOST=f"unix://{folder}/docker.sock")
    assert told.startswith("the container engine is not running")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_an_engine_that_lets_nobody_in_is_told_with_what_to_do() -> None:
    told = ask_for_an_image("os.setgroups([]); os.setgid(65534); os.setuid(65534)")
    assert told.startswith("the container engine does not let this user in | Run it as root")


def test_a_container_that_ends_again_and_again_does_not_run(engine: DockerContainers) -> None:
    tag = f"{PROJECT}:failing"
    engine.build("failing", tag, {"Dockerfile": f'FROM {BASE}\nENTRYPOINT ["false"]\n'.encode()}, {}, no_report)
    try:
        engine.create(container_of(tag=tag), NAME)
        engine.start(NAME)
        deadline = time.monotonic() + 20
        # the pauses between restarts grow: the fourth is long enough to look at
        while inspect(NAME)["RestartCount"] != 4:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        found = engine.observe(PROJECT)[NAME]
        assert (found.is_running, found.exit_status) == (False, 1)
    finally:
        engine.remove(NAME)
        engine.remove_image(tag)
