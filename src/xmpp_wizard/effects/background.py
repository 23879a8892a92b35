"""Work that outlives its terminal: a process in a session of its own, adopted by process 1."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say

_BUG = 70


class ForkedBackground:
    """:class:`~xmpp_wizard.core.ports.Background` by a double fork."""

    def start(self, work: Callable[[], int]) -> int:
        """Run ``work`` detached; its exit status is what ``work`` returns, 70 if it raises."""
        # what is buffered now would come out twice
        sys.stdout.flush()
        sys.stderr.flush()
        receiver, sender = os.pipe()
        try:
            child = os.fork()
        except OSError as error:
            os.close(receiver)
            os.close(sender)
            raise EffectError(
                say("cannot start the work in the background: {reason}", reason=error.strerror),
                say("Is there memory left? free -m tells."),
            ) from error
        if child == 0:
            _become_worker(sender, work)
        os.close(sender)
        with os.fdopen(receiver, "rb") as file:
            pid = int(file.read() or b"0")
        os.waitpid(child, 0)
        if not pid:
            raise EffectError(say("cannot start the work in the background"), say("Is there memory left?"))
        return pid

    def is_alive(self, pid: int) -> bool:
        """Say whether the process is there and not a zombie."""
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
                # the name before the state may have spaces and brackets of its own
                return file.read().rpartition(b")")[2].split()[0] not in {b"Z", b"X"}
        except (FileNotFoundError, ProcessLookupError):
            return False

    def own_pid(self) -> int:
        """Return this process's number."""
        return os.getpid()


def _become_worker(sender: int, work: Callable[[], int]) -> None:
    """Go on as the worker and never return; nothing of the parent's clean-up may run here."""
    status = _BUG
    try:
        os.setsid()
        if os.fork():
            status = 0
            return
        os.write(sender, str(os.getpid()).encode())
        os.close(sender)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(nowhere, handle)
        status = work()
    finally:
        os._exit(status)
