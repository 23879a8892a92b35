"""Phones: quiet while the app is in the background (XEP-0352), woken by push (XEP-0357)."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, ProofStep, Set, Site
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.text import Text, say


class MobileAnswers(Switchable):
    """Battery and wake-up calls."""

    max_devices: int = Field(
        default=10, ge=1, le=100, title="Devices woken, per person", description="Old ones are forgotten first."
    )


def contribute(answers: MobileAnswers, _site: Site) -> Contribution:
    """Return battery saving and push; the push services of the makers learn neither sender nor text."""
    return Contribution(
        modules=Modules(
            core=("cloud_notify", "csi_simple"),
            community=(
                "cloud_notify_encrypted",
                "cloud_notify_extensions",
                "cloud_notify_filters",
                "cloud_notify_priority_tag",
            ),
        ),
        settings={
            "push_max_devices": Set(answers.max_devices),
            "push_notification_with_body": Set(value=False),
            "push_notification_with_sender": Set(value=False),
        },
        proofs=(ProofStep("push", say("Push can be switched on"), prove_push),),
    )


PUSH = "urn:xmpp:push:0"


async def prove_push(bench: Bench) -> Text:
    """Switch push on and off for an app; that a phone wakes up only its maker's service can show."""
    where = {"jid": f"push.{bench.domain}", "node": "proof"}
    async with bench.log_in(bench.alice) as session:
        await session.request("set", element(f"{{{PUSH}}}enable", where))
        await session.request("set", element(f"{{{PUSH}}}disable", where))
    return say("accepted for an app")


FEATURE = Feature(
    name="mobile",
    title=say("Phones"),
    summary=say("Saves battery, and wakes phones by way of the app's maker (needs federation)."),
    settings=MobileAnswers,
    contribute=contribute,
    xeps=("XEP-0352", "XEP-0357"),
)
