"""Lists of spammers that others keep, followed as they change (XEP-0060): "real-time block lists"."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, Set, Site
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import Domain, prosody_name
from xmpp_wizard.core.text import say

PRESETS: frozenset[Preset] = frozenset(("public",))


class SpamListsAnswers(Switchable):
    """Whose word on spammers is taken."""

    lists: tuple[Domain, ...] = Field(
        default=("xmppbl.org",),
        min_length=1,
        title="Lists of spammers",
        description="Services that tell your server which servers and addresses send spam. They learn that your "
        "server is there, and nothing about your people.",
    )


def contribute(answers: SpamListsAnswers, _site: Site) -> Contribution:
    """Return the subscription; contacts are let through whatever the lists say."""
    return Contribution(
        modules=Modules(community=("spam_lists",)),
        settings={"spam_lists": Set([prosody_name(name) for name in answers.lists])},
    )


FEATURE = Feature(
    name="spam_lists",
    title=say("Lists of spammers"),
    summary=say("Known spammers on other servers cannot write to your people."),
    settings=SpamListsAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0060",),
)
