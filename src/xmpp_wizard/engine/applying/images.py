"""Container images: built once for each content, by Apply or, while a person still reads the plan, before it.

What is built early is only an image on the disk. Nothing of a server is made, changed or started by it, and an image
that is not whole never gets its tag; so Apply finds it, joins the work on it, or does that itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.errors import EffectError, NeedsPersonError, StoppedError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.planning.actions import BuildImage
from xmpp_wizard.core.planning.plan import Plan
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.rendering.render import image_tag
from xmpp_wizard.core.text import say

_BASE = "debian:trixie-slim"
_POLL_SECONDS = 0.2
_SILENCE_SECONDS = 600.0
"""A build that says nothing for so long is not waited for: each of its own steps has a shorter deadline."""


def provide(world: World, layout: Layout, wanted: BuildImage, report: Report) -> None:
    """Make sure that the image is here; a build of it that is under way already is waited for.

    Raises:
        EffectError: it cannot be built.
    """
    _wait_for_early_build(world, layout, report)
    if not world.containers.has_image(wanted.tag):
        build(world, wanted, report)


def build(world: World, wanted: BuildImage, report: Report) -> None:
    """Build the image.

    Raises:
        NeedsPersonError: this version of the program no longer makes that image.
        EffectError: it cannot be built.
    """
    context = world.appliance.image(wanted.image)
    if image_tag(wanted.image, context) != wanted.tag:
        raise NeedsPersonError(
            say("the image {tag} is gone, and this version of the program makes another one", tag=wanted.tag),
            say("Apply the answers of that generation instead; they are kept beside its record."),
        )
    digest = world.containers.provide_base(_BASE, report)
    labels = {"org.opencontainers.image.base.digest": digest}
    world.containers.build(wanted.image, wanted.tag, context, labels, report)


@dataclass
class EarlyBuild:
    """The work on images before Apply, in a process of its own: it can be stopped at any moment, and fails silently.

    Whatever goes wrong in it, Apply meets again, and explains it.
    """

    world: World
    layout: Layout
    pid: int = 0
    tried: set[str] = field(default_factory=set)
    """Tags that were begun; none is begun twice."""

    def begin(self, plan: Plan) -> None:
        """Start to build what ``plan`` will need, unless something is in its way; returns at once."""
        wanted = tuple(step.action for step in plan.steps if isinstance(step.action, BuildImage))
        new = tuple(one for one in wanted if one.tag not in self.tried)
        # a taken port is still to be decided on; a full disk, a wrong clock would be in the way of a build, too
        is_hindered = any(not obstacle.port for obstacle in plan.obstacles)
        if not new or is_hindered or self.is_running:
            return
        world, layout, owner = self.world, self.layout, self.world.background.own_pid()
        self.tried |= {one.tag for one in new}
        with suppress(EffectError):
            self.pid = world.background.start(lambda: _work(world, layout, new, owner))

    @property
    def is_running(self) -> bool:
        """Say whether it is at work."""
        return bool(self.pid) and self.world.background.is_alive(self.pid)

    def stop(self) -> None:
        """End it; but once Apply has begun, which waits for it, it goes on."""
        if self.is_running and self.world.lock.holder(str(self.layout.lock)) is None:
            self.world.background.stop(self.pid)


def _work(world: World, layout: Layout, wanted: Sequence[BuildImage], owner: int) -> int:
    """Build under a lock of its own, so that it is done once; return an exit status, which nobody looks at."""
    log = _log(layout)
    try:
        with world.lock.hold(_lock(layout)):
            world.files.make_folder(str(layout.early_build), 0o700, (0, 0))
            world.files.write(log, b"", 0o600, (0, 0))
            try:
                for one in wanted:
                    build(world, one, _reporter(world, layout, owner))
            finally:
                world.files.remove(log)
    except WizardError as error:
        return error.exit_status
    return 0


def _reporter(world: World, layout: Layout, owner: int) -> Callable[[str], None]:
    """Return what writes the lines down for an Apply that waits, and ends the work once nobody wants it any more."""

    def report(line: str) -> None:
        world.files.append(_log(layout), line)
        if not world.background.is_alive(owner) and world.lock.holder(str(layout.lock)) is None:
            raise StoppedError(say("the wizard is gone, and nothing was applied"))

    return report


def _wait_for_early_build(world: World, layout: Layout, report: Report) -> None:
    """Return once no early build is at work; its lines are reported as if they were one's own."""
    told = 0
    deadline = world.clock.monotonic() + _SILENCE_SECONDS
    while world.lock.holder(_lock(layout)) is not None and world.clock.monotonic() < deadline:
        lines = (world.files.read(_log(layout)) or b"").decode(errors="replace").split("\n")[:-1]
        for line in lines[told:]:
            report(line)
            deadline = world.clock.monotonic() + _SILENCE_SECONDS
        told = max(told, len(lines))
        world.clock.sleep(_POLL_SECONDS)


def _lock(layout: Layout) -> str:
    return str(layout.early_build / "lock")


def _log(layout: Layout) -> str:
    return str(layout.early_build / "log")
