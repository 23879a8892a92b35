"""The base image of all others: found here, pulled from a registry, or bootstrapped from a Debian mirror."""

from __future__ import annotations

import queue
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.docker_api import Engine, is_missing, translated
from xmpp_wizard.effects.mmdebstrap import KEYRING, run_mmdebstrap

_FIRST_WORD_SECONDS = 20.0
"""Until a registry says something; without a network the engine itself would try for minutes."""
_SILENCE_SECONDS = 120.0
_ARCHITECTURES = {"amd64": "amd64", "arm64": "arm64", "arm": "armhf", "386": "i386", "riscv64": "riscv64"}


def provide(engine: Engine, tag: str, report: Report) -> str:
    """Make sure that ``tag`` is here and return its id.

    Raises:
        EngineError: no way of the three works; the text says why, the hint what to install or to connect.
    """
    found = _found(engine, tag)
    if found:
        return found
    report(f"{tag} is not on this machine; asking the registry")
    reason = _pull(engine, tag, report)
    if reason:
        report(f"no registry has it ({reason}); making it from a Debian mirror, about a minute")
        _bootstrap(engine, tag, report)
    found = _found(engine, tag)
    if not found:
        raise EngineError(say("the base image {tag} could not be made", tag=tag))
    return found


def _found(engine: Engine, tag: str) -> str:
    try:
        with translated(say("cannot look for the image {tag}", tag=tag)):
            return str(engine.api.inspect_image(tag)["Id"])  # type: ignore[no-untyped-call]
    except EngineError as error:
        if is_missing(error):
            return ""
        raise


def _pull(engine: Engine, tag: str, report: Report) -> str:
    """Pull ``tag``; return why not, or nothing."""
    events: queue.Queue[dict[str, Any] | str | None] = queue.Queue()
    api = engine.api

    def listen() -> None:
        try:
            with translated(say("no answer")):
                repository, _, version = tag.rpartition(":")
                for event in api.pull(repository, version, stream=True, decode=True):
                    events.put(event)
            events.put(None)
        except EngineError as error:
            events.put(str(error))

    # the library sets no deadline for a pull; one that hangs is left to itself and ends with the process
    threading.Thread(target=listen, daemon=True).start()
    deadline = _FIRST_WORD_SECONDS
    while True:
        try:
            event = events.get(timeout=deadline)
        except queue.Empty:
            return f"silent for {deadline:g} s"
        if event is None:
            return ""
        if isinstance(event, str):
            return event
        if "error" in event:
            return str(event["error"])
        deadline = _SILENCE_SECONDS
        if "progressDetail" not in event or not event["progressDetail"]:
            report(" ".join(str(event[key]) for key in ("id", "status") if event.get(key)))


def _bootstrap(engine: Engine, tag: str, report: Report) -> None:
    """Make ``tag`` with mmdebstrap and import it."""
    if shutil.which("mmdebstrap") is None:
        raise EngineError(
            say("no registry has {tag}, and mmdebstrap, which could make it, is not installed", tag=tag),
            say("Install it: sudo apt-get install mmdebstrap debian-archive-keyring"),
        )
    if not KEYRING.exists():
        raise EngineError(
            say("no registry has {tag}, and the keys of Debian's archive, to make it, are not here", tag=tag),
            say("Install them: sudo apt-get install debian-archive-keyring"),
        )
    with translated(say("cannot ask the engine for its architecture")):
        architecture = _ARCHITECTURES.get(engine.api.version()["Arch"], "amd64")
    # /tmp is often in memory
    with tempfile.TemporaryDirectory(prefix="xmpp-wizard-", dir="/var/tmp") as folder:
        # apt fetches as a user of its own
        Path(folder).chmod(0o755)
        archive = f"{folder}/base.tar"
        run_mmdebstrap(archive, architecture, folder, report)
        repository, _, version = tag.rpartition(":")
        with translated(say("cannot import {tag}", tag=tag)):
            answer = engine.api.import_image_from_file(archive, repository, version, changes=['CMD ["bash"]'])
        if '"error"' in str(answer):
            raise EngineError(say("cannot import {tag}: {reason}", tag=tag, reason=answer))
