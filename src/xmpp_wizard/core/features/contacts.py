"""Contacts: who is there (RFC 6121), profiles and avatars (XEP-0054, XEP-0084, XEP-0163), blocking; always on."""

from __future__ import annotations

from xmpp_wizard.core.feature import Contribution, Feature, Modules, Site
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.text import say


class ContactsAnswers(Model):
    """Nothing to ask: every app expects it."""


def contribute(_answers: ContactsAnswers, _site: Site) -> Contribution:
    """Return contact lists, presence, profiles, avatars and blocking; pictures set by any app show in all."""
    return Contribution(
        modules=Modules(core=("blocklist", "pep", "presence", "private", "roster", "vcard4", "vcard_legacy"))
    )


FEATURE = Feature(
    name="contacts",
    title=say("Contacts"),
    summary=say("Contact lists, who is there, profiles with pictures, and blocking of pests."),
    settings=ContactsAnswers,
    contribute=contribute,
    xeps=(
        "RFC 6121",
        "XEP-0049",
        "XEP-0054",
        "XEP-0084",
        "XEP-0153",
        "XEP-0163",
        "XEP-0191",
        "XEP-0292",
        "XEP-0398",
    ),
)
