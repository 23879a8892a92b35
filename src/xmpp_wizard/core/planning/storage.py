"""The move of everybody's data from one storage backend to another, as one step of the plan.

It takes the place of what would else be done to Prosody's container, and of writing its configuration: until the data
are proven equal, the old configuration must be what a machine that restarts in the middle begins with.
"""

from __future__ import annotations

from dataclasses import replace

from xmpp_wizard.core.moments import minute
from xmpp_wizard.core.observed import Loaded, Observed
from xmpp_wizard.core.planning.actions import RemoveFile
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.storage.backends import title_of
from xmpp_wizard.core.storage.moving import Census, Kept, accounts_in, how_long, how_much, messages_in
from xmpp_wizard.core.storage.place import place_called
from xmpp_wizard.core.target import Container, File, Target
from xmpp_wizard.core.text import Text, say


def moves(target: Target, observed: Observed) -> bool:
    """Say whether the data are somewhere else than the target wants them, and the way to them is known."""
    return observed.storage is not None and observed.storage.container is not None and is_elsewhere(target, observed)


def is_elsewhere(target: Target, observed: Observed) -> bool:
    """Say whether the data are somewhere else than the target wants them."""
    wanted, found = target.pinned.get("storage", ""), observed.storage
    return found is not None and "" not in (wanted, found.name) and wanted != found.name


def config_file(target: Target) -> File:
    """Return Prosody's configuration."""
    return next(file for file in target.files if file.path.endswith("/prosody/prosody.cfg.lua"))


def step(container: Container, loaded: Loaded, target: Target, observed: Observed, needs: tuple[str, ...]) -> Step:
    """Return the step that moves the data and starts Prosody with them."""
    found, wanted = observed.storage, target.pinned["storage"]
    assert found is not None  # noqa: S101 whoever asks has asked moves() first
    assert found.container is not None  # noqa: S101
    kept = found.kept.get(wanted)
    goes_back = observed.goes_back and kept is not None and not kept.is_half
    action = MoveData(
        container=container,
        loaded=loaded,
        config=config_file(target),
        source=found.container,
        source_config=found.config,
        source_generation=found.generation,
        old=found.name,
        new=wanted,
        generation=observed.generation + 1,
        copies=not goes_back,
        clears=kept is not None,
        census=found.census,
    )
    title = _title(action)
    cause = _back(action, kept) if goes_back and kept else _forth(action, observed, kept)
    destroys = kept is not None and not kept.is_half
    return Step(f"container:{container.spec.name}", action, needs, title, cause, interrupts=True, destroys=destroys)


def around_the_move(steps: list[Step]) -> list[Step]:
    """Return the steps of a plan in an order that fits a move, if there is one among them.

    Prosody's configuration is written by the move itself, and files that are no longer needed go after it, as the
    way to the old place may need them.
    """
    move = next((step for step in steps if isinstance(step.action, MoveData)), None)
    if move is None or not isinstance(move.action, MoveData):
        return steps
    removals = [step for step in steps if isinstance(step.action, RemoveFile)]
    others = {step.id for step in removals} | {f"file:{move.action.config.path}"}
    found = []
    for item in steps:
        if item.id not in others:
            found.append(replace(item, needs=tuple(need for need in item.needs if need not in others)))
        if item is move:
            found += [replace(removal, needs=(move.id,)) for removal in removals]
    return found


def _title(action: MoveData) -> Text:
    old, new = title_of(action.old), title_of(action.new)
    if not action.copies:
        return say("Go back to the data that stayed in {new}", new=new)
    if _is_in_part(action):
        return say("Move single kinds of data: from {old} to {new}", old=old, new=new)
    if action.census is None:
        return say("Move everybody's data from {old} to {new}", old=old, new=new)
    values = {"old": old, "new": new, "accounts": accounts_in(action.census), "messages": messages_in(action.census)}
    return say("Move everybody's data from {old} to {new} ({accounts}, {messages})", **values)


def _forth(action: MoveData, observed: Observed, kept: Kept | None) -> Text:
    census = observed.storage.census if observed.storage else None
    what = _what_moves(action, census)
    if kept is None or kept.is_half:
        return say("{what}; the old ones stay in {old} until you let them go", what=what, old=title_of(action.old))
    return say(
        "{what}; what stayed in {new} on {day} ({kept}) is deleted first",
        what=what,
        new=title_of(action.new),
        day=minute(kept.at),
        kept=how_much(kept.census),
    )


def _what_moves(action: MoveData, census: Census | None) -> Text:
    if _is_in_part(action):
        return say(
            "storage.in_files is another: what it concerns is copied and compared, and nobody can log in {time}",
            time=how_long(census),
        )
    return say(
        "storage.backend is another: {what} are copied and compared, and nobody can log in {time}",
        what=how_much(census),
        time=how_long(census),
    )


def _is_in_part(action: MoveData) -> bool:
    """Say whether the backend stays, and only some kinds of data move from it to files, or back."""
    return place_called(action.old).backend == place_called(action.new).backend


def _back(action: MoveData, kept: Kept) -> Text:
    return say(
        "those in {new} are as of {day}: {kept}; what came since then stays in {old}, and nobody sees it. To take it "
        "along, set storage.backend in the answers instead",
        new=title_of(action.new),
        day=minute(kept.at),
        kept=how_much(kept.census),
        old=title_of(action.old),
    )
