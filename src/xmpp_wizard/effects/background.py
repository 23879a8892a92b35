"""Work that outlives its terminal: a process in a session of its own, adopted by process 1."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

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

    def stop(self, pid: int) -> None:
        """Send SIGTERM, upon which the worker leaves its blocks one after the other."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)

    def own_pid(self) -> int:
        """Return this process's number."""
        return os.getpid()


def _leave(_number: int, _frame: object) -> None:
    """Unwind, so that temporary files and programs that were started go, too."""
    raise SystemExit


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
        # those of the parent are perhaps an event loop's
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, _leave)
        status = work()
    finally:
        os._exit(status)
