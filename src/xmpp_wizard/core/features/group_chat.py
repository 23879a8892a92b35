"""Group chat (XEP-0045) with message history (XEP-0313)."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.feature import Component, Contribution, Feature, Modules, Set, Site
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import OwnDomain
from xmpp_wizard.core.records import address_record, federation_records
from xmpp_wizard.core.text import say


class GroupChatAnswers(Switchable):
    """Rooms for your people."""

    host: OwnDomain | None = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: groups. below it.",
        examples=["rooms.example.org"],
    )
    history_days: int | None = Field(
        default=None,
        ge=0,
        le=3650,
        title="Keep room history (days)",
        description="0 keeps none; left out, the security level decides.",
        examples=[30],
    )


def contribute(answers: GroupChatAnswers, site: Site) -> Contribution:
    """Return one service of private rooms: for members only, not listed, real addresses visible for OMEMO."""
    days = answers.history_days
    host = site.service_host("groups", answers.host)
    return Contribution(
        components=(
            Component(
                host=host,
                module="muc",
                title=str(say("Groups")),
                modules=Modules(core=() if days == 0 else ("muc_mam",), community=("muc_moderation", "muc_limits")),
                settings={
                    "restrict_room_creation": Set("local"),
                    "muc_room_default_members_only": Set(value=True),
                    "muc_room_default_public": Set(value=False),
                    "muc_room_default_persistent": Set(value=True),
                    "muc_room_default_public_jids": Set(value=True),
                    "muc_room_default_allow_member_invites": Set(value=True),
                    **({"muc_log_expires_after": Set(f"{days}d")} if days else {}),
                },
            ),
        ),
        records=(address_record(host), *federation_records(site, host)),
    )


FEATURE = Feature(
    name="group_chat",
    title=say("Group chat"),
    summary=say("Rooms for your people, with history for those who were away."),
    settings=GroupChatAnswers,
    contribute=contribute,
    xeps=("XEP-0045", "XEP-0249", "XEP-0313", "XEP-0410", "XEP-0421", "XEP-0425"),
)
