"""The connection to the container engine, and its errors in our words."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.text import Text, say

if TYPE_CHECKING:
    from docker import APIClient

_QUICK_SECONDS = 60
"""No answer to a short question takes longer, even on a busy Raspberry Pi."""


class Engine:
    """Connects when it is first used: loading the library costs more than most commands do."""

    def __init__(self) -> None:
        """Connect later."""
        self._connected: dict[int, APIClient] = {}

    @property
    def api(self) -> APIClient:
        """Return this process's connection to what ``DOCKER_HOST`` names, else to the engine of this host.

        A forked worker gets one of its own: on a shared one, each would read the other's answers.

        Raises:
            EngineError: the engine does not answer or does not let us in.
        """
        pid = os.getpid()
        if pid not in self._connected:
            with translated(say("the container engine cannot be reached")):
                connection = _connect()
            weakref.finalize(self, connection.close)
            self._connected = {pid: connection}
        return self._connected[pid]


def _connect() -> APIClient:
    from docker import APIClient  # noqa: PLC0415
    from docker.utils import kwargs_from_env  # noqa: PLC0415

    return APIClient(**kwargs_from_env(), timeout=_QUICK_SECONDS)


@contextmanager
def translated(what: Text) -> Iterator[None]:
    """Turn whatever the library raises in the block into an EngineError that begins with ``what``."""
    from docker.errors import APIError, DockerException  # noqa: PLC0415 see Engine
    from requests import RequestException  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        yield
    except APIError as error:
        raise _error(what, str(error.explanation or error)) from error
    except (DockerException, RequestException, HTTPError, OSError) as error:
        text, hint = _unreachable(error)
        raise EngineError(text, hint) if text else _error(what, str(error)) from error


def is_missing(error: EngineError) -> bool:
    """Say whether the engine answered that there is no such thing."""
    return _status(error) == HTTPStatus.NOT_FOUND


def is_conflict(error: EngineError) -> bool:
    """Say whether the engine answered that something is in use or in the wrong state."""
    return _status(error) == HTTPStatus.CONFLICT


def is_answer(error: EngineError) -> bool:
    """Say whether the engine did answer, if only with a refusal."""
    return _status(error) != 0


def is_silence(error: EngineError) -> bool:
    """Say whether nothing more came from the engine within the time that was given to it."""
    return any(isinstance(cause, TimeoutError) for cause in _causes(error))


def _status(error: EngineError) -> int:
    found = getattr(error.__cause__, "status_code", None)
    return found if isinstance(found, int) else 0


def _error(what: Text, reason: str) -> EngineError:
    return EngineError(say("{what}: {reason}", what=what, reason=reason.strip()), _hint(reason))


def _hint(reason: str) -> Text:
    if "no space left" in reason.lower():
        return say("Make room on the disk: docker system df shows what takes it, docker system prune frees it.")
    return say("The engine's own log may say more: journalctl -u docker, or /var/log/dockerd.log.")


def _unreachable(error: BaseException) -> tuple[Text, Text]:
    """Find out why there is no connection; two empty texts if that is not it."""
    for cause in _causes(error):
        if isinstance(cause, PermissionError):
            return (
                say("the container engine does not let this user in"),
                say("Run it as root: put sudo before the command."),
            )
        if isinstance(cause, FileNotFoundError | ConnectionRefusedError):
            return say("the container engine is not running"), _how_to_start()
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return say("the container engine went away"), _how_to_start()
        if isinstance(cause, TimeoutError):
            return say("the container engine does not answer"), _how_to_start()
    return Text(""), Text("")


def _how_to_start() -> Text:
    if os.environ.get("DOCKER_HOST"):
        return say("DOCKER_HOST is {value}: is that right?", value=os.environ["DOCKER_HOST"])
    if Path("/run/systemd/system").is_dir():
        return say("Start it: sudo systemctl start docker")
    return say("Start it: run install.sh again, it starts what does not run.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and whatever is wrapped in it, by ``raise … from`` or as an argument."""
    found: list[BaseException] = [error]
    for _ in range(50):
        if not found:
            return
        current = found.pop(0)
        yield current
        found += [inner for inner in (current.__cause__, current.__context__) if inner is not None]
        found += [inner for inner in current.args if isinstance(inner, BaseException)]
