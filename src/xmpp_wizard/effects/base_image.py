"""The base image of all others: found here, pulled from a registry, or bootstrapped from a Debian mirror."""

from __future__ import annotations

import os
import queue
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.ports import Report
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.docker_api import Engine, is_missing, translated

_SUITE = "trixie"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FIRST_WORD_SECONDS = 20.0
"""Until a registry says something; without a network the engine itself would try for minutes."""
_SILENCE_SECONDS = 120.0
_WORK_SILENCE_SECONDS = 300.0
"""Told to say all that it does, mmdebstrap is never silent for that long unless a mirror or the disk hangs."""
_END_SECONDS = 10.0
_ARCHITECTURES = {"amd64": "amd64", "arm64": "arm64", "arm": "armhf", "386": "i386", "riscv64": "riscv64"}
_SLIM = (
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/lintian/*",
    "path-exclude=/usr/share/locale/*",
    "path-include=/usr/share/locale/locale.alias",
)
"""What Debian's own slim images leave out."""


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
    if not _KEYRING.exists():
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
        _run_mmdebstrap(archive, architecture, folder, report)
        repository, _, version = tag.rpartition(":")
        with translated(say("cannot import {tag}", tag=tag)):
            answer = engine.api.import_image_from_file(archive, repository, version, changes=['CMD ["bash"]'])
        if '"error"' in str(answer):
            raise EngineError(say("cannot import {tag}: {reason}", tag=tag, reason=answer))


def _run_mmdebstrap(archive: str, architecture: str, folder: str, report: Report) -> None:
    started = time.monotonic()
    command = [
        "mmdebstrap",
        "--verbose",
        "--variant=minbase",
        "--components=main",
        f"--architectures={architecture}",
        f"--keyring={_KEYRING}",
        *(f"--dpkgopt={option}" for option in _SLIM),
        # tests and builds fetch their own lists; caches would be a fifth of the image
        '--customize-hook=rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*; find "$1"/var/log -type f -delete',
        _SUITE,
        archive,
        *_mirror(),
    ]
    lines: list[str] = []
    with (
        subprocess.Popen(  # noqa: S603 our own arguments; mirrors come from this machine's apt
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "TMPDIR": folder},
        ) as process,
        _ended_with_its_children(process),
    ):
        for line in _lines(process):
            lines.append(line)
            if line.startswith(("I: ", "W: ", "E: ")):
                report(f"{line[3:]} ({time.monotonic() - started:.0f} s)")
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
    if process.returncode != 0:
        raise EngineError(
            say("mmdebstrap could not make the base image:\n{lines}", lines="\n".join(lines[-15:])),
            say("Is this machine online, and its clock right? Then run it again."),
        )


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Yield what ``process`` says, line by line, until it closes its output."""
    rest = b""
    output = process.stdout.fileno() if process.stdout else -1
    while select.select([output], [], [], _WORK_SILENCE_SECONDS)[0]:
        piece = os.read(output, 65536)
        if not piece:
            break
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace").rstrip()
    else:
        raise EngineError(
            say("mmdebstrap was silent for {seconds} s and was given up", seconds=f"{_WORK_SILENCE_SECONDS:g}"),
            say("Does this machine reach its Debian mirror (apt-get update), and is its disk well (dmesg)?"),
        )
    if rest:
        yield rest.decode(errors="replace").rstrip()


@contextmanager
def _ended_with_its_children(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End ``process`` and its session however the block ends; first politely, so that it tidies up."""
    try:
        yield
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                os.killpg(process.pid, sign)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_END_SECONDS)


def _mirror() -> Sequence[str]:
    """Return lines for sources.list from this machine's own apt, if its packages are Debian's; else the tool's own."""
    if shutil.which("apt-get") is None:
        return ()
    form = "$(ORIGIN)|$(LABEL)|$(CODENAME)|$(REPO_URI)"
    asked = subprocess.run(  # noqa: S603
        ["apt-get", "indextargets", "--format", form, "Created-By: Packages"],  # noqa: S607 apt is where PATH says
        capture_output=True,
        text=True,
        check=False,
    )
    return tuple(mirror_lines(asked.stdout.splitlines()))


def mirror_lines(targets: Sequence[str]) -> Iterator[str]:
    """Yield sources for trixie from ``origin|label|codename|URI`` lines of the host; none if it is not Debian's."""
    found: dict[str, str] = {}
    for line in targets:
        origin, label, codename, uri = (line.split("|") + [""] * 4)[:4]
        if origin == "Debian" and uri.startswith(("http://", "https://")) and "backports" not in codename:
            found.setdefault("security" if label == "Debian-Security" else "main", uri.rstrip("/"))
    if set(found) == {"main", "security"}:
        yield f"deb {found['main']} {_SUITE} main"
        yield f"deb {found['main']} {_SUITE}-updates main"
        yield f"deb {found['security']} {_SUITE}-security main"
