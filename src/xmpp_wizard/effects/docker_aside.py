"""A command in a container of its own, which ends with it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from xmpp_wizard.core.containers import CommandResult, Report
from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.docker_api import Engine, translated

_Heard: TypeAlias = "SimpleQueue[bytes | BaseException | None]"


def aside_config(config: Mapping[str, Any], command: Sequence[str], user: str) -> dict[str, Any]:
    """Return the ``config`` of a container for one run of ``command`` as ``user``, without a single capability."""
    host = {**config["HostConfig"], "CapAdd": [], "RestartPolicy": {"Name": "no"}}
    one_run = {"Entrypoint": list(command), "Cmd": [], "User": user, "Healthcheck": {"Test": ["NONE"]}}
    return {**config, **one_run, "HostConfig": host}


def run_aside(engine: Engine, name: str, report: Report, silence_seconds: float) -> CommandResult:
    """Start the container, pass on the lines of its output, and wait for its end.

    Raises:
        EngineError: it cannot be started, or said nothing for too long.
    """
    with translated(say("cannot run {name}", name=name)):
        engine.api.start(name)
        # its log, as who attaches to one that has ended already waits for ever
        stream: Any = engine.api.logs(name, stderr=False, stream=True, follow=True)
    heard: _Heard = SimpleQueue()
    threading.Thread(target=_listen, args=(stream, heard), daemon=True).start()
    output = _collect(name, heard, report, silence_seconds)
    with translated(say("cannot run {name}", name=name)):
        status = int(engine.api.wait(name, timeout=round(silence_seconds))["StatusCode"])
        errors: bytes = engine.api.logs(name, stdout=False)
    return CommandResult(status, output.decode(errors="replace"), errors.decode(errors="replace"))


def _listen(stream: Any, heard: _Heard) -> None:  # noqa: ANN401 the library's generator
    """Carry over what comes, in a thread of its own: the library waits for it without a limit."""
    try:
        for piece in stream:
            heard.put(piece)
    except Exception as error:  # noqa: BLE001 whatever it is, who waits must hear of it
        heard.put(error)
    else:
        heard.put(None)


def _collect(name: str, heard: _Heard, report: Report, silence_seconds: float) -> bytes:
    output, told = bytearray(), 0
    while True:
        try:
            piece = heard.get(timeout=silence_seconds)
        except Empty as error:
            seconds = f"{silence_seconds:g}"
            raise EngineError(say("{name} has said nothing for {seconds} s", name=name, seconds=seconds)) from error
        if piece is None:
            return bytes(output)
        if isinstance(piece, BaseException):
            raise EngineError(say("the engine does not say how {name} goes on", name=name)) from piece
        output += piece
        end = output.rfind(b"\n") + 1
        for line in bytes(output[told:end]).splitlines():
            report(line.decode(errors="replace"))
        told = max(told, end)
