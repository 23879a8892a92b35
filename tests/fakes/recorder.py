"""What every fake has: a record of its calls, and failures on demand."""

from __future__ import annotations

from dataclasses import dataclass, field

from xmpp_wizard.core.errors import (
    WizardError,
)


@dataclass
class Recorder:
    """What was asked for, and what shall fail."""

    calls: list[str] = field(default_factory=list)
    fail_at: dict[str, WizardError] = field(default_factory=dict)

    def hit(self, verb: str, subject: str = "") -> None:
        """Write the call down and raise the error prepared for it."""
        call = f"{verb} {subject}".strip()
        self.calls.append(call)
        for key in (call, verb):
            if key in self.fail_at:
                raise self.fail_at[key]
