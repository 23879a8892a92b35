"""Reports of spam and abuse (XEP-0377): seen by the admins, and passed on to where it came from."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.addresses import Party
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import expect_feature
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))
REPORTING = "urn:xmpp:reporting:1"


class SpamReportsAnswers(Switchable):
    """What becomes of a report; the admins get every one as a message."""

    tell_the_senders_server: bool = Field(
        default=True,
        title="Tell the sender's server",
        description="Its admins can then stop the spammer; they learn who was written to, and the message.",
    )
    forward_to: tuple[Party, ...] = Field(
        default=(),
        title="Also forward reports to",
        description="Addresses of services that collect reports, such as one that keeps a list of spammers.",
        examples=[["report@spamlist.example"]],
    )


def contribute(answers: SpamReportsAnswers, _site: Site) -> Contribution:
    """Return reporting, the notice to the admins, and what passes reports on."""
    forwards = answers.tell_the_senders_server or answers.forward_to
    return Contribution(
        modules=Modules(
            community=("spam_notices", "spam_reporting", *(("report_forward",) if forwards else ())),
        ),
        settings={
            "report_forward_to_origin": Set(answers.tell_the_senders_server),
            **({"report_forward_to": Set(answers.forward_to)} if answers.forward_to else {}),
        }
        if forwards
        else {},
        proofs=PROOFS,
    )


async def prove_reports(bench: Bench) -> Text:
    """See that apps are offered the button for reports; pressing it would write to the admins after every change."""
    await expect_feature(bench, REPORTING, say("apps are not told that spam can be reported"))
    return say("apps can report spam")


PROOFS = (ProofStep("spam_reports", say("Spam can be reported"), prove_reports),)


FEATURE = Feature(
    name="spam_reports",
    title=say("Spam reports"),
    summary=say("People report spam from their app; you see it, and so does where it came from."),
    settings=SpamReportsAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0191", "XEP-0377"),
)
