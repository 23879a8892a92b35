"""A small Debian system made by mmdebstrap from a mirror: the host's own if it has Debian's packages."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.chatter import Chatter

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_SUITE = "trixie"
_SILENCE_SECONDS = 300.0
"""Told to say all that it does, mmdebstrap is never silent for that long unless a mirror or the disk hangs."""
_END_SECONDS = 10.0
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
_PATIENT = (
    "Acquire::Retries 3",
    "Acquire::Max-Pipeline-Depth 1000",
    "Acquire::http::Timeout 60",
    "Acquire::https::Timeout 60",
)
"""A connection that a mirror or a router between has forgotten is given up and made anew.

A file that is to be tried again while apt's queue (10 files) is full makes apt 2.6 and 3.0 turn in a circle, "Tried to
start delayed item …, but failed", until the disk or the memory is full: the queue is made longer than any list.
"""
_TRIES = 2


class _SilentError(EngineError):
    """It said nothing for too long; apt has been seen to hang once and to work right after."""


def run_mmdebstrap(archive: str, architecture: str, folder: str, report: Report) -> None:
    """Make the tar ``archive`` of a minimal system, with ``folder`` for all that is in between.

    Raises:
        EngineError: it failed, with its last lines, or it was silent for too long, twice.
    """
    command = _command(archive, architecture)
    for left in reversed(range(_TRIES)):
        try:
            _run(command, folder, report)
        except _SilentError as error:
            if not left:
                raise
            report(f"{error.text}; trying once more")
            Path(archive).unlink(missing_ok=True)
        else:
            return


def _command(archive: str, architecture: str) -> list[str]:
    return [
        "mmdebstrap",
        "--verbose",
        "--variant=minbase",
        "--components=main",
        f"--architectures={architecture}",
        f"--keyring={KEYRING}",
        *(f"--dpkgopt={option}" for option in _SLIM),
        *(f"--aptopt={option}" for option in _PATIENT),
        # tests and builds fetch their own lists; caches would be a fifth of the image
        '--customize-hook=rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*; find "$1"/var/log -type f -delete',
        _SUITE,
        archive,
        *_mirror(),
    ]


def _run(command: Sequence[str], folder: str, report: Report) -> None:
    started = time.monotonic()

    def tell(line: str) -> None:
        if line.startswith(("I: ", "W: ", "E: ")):
            report(f"{line[3:]} ({time.monotonic() - started:.0f} s)")

    said = Chatter(tell, _SILENCE_SECONDS)
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
        try:
            for line in _lines(process):
                said.hear(line)
        except TimeoutError:
            raise _SilentError(
                say("mmdebstrap was silent for {seconds} s and was given up", seconds=f"{_SILENCE_SECONDS:g}"),
                say("Does this machine reach its Debian mirror (apt-get update), and is its disk well (dmesg)?"),
            ) from None
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
    if process.returncode != 0:
        raise EngineError(
            say("mmdebstrap could not make the base image:\n{lines}", lines="\n".join(list(said.lines)[-15:])),
            say("Is this machine online, and its clock right? Then run it again."),
        )


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Yield what ``process`` says, line by line, until it closes its output.

    Raises:
        TimeoutError: it said nothing for too long.
    """
    rest = b""
    output = process.stdout.fileno() if process.stdout else -1
    while select.select([output], [], [], _SILENCE_SECONDS)[0]:
        piece = os.read(output, 65536)
        if not piece:
            break
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace").rstrip()
    else:
        raise TimeoutError
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
