"""Old generations go, so that a server that is changed every week does not fill its disk with its own history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.engine.memory import generations, state

KEPT = 20


def prune(world: World, layout: Layout) -> None:
    """Remove all generations but the last :data:`KEPT` and those that are still needed, with their images.

    Needed are the one that runs, the one that an undo goes back to, any that holds a person's own edits, and any that
    knows the way to data that stayed where they were when the server moved.
    """
    numbers = generations.numbers(world, layout)
    going = set(numbers[:-KEPT]) - _needed(world, layout)
    if going:
        tidy_images(world, _remove_images(world, layout, going, set(numbers) - going))
        # a generation of another version cannot be asked what it needs: then all of it stays
        with suppress(WizardError):
            gone, staying = (_targets(world, layout, some) for some in (going, set(numbers) - going))
            _remove_fetched(world, gone, staying)
            _remove_secrets(world, layout, gone, staying)
    for number in sorted(going):
        world.files.remove(generations.folder_of(layout, number))


def tidy_images(world: World, tags: Iterable[str]) -> None:
    """Remove what builds of these images have left unnamed; what cannot be removed now, goes next time."""
    for repository in sorted({tag.rpartition(":")[0] for tag in tags}):
        with suppress(WizardError):
            world.containers.tidy_images(repository)


def _needed(world: World, layout: Layout) -> set[int]:
    good = [item for item in generations.all_generations(world, layout) if item.state == "good"]
    others = [item for item in good if item.target_hash != good[-1].target_hash]
    with_edits = (
        number for number in generations.numbers(world, layout) if generations.has_edits(world, layout, number)
    )
    facts = state.storage(world, layout)
    with_data = (facts.generation, *(kept.generation for kept in facts.kept.values()))
    return {*(item.number for item in (*good[-1:], *others[-1:])), *with_edits, *with_data}


def _remove_images(world: World, layout: Layout, going: Iterable[int], staying: Iterable[int]) -> set[str]:
    """Remove the images that no generation needs any more; one that somebody uses stays, as at an uninstall."""
    tags = _tags(world, layout, going) - _tags(world, layout, staying)
    for tag in sorted(tags):
        with suppress(WizardError):
            world.containers.remove_image(tag)
    return tags


def _tags(world: World, layout: Layout, numbers: Iterable[int]) -> set[str]:
    found = set()
    for number in numbers:
        # the record of another version names no images that this one knows of
        with suppress(WizardError):
            found |= {container.tag for container in generations.load_target(world, layout, number).containers}
    return found


def _targets(world: World, layout: Layout, numbers: Iterable[int]) -> list[Target]:
    return [generations.load_target(world, layout, number) for number in numbers]


def _remove_fetched(world: World, going: Iterable[Target], staying: Iterable[Target]) -> None:
    """Remove the files from the web that no undo needs any more."""
    gone, kept = (
        {copy.reference.source for target in targets for copy in target.copies if copy.reference.url}
        for targets in (going, staying)
    )
    for path in sorted(gone - kept):
        world.files.remove(path)


def _remove_secrets(world: World, layout: Layout, going: Iterable[Target], staying: Sequence[Target]) -> None:
    """Remove the secrets that no undo needs any more, with the folders that get empty; data keep the key to them."""
    kept = {secret.path for target in staying for secret in target.secrets}
    for secret in (secret for target in going for secret in target.secrets):
        owners = {secret.secret.container, *secret.secret.shared_with} - {"prosody"}
        if secret.path not in kept and not any(world.files.names(str(layout.data(owner))) for owner in owners):
            world.files.remove(secret.path)
    used = {folder.path for target in staying for folder in target.folders}
    for path in sorted({folder.path for target in going for folder in target.folders} - used, reverse=True):
        if not world.files.names(path):
            world.files.remove(path)
