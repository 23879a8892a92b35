"""What is planned for the folders, secrets and files of a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.actions import CopyFile, CorrectAccess, MakeFolder, MakeSecret, RemoveFile, WriteFile
from xmpp_wizard.core.planning.draft import Draft
from xmpp_wizard.core.planning.plan import Edit, Step
from xmpp_wizard.core.target import Copy, File, Folder, KeptSecret, Target
from xmpp_wizard.core.text import Text, say


def content_hash(content: str | bytes) -> str:
    """Return the hash by which contents of files are compared."""
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def add_folders(target: Target, observed: Observed, draft: Draft) -> None:
    """Make folders that are not there or not as they are to be, parents first."""
    made: list[str] = []
    for folder in target.folders:
        cause = _folder_cause(folder, observed)
        if cause:
            needs = tuple(f"folder:{path}" for path in made if folder.path.startswith(path + "/"))
            title = say("Folder {path}", path=folder.path)
            draft.steps.append(Step(f"folder:{folder.path}", MakeFolder(folder), needs, title, cause))
            made.append(folder.path)


def add_secrets(target: Target, observed: Observed, draft: Draft) -> None:
    """Make secrets that are not there; what is there stays."""
    for secret in target.secrets:
        draft.steps.extend(_secret(secret, observed, draft))


def add_files(files: Iterable[File], observed: Observed, draft: Draft) -> None:
    """Write what differs; what somebody else changed is an edit, too, unless it was chosen to be kept."""
    for file in files:
        _file(file, observed, draft)


def add_copies(target: Target, observed: Observed, draft: Draft) -> None:
    """Copy what differs from the file that it is copied from."""
    for copy in target.copies:
        draft.steps.extend(_copy(copy, observed, draft))


def add_removals(target: Target, observed: Observed, draft: Draft) -> None:
    """Remove files of ours that no longer belong."""
    ours = {file.path for file in target.files} | {copy.path for copy in target.copies}
    for path, hashes in sorted(observed.written.items()):
        known = observed.files.get(path)
        if path in ours or known is None or observed.kept.get(path) == (known.sha256, ""):
            continue
        if known.sha256 not in hashes:
            draft.edits.append(Edit(path, known.sha256, ""))
        draft.steps.append(
            Step(f"remove:{path}", RemoveFile(path), (), say("Remove {path}", path=path), say("no longer needed"))
        )


def _folder_cause(folder: Folder, observed: Observed) -> Text | None:
    known = observed.files.get(folder.path)
    if known is None or not known.is_folder:
        return say("not there")
    return _access_cause(known.mode, known.owner, folder.mode, folder.owner)


def _secret(secret: KeptSecret, observed: Observed, draft: Draft) -> Iterator[Step]:
    if secret.path in observed.files:
        yield from _access(secret, observed, draft)
        return
    yield Step(
        f"secret:{secret.path}",
        MakeSecret(secret),
        (
            *_needed_folder(secret.path, draft),
            *(name for name in draft.ids("secret") if name == f"secret:{secret.same_as}"),
        ),
        _secret_title(secret),
        say("not there"),
    )


def _secret_title(secret: KeptSecret) -> Text:
    if not secret.shared_with:
        return say("Make the secret {name}", name=secret.secret.name)
    return say(
        "Give the container {container} the secret {name}", container=secret.shared_with, name=secret.secret.name
    )


def _file(file: File, observed: Observed, draft: Draft) -> None:
    known = observed.files.get(file.path)
    wanted = content_hash(file.text)
    if known is not None and known.sha256 == wanted:
        draft.steps.extend(_access(file, observed, draft))
        return
    if known is not None and observed.kept.get(file.path) == (known.sha256, wanted):
        return
    is_edited = known is not None and known.sha256 not in observed.written.get(file.path, ())
    if known is not None and is_edited:
        draft.edits.append(Edit(file.path, known.sha256, wanted))
    cause = say("not there") if known is None else say("changed by hand") if is_edited else say("content differs")
    draft.steps.append(
        Step(
            f"file:{file.path}",
            WriteFile(file),
            (*_needed_folder(file.path, draft), *(draft.ids("certificates") if file.reader else ())),
            say("Write {path}", path=file.path),
            cause,
        )
    )


def _copy(copy: Copy, observed: Observed, draft: Draft) -> Iterator[Step]:
    source = observed.references.get(copy.reference.source)
    known = observed.files.get(copy.path)
    if source is None or (known is not None and known.sha256 == source):
        if known is not None:
            yield from _access(copy, observed, draft)
        return
    yield Step(
        f"copy:{copy.path}",
        CopyFile(copy),
        (*_needed_folder(copy.path, draft), *draft.ids("fetch")),
        _copy_title(copy),
        say("not there") if known is None else say("content differs"),
    )


def _copy_title(copy: Copy) -> Text:
    if copy.reference.url:
        # whether it came just now or lies here since an earlier run: nothing is asked of the web any more
        return say("Put {name} from the web in its place", name=copy.reference.name)
    return say("Copy {path}", path=copy.reference.source)


def _access(item: File | Copy | KeptSecret, observed: Observed, draft: Draft) -> Iterator[Step]:
    known = observed.files[item.path]
    cause = _access_cause(known.mode, known.owner, item.mode, item.owner)
    if cause:
        yield Step(
            f"access:{item.path}",
            CorrectAccess(item.path, item.mode, item.owner),
            _needed_folder(item.path, draft),
            say("Correct who may read {path}", path=item.path),
            cause,
        )


def _access_cause(mode: int, owner: tuple[int, int], want_mode: int, want_owner: tuple[int, int]) -> Text | None:
    if owner != want_owner:
        have, want = (":".join(map(str, pair)) for pair in (owner, want_owner))
        return say("belongs to {have} instead of {want}", have=have, want=want)
    if mode != want_mode:
        return say("has mode {have} instead of {want}", have=f"{mode:04o}", want=f"{want_mode:04o}")
    return None


def _needed_folder(path: str, draft: Draft) -> tuple[str, ...]:
    return tuple(name for name in draft.ids("folder") if path.startswith(name.removeprefix("folder:") + "/"))
