"""Time, from the system's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """:class:`~xmpp_wizard.core.ports.Clock` of this machine."""

    def now(self) -> datetime:
        """Return the present, in UTC."""
        return datetime.now(UTC)

    def timestamp(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds since some moment; a clock that is set does not change them."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; signals interrupt it."""
        time.sleep(seconds)
