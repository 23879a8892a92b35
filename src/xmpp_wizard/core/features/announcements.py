"""Words of the house: a welcome to new people, a word at each log-in, and announcements by the admins (XEP-0133)."""

from __future__ import annotations

from functools import partial

from pydantic import Field

from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, ProofStep, Set, Settings, Site
from xmpp_wizard.core.kit.stanzas import is_message
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.values import Wording

LONGEST = 2000
"""Characters; a screen of a phone holds about half as many."""


class AnnouncementsAnswers(Switchable):
    """What the server itself says to your people."""

    welcome: Wording = Field(
        default="",
        max_length=LONGEST,
        title="Welcome to new people",
        description="Sent once, to each who makes an account; $username stands for the name. Empty: nothing is sent.",
        examples=["Hello $username! Ask Alice if anything is unclear."],
    )
    at_log_in: Wording = Field(
        default="",
        max_length=LONGEST,
        title="Word at each log-in",
        description="Sent to each app when it comes online, such as a warning of an outage. Empty: nothing is sent.",
        examples=["The server moves on Sunday at 10:00 and is away for an hour."],
    )


def contribute(answers: AnnouncementsAnswers, _site: Site) -> Contribution:
    """Return announcements for the admins, and the two texts where there are any."""
    settings: Settings = {
        **({"welcome_message": Set(answers.welcome)} if answers.welcome else {}),
        **({"motd_text": Set(answers.at_log_in)} if answers.at_log_in else {}),
    }
    spoken = (*(("welcome",) if answers.welcome else ()), *(("motd",) if answers.at_log_in else ()))
    told = partial(prove_word, answers.at_log_in)
    return Contribution(
        modules=Modules(core=("announce", *spoken)),
        settings=settings,
        proofs=(ProofStep("word_at_log_in", say("Word at log-in"), told),) if answers.at_log_in else (),
    )


async def prove_word(word: str, bench: Bench) -> Text:
    """Log in and wait for what everybody is told then."""
    async with bench.log_in(bench.alice) as alice:
        await alice.wait_for(is_message(word, bench.domain), say("the word at log-in"))
    return say("it came")


FEATURE = Feature(
    name="announcements",
    title=say("Announcements"),
    summary=say("The server welcomes new people, and the admins can write to everybody at once."),
    settings=AnnouncementsAnswers,
    contribute=contribute,
    xeps=("XEP-0133",),
)
