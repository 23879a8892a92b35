"""Nothing from strangers on other servers but the wish to become a contact."""

from __future__ import annotations

from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, Site
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.text import say

PRESETS: frozenset[Preset] = frozenset()


class StrangersAnswers(Switchable):
    """Peace for everybody here."""


def contribute(_answers: StrangersAnswers, _site: Site) -> Contribution:
    """Return the filter; people of this server reach each other as ever."""
    return Contribution(modules=Modules(community=("strangers",)))


FEATURE = Feature(
    name="strangers",
    title=say("Contacts only"),
    summary=say("From other servers only contacts can write; strangers can ask to become one."),
    settings=StrangersAnswers,
    contribute=contribute,
    presets=PRESETS,
)
