"""Whatever :class:`Containers` is behind the engine behaves like this."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contracts.conftest import BASE, CONTEXT, PROJECT, TAG, container_of, no_report
from tests.fakes import FakeContainers

from xmpp_wizard.core.containers import CommandResult, Containers
from xmpp_wizard.core.errors import BuildError, EngineError, ObstacleError

NAME = f"{PROJECT}-sleeper"


def test_a_container_lives_through_its_whole_life(containers: Containers) -> None:
    containers.create(container_of(), NAME)
    created = containers.observe(PROJECT)[NAME]
    assert (created.name, created.tag, created.config_hash, created.is_running) == (NAME, TAG, "hash", False)
    containers.start(NAME)
    running = containers.observe(PROJECT)[NAME]
    assert running.is_running
    assert running.id == created.id
    containers.restart(NAME, 60)
    restarted = containers.observe(PROJECT)[NAME]
    assert restarted.is_running
    assert restarted.started_at > running.started_at
    containers.stop(NAME, 60)
    containers.stop(NAME, 60)
    stopped = containers.observe(PROJECT)[NAME]
    assert (stopped.is_running, stopped.exit_status) == (False, 0)
    containers.remove(NAME)
    containers.remove(NAME)
    assert containers.observe(PROJECT) == {}


def test_a_paused_container_does_not_run_until_it_is_started(containers: Containers) -> None:
    containers.create(container_of(), NAME)
    containers.start(NAME)
    before = containers.observe(PROJECT)[NAME].started_at
    _pause(containers)
    assert not containers.observe(PROJECT)[NAME].is_running
    containers.start(NAME)
    started = containers.observe(PROJECT)[NAME]
    assert started.is_running
    # from its beginning: it may have slept through a change of its files
    assert started.started_at > before


def _pause(containers: Containers) -> None:
    """Pause the container as somebody else would."""
    if isinstance(containers, FakeContainers):
        containers.containers[NAME].is_paused = True
    else:
        subprocess.run(["docker", "pause", NAME], check=True, stdout=subprocess.DEVNULL)


def test_a_running_container_is_removed_too(containers: Containers) -> None:
    containers.create(container_of(), NAME)
    containers.start(NAME)
    containers.remove(NAME)
    assert containers.observe(PROJECT) == {}


def test_an_unfinished_container_is_replaced_a_running_one_is_not(containers: Containers) -> None:
    containers.create(container_of(config_hash="one"), NAME)
    containers.create(container_of(config_hash="two"), NAME)
    assert containers.observe(PROJECT)[NAME].config_hash == "two"
    containers.start(NAME)
    with pytest.raises(EngineError, match="cannot create"):
        containers.create(container_of(config_hash="three"), NAME)
    assert containers.observe(PROJECT)[NAME].config_hash == "two"


@pytest.mark.parametrize("is_running", [False, True])
def test_a_container_of_another_project_is_never_replaced(containers: Containers, *, is_running: bool) -> None:
    other = f"{PROJECT}-other"
    containers.create(replace(container_of(config_hash="other"), project=other), NAME)
    try:
        if is_running:
            containers.start(NAME)
        with pytest.raises(ObstacleError, match=NAME):
            containers.create(container_of(), NAME)
        assert containers.observe(other)[NAME].config_hash == "other"
        assert containers.observe(PROJECT) == {}
    finally:
        containers.remove(NAME)


def test_names_are_swapped(containers: Containers) -> None:
    containers.create(container_of(config_hash="old"), NAME)
    containers.create(container_of(config_hash="new"), f"{NAME}-new")
    with pytest.raises(EngineError, match="cannot rename"):
        containers.rename(f"{NAME}-new", NAME)
    containers.rename(NAME, f"{NAME}-old")
    containers.rename(f"{NAME}-new", NAME)
    found = containers.observe(PROJECT)
    assert {name: item.config_hash for name, item in found.items()} == {NAME: "new", f"{NAME}-old": "old"}
    assert list(found) == sorted(found)


def test_other_projects_are_not_seen(containers: Containers) -> None:
    containers.create(container_of(), NAME)
    assert containers.observe(f"{PROJECT}-other") == {}


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "reload", "run", "logs"])
def test_what_is_not_there_cannot_be_used(containers: Containers, verb: str) -> None:
    attempts: dict[str, Callable[[], object]] = {
        "start": lambda: containers.start(NAME),
        "stop": lambda: containers.stop(NAME, 1),
        "restart": lambda: containers.restart(NAME, 1),
        "reload": lambda: containers.reload(NAME),
        "run": lambda: containers.run(NAME, ["true"]),
        "logs": lambda: list(containers.logs(NAME, lines=1, follow=False)),
    }
    with pytest.raises(EngineError, match=NAME):
        attempts[verb]()


def test_what_does_not_run_cannot_be_talked_to(containers: Containers) -> None:
    containers.create(container_of(), NAME)
    with pytest.raises(EngineError, match="not running"):
        containers.run(NAME, ["true"])
    with pytest.raises(EngineError, match="not running"):
        containers.reload(NAME)


def test_an_image_is_built_once_and_removed_only_when_unused(containers: Containers) -> None:
    tag = f"{PROJECT}:removable"
    assert not containers.has_image(tag)
    containers.build("contract", tag, CONTEXT, {"a.label": "value"}, no_report)
    assert containers.has_image(tag)
    containers.create(container_of(tag=tag), NAME)
    containers.remove_image(tag)
    containers.tidy_images(PROJECT)
    assert containers.has_image(tag), "what has a name is never tidied away"
    containers.remove(NAME)
    containers.remove_image(tag)
    containers.remove_image(tag)
    assert not containers.has_image(tag)


def test_an_image_that_is_not_there_makes_no_container(containers: Containers) -> None:
    with pytest.raises(EngineError, match="cannot create"):
        containers.create(container_of(tag=f"{PROJECT}:none"), NAME)
    assert containers.observe(PROJECT) == {}


def test_a_context_without_dockerfile_is_no_image(containers: Containers) -> None:
    with pytest.raises(BuildError, match="cannot build the image contract"):
        containers.build("contract", f"{PROJECT}:broken", {"a": b""}, {}, no_report)
    assert not containers.has_image(f"{PROJECT}:broken")


def test_the_base_has_one_digest(containers: Containers) -> None:
    first = containers.provide_base(BASE, no_report)
    assert first.startswith("sha256:")
    assert containers.provide_base(BASE, no_report) == first


def test_containers_of_others_are_no_neighbours_if_they_are_ours(containers: Containers) -> None:
    containers.create(container_of(), NAME)
    containers.start(NAME)
    assert NAME not in {one.name for one in containers.neighbours()}


def test_an_engine_that_runs_need_not_be_started(containers: Containers) -> None:
    assert not containers.can_start_engine()


def test_a_command_aside_is_heard_and_leaves_nothing(containers: Containers, tmp_path: Path) -> None:
    name, heard = f"{PROJECT}-aside", list[str]()
    script = "echo $GREETING; echo wrong >&2; cat /data/note; id -u; exit 7"
    if isinstance(containers, FakeContainers):
        containers.on_aside = lambda *_: CommandResult(7, "hello world\nnoted\n5222\n", "wrong\n")
    tmp_path.chmod(0o755)
    (tmp_path / "note").write_text("noted\n")
    container = container_of(str(tmp_path))
    containers.create(container, name)
    containers.start(name)
    done = containers.run_aside(container, name, ["/bin/sh", "-c", script], heard.append, user="5222:5222")
    assert done == CommandResult(7, "hello world\nnoted\n5222\n", "wrong\n")
    assert heard == ["hello world", "noted", "5222"]
    assert name not in containers.observe(PROJECT)
    absent = container_of(tag=f"{PROJECT}:none")
    with pytest.raises(EngineError):
        containers.run_aside(absent, name, ["/bin/sh"], heard.append, user="5222:5222")
