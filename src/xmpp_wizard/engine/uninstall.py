"""Taking the server off this machine. What people own stays unless its deletion is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from xmpp_wizard.core.dns.change import Made
from xmpp_wizard.core.dns.free_names import free_names_of
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.errors import DnsProviderError, EffectError, NotSetUpError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Family
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import File, Target
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine import emergency, fronts, router
from xmpp_wizard.engine.applying.pruning import tidy_images
from xmpp_wizard.engine.dns.made import all_made, makings
from xmpp_wizard.engine.dns.publish import publish
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.memory.router import ordered
from xmpp_wizard.engine.records.push import prepare_removal


@dataclass(frozen=True, slots=True)
class Removal:
    """What an uninstall takes away, and what it leaves; paths are of this host."""

    domain: str
    """Empty where an earlier uninstall has left only data."""
    containers: tuple[str, ...]
    fronts: tuple[File, ...]
    """What a web server in front reads."""
    images: tuple[str, ...]
    paths: tuple[str, ...]
    kept: tuple[str, ...]
    records: tuple[str, ...] = ()
    """What this program has made in DNS, a line each."""

    def __bool__(self) -> bool:
        """Say whether there is anything to take away."""
        return bool(self.containers or self.fronts or self.images or self.paths)


def survey(world: World, layout: Layout, *, delete_data: bool) -> Removal:
    """Return what an uninstall would do; changes nothing.

    Without ``delete_data`` it leaves what a later apply needs to go on as before: people's data, the facts about
    them and about our files, the answers, the secrets (with the local authority that phones trust), public
    certificates (of which there are only so many a week) and the admin's own configuration.

    Raises:
        NotSetUpError: there is nothing of ours here.
        EngineError: the container engine does not answer.
    """
    observed = world.containers.observe(layout.project)
    history = generations.all_generations(world, layout)
    targets = [target for generation in history if (target := _target(world, layout, generation.number))]
    tags = {container.tag for container in observed.values()}
    tags.update(container.tag for target in targets for container in target.containers)
    readable = {file.path: file for target in targets for file in target.files if file.reader}
    timer_files = _timer_files(world, layout)
    everything = _there(world, (layout.state, layout.settings, layout.challenges))
    facts = (layout.pinned, layout.storage, layout.written, layout.sheets)
    sheets, changed_sheets = emergency.sheets(world, layout)
    lasting = (layout.state / "data", layout.acme, *facts, layout.answers, layout.settings / "secrets")
    kept = () if delete_data else (*_there(world, (*lasting, *_own_config(world, layout))), *sheets)
    paths = (*sheets, *everything) if delete_data else _there(world, _passing(world, layout, kept))
    paths = (*_there(world, (layout.early_build,)), *timer_files, *paths)
    if not (observed or paths or everything):
        raise NotSetUpError(say("there is nothing of xmpp-wizard on this machine"))
    return Removal(
        domain=history[-1].domain if history else "",
        containers=tuple(sorted(observed)),
        fronts=tuple(file for path, file in sorted(readable.items()) if world.files.stat(path)),
        images=tuple(sorted(tag for tag in tags if world.containers.has_image(tag))),
        paths=paths,
        kept=(*kept, *changed_sheets),
        records=tuple(map(_line, all_made(world, layout))),
    )


def uninstall(world: World, layout: Layout, *, delete_data: bool, report: Callable[[Text], None]) -> Removal:
    """Take the server away and return what went and what stayed; ``report`` hears of each thing.

    An image that somebody else's container uses stays.

    Records go last, so that a run that is cut off can be repeated.

    Raises:
        LockedError: an apply is going on.
        NotSetUpError, EngineError, DiskError: see :func:`survey`.
    """
    if world.files.stat(str(layout.state)) is None:
        # nothing to hold the lock in, so nothing that another run could be working on
        return _remove(world, layout, survey(world, layout, delete_data=delete_data), report)
    with world.lock.hold(str(layout.lock)):
        return _remove(world, layout, survey(world, layout, delete_data=delete_data), report)


def _remove(world: World, layout: Layout, removal: Removal, report: Callable[[Text], None]) -> Removal:
    left = _clear_dns(world, layout, report)
    for name in removal.containers:
        world.containers.remove(name)
        report(say("removed the container {name}", name=name))
    for file in removal.fronts:
        fronts.remove(world, layout, file)
        report(say("removed {path}", path=file.path))
    if any(path in removal.paths for path in _timer_files(world, layout)):
        world.services.stop_timer(layout.timer)
        report(say("stopped the timer {name}", name=layout.timer))
    _close_doors(world, layout, report)
    _close_router(world, layout, report)
    used = []
    for tag in removal.images:
        world.containers.remove_image(tag)
        if world.containers.has_image(tag):
            used.append(tag)
            report(say("left the image {tag}, which is used", tag=tag))
        else:
            report(say("removed the image {tag}", tag=tag))
    tidy_images(world, removal.images)
    for path in removal.paths:
        world.files.remove(path)
        report(say("removed {path}", path=path))
    gone = tuple(tag for tag in removal.images if tag not in used)
    return replace(removal, images=gone, kept=(*removal.kept, *used, *left))


def _clear_dns(world: World, layout: Layout, report: Callable[[Text], None]) -> tuple[str, ...]:
    """Take our records out of DNS while the keys for it are still here; return those that stay, which stops nothing."""
    left: list[str] = []
    for made in makings(world, layout):
        try:
            _clear_account(world, layout, made)
        except WizardError as error:
            report(say("left the records in DNS, which have to be removed by hand: {reason}", reason=error.text))
            # what is known of them goes with the rest: now or never
            for record in map(_line, made.records):
                report(say("left in DNS: {record}", record=record))
                left.append(record)
            continue
        report(say("removed {count} records from DNS", count=len(made.records)))
        zone = made.account.zone
        given = free_names_of(zone) if zone else None
        if given is not None:
            report(say("left the name {name} in your account at {provider}", name=zone, provider=given.title))
    return tuple(left)


def _clear_account(world: World, layout: Layout, made: Made) -> None:
    prepared = prepare_removal(world, layout, made)
    if prepared.push:
        publish(world, layout, prepared.keeper, prepared.push.changes)
    if prepared.push.unseen:
        names = ", ".join(prepared.push.unseen)
        raise DnsProviderError(say("no name server tells what is there for {names}", names=names))


def _line(record: Record) -> str:
    return f"{record.name} {record.kind} {record.value}"


def _close_doors(world: World, layout: Layout, report: Callable[[Text], None]) -> None:
    """Take back what was opened in the host's firewall for this server, and what a run that was killed has left."""
    world.tls_responder.tidy(layout.project)
    if str(layout.root) != "/":
        return
    ours = world.firewall.observe((), layout.project).ours
    if ours:
        world.firewall.close(ours, layout.project)
        report(say("closed {doors} in the firewall again", doors=", ".join(map(str, ours))))


def _close_router(world: World, layout: Layout, report: Callable[[Text], None]) -> None:
    """Take back what the router was told; a router that does not answer forgets it by itself within a day."""
    if str(layout.root) != "/":
        return
    families: tuple[Family, ...] = ("IPv4", "IPv6")
    for family in families:
        held = ordered(world, layout, family).held(world.clock.timestamp())
        left = router.unmap_ports(world, layout, held, family) if held else ()
        gone = tuple(door for door in held if door not in left)
        for told in (_left_open(family, left), _closed(family, gone)):
            if told:
                report(told)


def _left_open(family: Family, doors: Sequence[Door]) -> Text:
    listed = ", ".join(map(str, doors))
    if not doors:
        return NOTHING
    if family == "IPv4":
        return say("left {doors} forwarded by the router, which does not answer; it ends within a day", doors=listed)
    return say("left {doors} open over IPv6 in the router, which does not close it; it ends within a day", doors=listed)


def _closed(family: Family, doors: Sequence[Door]) -> Text:
    listed = ", ".join(map(str, doors))
    if not doors:
        return NOTHING
    if family == "IPv4":
        return say("the router no longer forwards {doors}", doors=listed)
    return say("the router no longer lets {doors} in over IPv6", doors=listed)


def _target(world: World, layout: Layout, number: int) -> Target | None:
    try:
        return generations.load_target(world, layout, number)
    except (EffectError, NotSetUpError):
        # another version's record: its images stay, as any image does that is not known to be ours
        return None


def _timer_files(world: World, layout: Layout) -> tuple[str, ...]:
    """Return what tells either scheduler of our timer."""
    paths = (path for kind in ("systemd", "cron") for path in layout.timer_files(kind))
    return tuple(path for path in paths if world.files.stat(path))


def _passing(world: World, layout: Layout, kept: tuple[str, ...]) -> tuple[PurePosixPath, ...]:
    """Return what is made anew by every apply, the records of generations last."""
    states = [layout.state / name for name in world.files.names(str(layout.state))]
    settings = [layout.settings / name for name in world.files.names(str(layout.settings))]
    if str(layout.admin_config) in kept:
        settings.remove(layout.prosody_config)
        names = world.files.names(str(layout.prosody_config))
        settings += [layout.prosody_config / name for name in names]
    challenges = [layout.challenges] if world.files.stat(str(layout.challenges)) else []
    going = [path for path in (*challenges, *settings, *states) if str(path) not in kept]
    return tuple(sorted(going, key=lambda path: (path in (layout.generations, layout.lock), str(path))))


def _own_config(world: World, layout: Layout) -> tuple[PurePosixPath, ...]:
    return (layout.admin_config,) if world.files.names(str(layout.admin_config)) else ()


def _there(world: World, paths: tuple[PurePosixPath, ...]) -> tuple[str, ...]:
    return tuple(str(path) for path in paths if world.files.stat(str(path)))
