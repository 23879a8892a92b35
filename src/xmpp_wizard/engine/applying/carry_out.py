"""The executor: one action after the other, without a decision of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.errors import DiskError, EffectError, HealthError, NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.log_lines import parse
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
from xmpp_wizard.engine.answering import ask, tried
from xmpp_wizard.engine.applying import fetching, images
from xmpp_wizard.engine.certificates import live as certificates
from xmpp_wizard.engine.memory import state
from xmpp_wizard.engine.observe import live_certificates
from xmpp_wizard.engine.records import entering
from xmpp_wizard.engine.storage import moving

_HEALTH_SECONDS = 60.0
_PROBE_SECONDS = 5.0
_PROBE_PAUSE_SECONDS = 0.05
_LAST_LINES = 12
"""Prosody tells of a broken configuration in eight lines, with empty ones around them."""
_TOLD_LINES = 6
"""So many of them are told."""


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
            _check_config(world, action)
        case TryOut():
            _try_out(world, action)
        case CheckHealth():
            check_health(hands, action)
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


def _check_config(world: World, check: CheckConfig) -> None:
    result = world.containers.run(check.container, check.command, user=check.user)
    if result.status == 1:
        # after what is wrong come good wishes, between lines of stars
        told = f"{result.output}\n{result.errors}".partition("More help on configuring Prosody")[0]
        lines = [line.strip() for line in told.splitlines() if line.strip(" *")]
        raise EffectError(
            say("the new configuration cannot be read: {lines}", lines=" / ".join(lines[-5:])),
            say("If the file named there is one of yours in conf.d, correct or remove it; then run again."),
        )


def _try_out(world: World, action: TryOut) -> None:
    found = tried(world, action.container, action.trial, action.user)
    if found is not None:
        problem, reason = found
        raise EffectError(say("{problem}: {reason}", problem=problem.text, reason=reason), problem.hint)


def check_health(hands: Hands, check: CheckHealth) -> None:
    """Wait until the container answers; Prosody with TLS, stream features and the right certificate.

    Raises:
        HealthError: it is not, within a minute; the container's last log lines are in the text.
    """
    world = hands.world
    expected = live_certificates(world, hands.layout)[1].get(check.certificate)
    deadline = world.clock.monotonic() + _HEALTH_SECONDS
    name = hands.layout.container(check.container)
    health = check.health
    while True:
        try:
            served = ask(world, hands.layout, check.container, health, _PROBE_SECONDS)
            if served is None or expected is None or served == expected.serial:
                return
            problem = say("it serves another certificate than the one written for it")
        except HealthError as error:
            problem = error.text
        if world.clock.monotonic() > deadline or _is_failing(world, hands.layout, name):
            raise HealthError(
                say("{name} does not serve {domain}: {problem}", name=name, domain=health.domain, problem=problem),
                _last_words(world, name),
            )
        world.clock.sleep(_PROBE_PAUSE_SECONDS)


def _is_failing(world: World, layout: Layout, name: str) -> bool:
    """Say whether the container ended with an error, so that waiting on is of no use."""
    known = world.containers.observe(layout.project).get(name)
    return known is None or (not known.is_running and known.exit_status != 0)


def _last_words(world: World, name: str) -> Text:
    """Return what the server said last, a line each, without ornaments and without lines that only tell of its day.

    What it says at each of several starts comes once.
    """
    raw = world.containers.logs(name, lines=_LAST_LINES, follow=False)
    lines = [line for line in map(parse, raw) if any(sign.isalnum() for sign in line.text)]
    loud = [line for line in lines if line.level not in ("debug", "info")] or lines
    latest_first = dict.fromkeys(
        f"{line.source}: {line.text}" if line.source else line.text.strip() for line in loud[::-1]
    )
    words = list(latest_first)[:_TOLD_LINES][::-1]
    if not words:
        return say("It wrote nothing into its log.")
    return say("It said last:\n{lines}", lines="\n".join(f"  {line}" for line in words))


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
