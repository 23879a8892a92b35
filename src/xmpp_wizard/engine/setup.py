"""A wish becomes a plan for this host: new answers, an earlier generation again, or renewed certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import AnswersError, EffectError, NotSetUpError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.make_plan import make_plan, settle_edits
from xmpp_wizard.core.planning.partial import without_files
from xmpp_wizard.core.planning.plan import Plan
from xmpp_wizard.core.planning.renewal import only_certificates
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.rendering.render import image_tag, render
from xmpp_wizard.core.rendering.timer import timer
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.target import File, Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.wanted.desired import Desired, desired
from xmpp_wizard.engine.memory import generations, state
from xmpp_wizard.engine.memory.generations import Generation
from xmpp_wizard.engine.observe import observe


@dataclass(frozen=True, slots=True)
class ApplyAnswers:
    """Make the server what the answers say. ``text`` is the answer file, ``path`` where it was read."""

    answers: Answers
    text: str
    path: str
    secrets: tuple[tuple[str, Secret], ...] = ()
    """Files that the answers name and that hold what was typed; they are written when it is applied."""
    ends_keeping: bool = False
    """Whether files that were changed by hand and kept are no longer kept, but asked about again."""


@dataclass(frozen=True, slots=True)
class GoBack:
    """Make the server what it was in an earlier generation; without a number, in the one before the last."""

    to: int | None = None


@dataclass(frozen=True, slots=True)
class Renew:
    """Renew what is due; with ``force`` everything. ``is_unattended``: and do nothing else at all."""

    force: bool = False
    is_unattended: bool = False


Request: TypeAlias = ApplyAnswers | GoBack | Renew


@dataclass(frozen=True, slots=True)
class Prepared:
    """A wish, thought through for this host; nothing is changed yet."""

    cause: Text
    answers_text: str
    desired: Desired | None
    """None for an earlier generation whose answers this program can no longer read."""
    target: Target
    observed: Observed
    plan: Plan


def prepare(world: World, layout: Layout, request: Request) -> Prepared:
    """Return what ``request`` would mean; reads the host, changes nothing.

    Raises:
        AnswersError: the answers contradict each other or the running server.
        NotSetUpError: there is nothing to go back to or to renew.
        EngineError, DiskError: the host cannot be read.
    """
    match request:
        case ApplyAnswers():
            return _prepare_answers(world, layout, request)
        case GoBack(to):
            number = _before_last(world, layout) if to is None else to
            cause = say("back to generation {number}", number=number)
            return _prepare_generation(world, layout, number, cause)
        case Renew(force, is_unattended):
            prepared = _prepare_renewal(world, layout, force=force)
            if not is_unattended:
                return replace(prepared, plan=without_files(prepared.plan))
            observed = _without_cut_off_renewal(world, layout, prepared.observed)
            plan = only_certificates(prepared.plan, prepared.target, observed)
            return replace(prepared, observed=observed, plan=plan)


def settled(prepared: Prepared, *, keep: bool) -> Prepared:
    """Return the wish with the plan as it is once hand edits are kept, or are written over."""
    if not prepared.plan.edits:
        return prepared
    host, plan = settle_edits(prepared.target, prepared.observed, prepared.plan, keep=keep)
    return replace(prepared, observed=host, plan=plan)


def target_of(world: World, layout: Layout, wanted: Desired, answers_text: str) -> Target:
    """Return the target for a wanted server, with its answer file in it; the same on every host."""
    images = {spec.image for spec in wanted.containers}
    tags: Mapping[str, str] = {image: image_tag(image, world.appliance.image(image)) for image in sorted(images)}
    target = render(wanted, world.appliance.templates(), tags, layout)
    return replace(target, files=(*target.files, File(str(layout.answers), answers_text, 0o640, (0, 0))))


def _with_timer(world: World, layout: Layout, target: Target) -> Target:
    """Return the target with what this host runs by the clock."""
    services, templates = world.services, world.appliance.templates()
    upkeep, files = timer(services.scheduler(), layout, target, services.program(), templates)
    return replace(target, files=(*target.files, *files), timer=upkeep)


def current(world: World, layout: Layout) -> tuple[Target, Desired | None]:
    """Return the server as the last good generation has it.

    Raises:
        NotSetUpError: there is none.
    """
    good = generations.last_good(world, layout)
    if good is None:
        raise not_set_up()
    answers_text = generations.load_answers(world, layout, good.number)
    try:
        target = generations.load_target(world, layout, good.number)
    except EffectError:
        # written by another version, or damaged: what the answers mean today is the best that is left
        wanted = _desired_again(answers_text, state.pinned(world, layout))
        if wanted is None:
            raise
        return _with_timer(world, layout, target_of(world, layout, wanted, answers_text)), wanted
    return target, _desired_again(answers_text, target.pinned)


def pinned(world: World, layout: Layout) -> Mapping[str, str]:
    """Return the facts that must not change; if their file is lost, as the last good generation had them."""
    facts = state.pinned(world, layout)
    good = None if facts else generations.last_good(world, layout)
    return facts if good is None else generations.load_target(world, layout, good.number).pinned


def not_set_up() -> NotSetUpError:
    """Return the error for a host without a server."""
    return NotSetUpError(
        say("there is no server set up here yet"), say("Set one up with: xmpp-wizard apply --answers FILE")
    )


def _prepare_answers(world: World, layout: Layout, request: ApplyAnswers) -> Prepared:
    wanted, path = desired(request.answers, pinned(world, layout)), request.path
    target = _with_timer(world, layout, target_of(world, layout, wanted, request.text))
    observed = observe(world, layout, target)
    if path == str(layout.answers):
        observed = _own_answers(observed, path)
    if request.ends_keeping:
        observed = replace(observed, kept={})
    cause = say("apply of {path}", path=path)
    return Prepared(cause, request.text, wanted, target, observed, make_plan(target, observed))


def _own_answers(observed: Observed, path: str) -> Observed:
    """The server's answer file is there to be changed by hand: what was read from it is no surprise."""
    known = observed.files.get(path)
    if known is None:
        return observed
    return replace(observed, written={**observed.written, path: (*observed.written.get(path, ()), known.sha256)})


def _prepare_generation(
    world: World, layout: Layout, number: int, cause: Text, *, is_renewal: bool = False, force_renewal: bool = False
) -> Prepared:
    target = generations.load_target(world, layout, number)
    answers_text = generations.load_answers(world, layout, number)
    observed = observe(world, layout, target, looks_at_firewall=not is_renewal)
    # answers that somebody is still writing are nobody's concern here; what is written over is kept first
    observed = replace(_own_answers(observed, str(layout.answers)), goes_back=not is_renewal)
    plan = make_plan(target, observed, force_renewal=force_renewal)
    return Prepared(cause, answers_text, _desired_again(answers_text, target.pinned), target, observed, plan)


def _prepare_renewal(world: World, layout: Layout, *, force: bool) -> Prepared:
    good = generations.last_good(world, layout)
    if good is None:
        raise not_set_up()
    cause = say("certificates renewed")
    return _prepare_generation(world, layout, good.number, cause, is_renewal=True, force_renewal=force)


def _without_cut_off_renewal(world: World, layout: Layout, observed: Observed) -> Observed:
    """A renewal that was cut off leaves nothing half done but certificates, which this one makes good."""
    good, last = generations.last_good(world, layout), generations.all_generations(world, layout)[-1]
    is_same = good is not None and last.target_hash == good.target_hash and last.state != "good"
    return replace(observed, is_unfinished=observed.is_unfinished and not is_same)


def _desired_again(answers_text: str, facts: Mapping[str, str]) -> Desired | None:
    from xmpp_wizard.core.answers.file import load  # noqa: PLC0415 it is heavy, and most runs have their answers

    try:
        answers, _ = load(answers_text.encode(), "answers.toml", {}, ())
        return desired(answers, facts)
    except AnswersError:
        return None


def other_before(found: Sequence[Generation]) -> Generation | None:
    """Return the last good one of the generations that was another server than the present one, which undo goes to."""
    good = [generation for generation in found if generation.state == "good"]
    others = (generation for generation in reversed(good) if generation.target_hash != good[-1].target_hash)
    return next(others, None)


def _before_last(world: World, layout: Layout) -> int:
    found = generations.all_generations(world, layout)
    if not any(generation.state == "good" for generation in found):
        raise not_set_up()
    other = other_before(found)
    if other is None:
        raise NotSetUpError(
            say("there is no earlier generation to go back to"), say("See what there is: xmpp-wizard generations")
        )
    return other.number
