"""Every way in which this program says no: a stable code, an exit status, what happened and what to do next.

Exit statuses: 0 done, 2 ``plan`` found changes, 3 an outside effect failed, 4 answers wrong,
5 a person is needed, 6 rolled back, 64 usage, 70 a bug in this program.
"""

from __future__ import annotations

from typing import ClassVar

from xmpp_wizard.core.text import NOTHING, Text


class WizardError(Exception):
    """Root of all expected failures: ``text`` is what happened, ``hint`` the next thing to do."""

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 3

    def __init__(self, text: Text, hint: Text = NOTHING) -> None:
        """Keep both sentences untranslated; the front ends choose the language."""
        super().__init__(text, hint)
        self.text = text
        self.hint = hint

    def __str__(self) -> str:
        """Return what happened, in English."""
        return str(self.text)


class AnswersError(WizardError):
    """The answers cannot be used; every wrong value is in the text, a line each."""

    code = "answers"
    exit_status = 4


class ConflictError(AnswersError):
    """Two features want different values for one setting; both are named."""

    code = "conflict"


class EffectError(WizardError):
    """Something outside this program failed."""

    code = "effect"


class EngineError(EffectError):
    """The container engine does not answer, refuses, or failed at what it was asked."""

    code = "engine"


class BuildError(EngineError):
    """A container image could not be built; the last lines of the build are in the text."""

    code = "build"


class DnsProviderError(EffectError):
    """Whoever keeps the DNS records did not take a change, or did not publish it."""

    code = "dns-provider"


class DnsRefusedError(DnsProviderError):
    """It refuses the token, the key or the change: nothing of it was done, waiting does not help, a person must act."""

    code = "dns-refused"


class NameTakenError(DnsRefusedError):
    """A name that was to be had for free belongs to somebody else."""

    code = "name-taken"


class DiskError(EffectError):
    """A file could not be read or written: no space, read-only, no permission."""

    code = "disk"


class HealthError(EffectError):
    """The server does not serve what it should after a change."""

    code = "health"


class LockedError(WizardError):
    """Another run of this program works on the same server."""

    code = "locked"
    exit_status = 5


class NeedsPersonError(WizardError):
    """Nothing was done, because a person has to decide or to act first."""

    code = "needs-person"
    exit_status = 5


class EditedError(NeedsPersonError):
    """Files that this program writes were changed by hand."""

    code = "edited"


class DestroysError(NeedsPersonError):
    """The plan destroys something and nobody has said yes to that."""

    code = "destroys"


class ObstacleError(NeedsPersonError):
    """Something on the host stands in the way, such as a port that another program holds."""

    code = "obstacle"


class NotRootError(NeedsPersonError):
    """The caller is not allowed to look at or change the server."""

    code = "not-root"


class NotSetUpError(NeedsPersonError):
    """There is no server on this host yet."""

    code = "not-set-up"


class StoppedError(NeedsPersonError):
    """A person stopped the work; what was done stays valid and the next run goes on."""

    code = "stopped"


class RolledBackError(WizardError):
    """A change failed and the last good generation runs again."""

    code = "rolled-back"
    exit_status = 6


class RollbackFailedError(EffectError):
    """A change failed and the last good generation could not be put back either."""

    code = "rollback-failed"


class ProofFailedError(WizardError):
    """A proof step did not see what a user must see."""

    code = "proof"


class RefusedError(ProofFailedError):
    """The server understood and said no, which is what some proof steps want to see."""


class UsageError(WizardError):
    """The command line makes no sense."""

    code = "usage"
    exit_status = 64
