"""Commands inside a running container: with an input and an output, or with the terminal of this process."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.docker_api import Engine, translated

_STDERR = 2
_FRAME_HEADER = 8
_PIECE = 65536
_POLL_SECONDS = 0.02
_END_SECONDS = 5.0


class _Reader(Protocol):
    def read1(self, size: int, /) -> bytes: ...


def run_command(
    engine: Engine, name: str, command: Sequence[str], user: str, stdin: bytes, timeout_seconds: float
) -> CommandResult:
    """Run ``command``, give it ``stdin`` and wait for its end; output is decoded, wrong bytes replaced.

    Raises:
        EngineError: the container does not run, or the command took too long (it may still run then).
    """
    deadline = time.monotonic() + timeout_seconds
    with translated(say("cannot run {program} in {name}", program=command[0], name=name)):
        exec_id = _create(engine, name, command, user, has_input=bool(stdin), has_terminal=False)
        with _started(engine, exec_id, has_terminal=False) as (connection, reader):
            if stdin:
                threading.Thread(target=_feed, args=(connection, stdin), daemon=True).start()
            collected = {1: bytearray(), _STDERR: bytearray()}
            try:
                for stream, piece in _frames(connection, reader, deadline):
                    collected.setdefault(stream, bytearray()).extend(piece)
            except TimeoutError as error:
                raise EngineError(
                    say(
                        "{program} in {name} took longer than {seconds} s",
                        program=command[0],
                        name=name,
                        seconds=f"{timeout_seconds:g}",
                    ),
                    say("Look at its log: xmpp-wizard logs {name}", name=name),
                ) from error
        status = _status(engine, exec_id)
    return CommandResult(status, collected[1].decode(errors="replace"), collected[_STDERR].decode(errors="replace"))


def attach_command(engine: Engine, name: str, command: Sequence[str], user: str) -> int:
    """Run ``command`` with this process's terminal, or with its pipes where there is none; return its status.

    Raises:
        OSError: our output cannot be written, such as BrokenPipeError; that is no fault of the engine's.
        EngineError: it cannot be run, or the engine went away.
    """
    try:
        return _attach_command(engine, name, command, user)
    except _OutputError as error:
        raise error.reason from error


class _OutputError(Exception):
    """Our own output cannot be written; not an OSError, which the engine's errors are told from."""

    def __init__(self, reason: OSError) -> None:
        """Keep ``reason``."""
        super().__init__(str(reason))
        self.reason = reason


def _attach_command(engine: Engine, name: str, command: Sequence[str], user: str) -> int:
    has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    sys.stdout.flush()
    with translated(say("cannot run {program} in {name}", program=command[0], name=name)):
        exec_id = _create(engine, name, command, user, has_input=True, has_terminal=has_terminal)
        with _started(engine, exec_id, has_terminal=has_terminal) as (connection, reader):
            if has_terminal:
                with _raw_terminal(), _window(engine, exec_id):
                    _pass_on(connection, reader, has_terminal=True)
            else:
                _pass_on(connection, reader, has_terminal=False)
        return _status(engine, exec_id)


def _create(
    engine: Engine, name: str, command: Sequence[str], user: str, *, has_input: bool, has_terminal: bool
) -> str:
    environment = {"TERM": os.environ.get("TERM", "xterm")} if has_terminal else None
    made = engine.api.exec_create(
        name, list(command), stdin=has_input, tty=has_terminal, user=user, environment=environment
    )
    return str(made["Id"])


@contextmanager
def _started(engine: Engine, exec_id: str, *, has_terminal: bool) -> Iterator[tuple[socket.socket, _Reader]]:
    """Yield the connection and the buffer over it, which may already hold what came with the answer's head."""
    raw: Any = engine.api.exec_start(exec_id, tty=has_terminal, socket=True)
    # the library gives the bare socket only, and what is buffered would be lost
    response = raw._response  # noqa: SLF001
    connection: socket.socket = raw._sock  # noqa: SLF001
    try:
        yield connection, response.raw._fp.fp  # noqa: SLF001
    finally:
        response.close()
        connection.close()


def _status(engine: Engine, exec_id: str) -> int:
    """Return the exit status; the engine learns of the end a moment after the output has ended."""
    deadline = time.monotonic() + _END_SECONDS
    while True:
        found = engine.api.exec_inspect(exec_id)
        if found["ExitCode"] is not None and not found["Running"]:
            return int(found["ExitCode"])
        if time.monotonic() > deadline:
            raise EngineError(say("the engine does not say how the command ended"))
        time.sleep(_POLL_SECONDS)


def _feed(connection: socket.socket, data: bytes) -> None:
    """Write all, then say that it is all; a command that does not want it is its own business."""
    with suppress(OSError):
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)


def _frames(connection: socket.socket, reader: _Reader, deadline: float) -> Iterator[tuple[int, bytes]]:
    """Yield (1 stdout or 2 stderr, bytes) until the command has closed both.

    Raises:
        TimeoutError: the deadline came first.
    """
    pending = bytearray()
    while True:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        piece = reader.read1(_PIECE)
        if not piece:
            return
        pending += piece
        yield from _split(pending)


def _split(pending: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take whole frames off the front: stream number, three zeros, length (big endian), content."""
    while len(pending) >= _FRAME_HEADER:
        end = _FRAME_HEADER + int.from_bytes(pending[4:_FRAME_HEADER], "big")
        if len(pending) < end:
            return
        yield pending[0], bytes(pending[_FRAME_HEADER:end])
        del pending[:end]


def _pass_on(connection: socket.socket, reader: _Reader, *, has_terminal: bool) -> None:
    """Carry our input in and the command's output out until the command ends."""
    sender = threading.Thread(target=_send_input, args=(connection,), daemon=True)
    sender.start()
    connection.settimeout(None)
    pending = bytearray()
    while piece := reader.read1(_PIECE):
        if has_terminal:
            _write(1, piece)
        else:
            pending += piece
            for stream, content in _split(pending):
                _write(_STDERR if stream == _STDERR else 1, content)


def _send_input(connection: socket.socket) -> None:
    with suppress(OSError, ValueError):
        handle = sys.stdin.fileno()
        while True:
            select.select([handle], [], [])
            piece = os.read(handle, _PIECE)
            if not piece:
                connection.shutdown(socket.SHUT_WR)
                return
            connection.sendall(piece)


def _write(handle: int, data: bytes) -> None:
    try:
        while data:
            data = data[os.write(handle, data) :]
    except OSError as error:
        raise _OutputError(error) from error


@contextmanager
def _raw_terminal() -> Iterator[None]:
    """Let every key, Ctrl-C too, reach the command; put the terminal back whatever happens."""
    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    tty.setraw(handle)
    try:
        yield
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


@contextmanager
def _window(engine: Engine, exec_id: str) -> Iterator[None]:
    """Tell the command the size of the terminal, now and whenever it changes."""

    def resize(*_: object) -> None:
        size = shutil.get_terminal_size()
        with suppress(EngineError), translated(say("cannot set the size of the terminal")):
            engine.api.exec_resize(exec_id, height=size.lines, width=size.columns)

    resize()
    before = signal.signal(signal.SIGWINCH, resize)
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
