"""Contact addresses of the people behind the server (XEP-0157); always on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from xmpp_wizard.core.feature import Contribution, Feature, Modules, Set, Site
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.names import address_uri
from xmpp_wizard.core.text import say

Uri = Annotated[str, Field(pattern=r"^(xmpp:[^@\s]+@|mailto:[^@\s]+@|https?://)[^\s]+$", max_length=500)]
Uris = tuple[Uri, ...]


class ContactAddressesAnswers(Model):
    """Whom to write to; web addresses and xmpp: or mailto: addresses."""

    abuse: Uris = Field(default=(), title="Abuse", description="Complaints; left out: the admins' addresses.")
    admin: Uris = Field(default=(), title="Admins", description="Left out: the admins' addresses.")
    security: Uris = Field(default=(), title="Security", description="Left out: the admins' addresses.")
    support: Uris = Field(default=(), title="Help", description="Left out: the admins' addresses.")
    feedback: Uris = Field(default=(), title="Feedback", description="Such as mailto:hello@example.org.")
    status: Uris = Field(default=(), title="Status page", description="Such as https://status.example.org/.")


def contribute(answers: ContactAddressesAnswers, site: Site) -> Contribution:
    """Return the addresses by role; without any, and without admins, nothing is told."""
    admins = tuple(map(address_uri, site.admins))
    roles: dict[str, LuaValue] = {
        "abuse": answers.abuse or admins,
        "admin": answers.admin or admins,
        "feedback": answers.feedback,
        "security": answers.security or admins,
        "status": answers.status,
        "support": answers.support or admins,
    }
    told = {role: addresses for role, addresses in roles.items() if addresses}
    if not told:
        return Contribution()
    return Contribution(modules=Modules(core=("server_contact_info",)), settings={"contact_info": Set(told)})


FEATURE = Feature(
    name="contact_addresses",
    title=say("Contact addresses"),
    summary=say("Tells people and other servers whom to write to, above all about abuse."),
    settings=ContactAddressesAnswers,
    contribute=contribute,
    xeps=("XEP-0157",),
)
