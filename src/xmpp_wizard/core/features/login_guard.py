"""Waiting for those who guess passwords; always on."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Set, Site
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.text import say


class LoginGuardAnswers(Model):
    """How many wrong passwords are taken."""

    attempts: int = Field(
        default=10,
        ge=3,
        le=1000,
        title="Wrong passwords from one address",
        description="After so many, nobody there can log in anew for a while; who is logged in stays so.",
    )
    minutes: int = Field(
        default=5, ge=1, le=1440, title="Waiting time (minutes)", description="In so long all attempts come back."
    )


def contribute(answers: LoginGuardAnswers, _site: Site) -> Contribution:
    """Return the guard of the log-in."""
    return Contribution(
        modules=Modules(community=("login_guard",)),
        settings={
            "login_guard_attempts": Set(answers.attempts),
            "login_guard_period": Set(f"{answers.minutes} minutes"),
        },
    )


FEATURE = Feature(
    name="login_guard",
    title=say("Guard of the log-in"),
    summary=say("Whoever guesses passwords has to wait; nobody is locked out by others."),
    settings=LoginGuardAnswers,
    contribute=contribute,
)
