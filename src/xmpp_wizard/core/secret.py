"""A value that never shows itself: not in a log, a traceback, a repr or a formatted string."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Holds one secret; only :meth:`reveal` gives it away."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """Return the secret itself, for the one place that must have it."""
        return self._value

    def __str__(self) -> str:
        """Return a placeholder, so that formatting cannot leak."""
        return "(secret)"
