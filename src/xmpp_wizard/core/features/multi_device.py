"""Several devices: history (XEP-0313), carbons (XEP-0280), resuming (XEP-0198), quick log-in (XEP-0388); always on."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.feature import Contribution, Feature, Modules, Set, Site
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.text import say


class MultiDeviceAnswers(Model):
    """The same conversations on every device."""

    history_days: int | None = Field(
        default=None,
        ge=0,
        le=3650,
        title="Keep messages (days)",
        description="So long a new device can fetch old messages. 0 keeps none; left out, the security level decides.",
        examples=[30],
    )


def contribute(answers: MultiDeviceAnswers, _site: Site) -> Contribution:
    """Return the message archive, copies to all devices, stream resumption and log-in in one round trip."""
    days = answers.history_days
    return Contribution(
        modules=Modules(
            core=("bookmarks", "carbons", "offline", "smacks", *(() if days == 0 else ("mam",))),
            # each of them loads sasl2 and its siblings with module:depends
            community=("sasl2", "sasl2_bind2", "sasl2_fast", "sasl2_sm", "sasl_ssdp"),
        ),
        settings={
            "smacks_hibernation_time": Set("1 hour"),
            "smacks_max_queue_size": Set(1000),
            **(
                {}
                if days == 0
                else {
                    "default_archive_policy": Set(value=True),
                    "max_archive_query_results": Set(100),
                    # typing notices and call set-up are worth nothing later
                    "dont_archive_namespaces": Set(
                        ("http://jabber.org/protocol/chatstates", "urn:xmpp:jingle-message:0")
                    ),
                }
            ),
            **({"archive_expires_after": Set(f"{days}d")} if days else {}),
        },
    )


FEATURE = Feature(
    name="multi_device",
    title=say("Several devices"),
    summary=say("The same conversations on phone and computer, and nothing lost when the network fails."),
    settings=MultiDeviceAnswers,
    contribute=contribute,
    xeps=(
        "XEP-0048",
        "XEP-0160",
        "XEP-0198",
        "XEP-0280",
        "XEP-0313",
        "XEP-0386",
        "XEP-0388",
        "XEP-0402",
        "XEP-0440",
        "XEP-0474",
        "XEP-0484",
    ),
)
