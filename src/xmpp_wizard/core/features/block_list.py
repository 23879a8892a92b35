"""Servers and addresses that are shut out for everybody here; always there, and empty at first."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.addresses import Party
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Set, Site
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.names import prosody_name
from xmpp_wizard.core.text import say


class BlockListAnswers(Model):
    """Whom nobody here hears from."""

    blocked: tuple[Party, ...] = Field(
        default=(),
        title="Blocked for everybody",
        description="Servers, each with all names below it, and single addresses: nothing comes from them, "
        "nothing goes to them.",
        examples=[["spam.example", "mallory@example.net"]],
    )


def contribute(answers: BlockListAnswers, _site: Site) -> Contribution:
    """Return the list, for every host that other servers reach."""
    if not answers.blocked:
        return Contribution()
    names = [name if "@" in name else prosody_name(name) for name in answers.blocked]
    return Contribution(modules_everywhere=Modules(community=("block_list",)), settings={"block_list": Set(names)})


FEATURE = Feature(
    name="block_list",
    title=say("Blocked servers"),
    summary=say("Servers and addresses that you shut out for all of your people."),
    settings=BlockListAnswers,
    contribute=contribute,
)
