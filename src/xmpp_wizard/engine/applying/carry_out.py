"""The executor: one action after the other, without a decision of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.errors import DiskError, NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.observed import Loaded
from xmpp_wizard.core.planning.actions import (
    Action,
    BuildImage,
    CheckConfig,
    CheckHealth,
    CloseDoors,
    CopyFile,
    CorrectAccess,
    CreateContainer,
    EnterRecords,
    FetchFile,
    FinishGeneration,
    MakeAuthority,
    MakeFolder,
    MakeSecret,
    MapPorts,
    ObtainCertificates,
    OpenDoors,
    PublishCertificates,
    ReloadContainer,
    ReloadFront,
    RemoveContainer,
    RemoveFile,
    ReplaceContainer,
    RestartContainer,
    RetireHost,
    StartContainer,
    StartTimer,
    StopTimer,
    TryOut,
    UnmapPorts,
    WriteFile,
)
from xmpp_wizard.core.planning.containers import full_name
from xmpp_wizard.core.planning.front import front_key
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Container, Copy, File, KeptSecret
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine import fronts, router
from xmpp_wizard.engine.acme import upkeep as acme_upkeep
from xmpp_wizard.engine.applying import checking, fetching, images
from xmpp_wizard.engine.certificates import live as certificates
from xmpp_wizard.engine.memory import state
from xmpp_wizard.engine.records import entering
from xmpp_wizard.engine.storage import moving


@dataclass(frozen=True, slots=True)
class Hands:
    """What an action needs to be done."""

    world: World
    layout: Layout
    report: Report
    left: list[Text] = field(default_factory=list)
    """What could not be done now, though it stops nothing."""


def carry_out(action: Action, hands: Hands) -> None:  # noqa: C901, PLR0912, PLR0915 a closed set: one line for each action
    """Do one action.

    Raises:
        EffectError: it could not be done; the kinds say what of.
    """
    world = hands.world
    match action:
        case BuildImage():
            images.provide(world, hands.layout, action, hands.report)
        case MakeFolder(folder):
            world.files.make_folder(folder.path, folder.mode, folder.owner)
        case MakeSecret(secret):
            world.files.write(secret.path, _secret(world, secret), secret.mode, secret.owner)
        case WriteFile(file):
            _write(hands, file)
        case CopyFile(copy):
            world.files.write(copy.path, _source(world, copy), copy.mode, copy.owner)
        case FetchFile(reference):
            fetching.fetch(world, reference)
        case CorrectAccess(path, mode, owner):
            _correct_access(world, path, mode, owner)
        case RemoveFile(path):
            world.files.remove(path)
        case MakeAuthority(title):
            certificates.make_authority(world, hands.layout, title)
        case ObtainCertificates(requests, source, is_forced):
            acme_upkeep.obtain(world, hands.layout, source, requests, hands.report, force=is_forced)
            hands.left.extend(acme_upkeep.in_the_way(world, hands.layout, requests))
        case PublishCertificates():
            certificates.publish(world, hands.layout, action)
        case CreateContainer(container, loaded):
            world.containers.create(container, full_name(container))
            world.containers.start(full_name(container))
            _remember(hands, container, loaded)
        case ReplaceContainer(container, loaded):
            _replace(world, container)
            _remember(hands, container, loaded)
        case MoveData():
            moving.move(world, hands.layout, action, hands.report)
            _remember(hands, action.container, action.loaded)
        case StartContainer(container, loaded):
            world.containers.start(full_name(container))
            _remember(hands, container, loaded)
        case RestartContainer(container, loaded):
            world.containers.restart(full_name(container), container.spec.stop_seconds)
            _remember(hands, container, loaded)
        case ReloadContainer(container, loaded):
            world.containers.reload(full_name(container))
            _remember(hands, container, loaded)
        case RemoveContainer(name):
            world.containers.remove(name)
        case CheckConfig():
            checking.check_config(world, action)
        case TryOut():
            checking.try_out(world, action)
        case CheckHealth():
            checking.check_health(world, hands.layout, action)
        case ReloadFront(kind, loaded, frees):
            fronts.reload(world, hands.layout, kind)
            # remembered first: it has read its files, whatever comes of it, and a way back has to know
            _remember_as(hands, front_key(kind), loaded)
            fronts.wait_until_free(world, kind, frees)
        case StartTimer(name):
            world.services.start_timer(name)
        case StopTimer(name):
            world.services.stop_timer(name)
        case OpenDoors(doors):
            world.firewall.open(doors, hands.layout.project)
        case CloseDoors(doors):
            world.firewall.close(doors, hands.layout.project)
        case EnterRecords(mark):
            hands.left.extend(entering.enter(world, hands.layout, mark))
        case MapPorts(doors, family):
            router.map_ports(world, hands.layout, doors, hands.report, family=family)
        case UnmapPorts(doors, family):
            router.unmap_ports(world, hands.layout, doors, family)
        case RetireHost() | FinishGeneration():
            pass  # nothing to do on the host: the other steps and the record of the generation do it
        case _:
            assert_never(action)


def _write(hands: Hands, file: File) -> None:
    if file.reader:
        fronts.write(hands.world, hands.layout, file)
    else:
        hands.world.files.write(file.path, file.text.encode(), file.mode, file.owner)


def _correct_access(world: World, path: str, mode: int, owner: tuple[int, int]) -> None:
    content = world.files.read(path)
    if content is None:
        raise NeedsPersonError(
            say("{path} vanished while it was worked on", path=path), say("Run again; who else works there?")
        )
    world.files.write(path, content, mode, owner)


def _secret(world: World, secret: KeptSecret) -> bytes:
    """Return a new secret, or the one that another container was given."""
    if not secret.same_as:
        return f"{world.entropy.token(secret.secret.random_bytes)}\n".encode()
    shared = world.files.read(secret.same_as)
    if shared is None:
        raise DiskError(say("{path} is gone", path=secret.same_as), say("Apply once more: it is made again."))
    return shared


def _source(world: World, copy: Copy) -> bytes:
    content = world.files.read(copy.reference.source)
    if content is None:
        raise NeedsPersonError(
            say("{path} ({key}) is no longer there", path=copy.reference.source, key=copy.reference.key),
            say("Put it back or change the answer, then run again."),
        )
    return content


def _replace(world: World, container: Container) -> None:
    """The new one exists before the old one stops; whatever a crash leaves, the next plan removes."""
    name = full_name(container)
    world.containers.create(container, f"{name}-next")
    world.containers.stop(name, container.spec.stop_seconds)
    world.containers.remove(f"{name}-old")
    world.containers.rename(name, f"{name}-old")
    world.containers.rename(f"{name}-next", name)
    world.containers.start(name)
    world.containers.remove(f"{name}-old")


def _remember(hands: Hands, container: Container, loaded: Loaded) -> None:
    _remember_as(hands, full_name(container), loaded)


def _remember_as(hands: Hands, name: str, loaded: Loaded) -> None:
    known = state.loaded(hands.world, hands.layout)
    state.save_loaded(hands.world, hands.layout, {**known, name: loaded})
