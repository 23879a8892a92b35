"""Shared contacts: people who are in each other's contact lists without asking; all of them, or in groups."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from xmpp_wizard.core.addresses import Admin
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import GUESTS, failed
from xmpp_wizard.core.kit.stanzas import element, is_presence
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.model import Model, Switchable
from xmpp_wizard.core.names import prosody_name, shown
from xmpp_wizard.core.text import Text, WrongValueError, say

PRESETS: frozenset[Preset] = frozenset(("family", "company"))


def parse_group(text: str) -> str:
    """Return ``text``, the name of a group as apps show it.

    Raises:
        ValueError: it is empty, or has invisible signs in it.
    """
    if not text or not text.isprintable():
        raise WrongValueError(say("{given} is no name that apps can show", given=shown(text)))
    return text


class ContactGroup(Model):
    """People who see each other."""

    name: Annotated[str, AfterValidator(parse_group)] = Field(
        max_length=60, title="Name", description="What apps show above these contacts, such as Board."
    )
    members: tuple[Admin, ...] = Field(
        min_length=1, title="Members", description="Names on the main domain, or whole addresses of this server."
    )


class SharedContactsAnswers(Switchable):
    """Who sees whom."""

    everyone: bool = Field(
        default=True,
        title="Everybody sees everybody",
        description="All of a domain are contacts, up to 200 accounts; who signed up uninvited, once you let them in. "
        "Otherwise: only who is in a group together.",
    )
    groups: tuple[ContactGroup, ...] = Field(
        default=(),
        title="Groups",
        description="Members of a group are each other's contacts. In one line: Board alice bob, Sales carol.",
        examples=[[{"name": "Board", "members": ["alice", "bob"]}]],
    )


def contribute(answers: SharedContactsAnswers, site: Site) -> Contribution:
    """Return the groups; accounts of a proof are a group for themselves, so that nobody gets to see them."""
    groups: list[LuaValue] = [
        {"name": group.name, "members": [_address(member, site) for member in group.members]}
        for group in answers.groups
    ]
    return Contribution(
        modules=Modules(community=("shared_contacts",)),
        settings={"shared_contacts": Set(groups), "shared_contacts_apart": Set(GUESTS)},
        host_settings={"shared_contacts_everyone": Set(site.title)} if answers.everyone else {},
        proofs=(ProofStep("shared_contacts", say("See each other without asking"), prove_shared_contacts),),
    )


def _address(member: str, site: Site) -> str:
    local, at, domain = member.partition("@")
    return f"{local}@{prosody_name(domain if at else site.main_domain)}"


ROSTER = "jabber:iq:roster"


async def prove_shared_contacts(bench: Bench) -> Text:
    """Somebody new is in the other one's list, and seen to be there, without either having asked."""
    async with bench.log_in(bench.alice) as alice:
        # asked for once, the list is kept up to date by the server
        await alice.request("get", element(f"{{{ROSTER}}}query"))
        async with bench.log_in(bench.bob) as bob:
            listed = await bob.request("get", element(f"{{{ROSTER}}}query"))
            found = {item.get("jid"): item.get("subscription") for item in listed.iter(f"{{{ROSTER}}}item")}
            if found.get(bench.alice.jid) != "both":
                raise failed(say("somebody from the same group is not in the contact list"))
            await alice.wait_for(is_presence(bob.jid), say("presence of somebody from the same group"))
            await bob.wait_for(is_presence(alice.jid), say("presence of somebody from the same group"))
    return say("in each other's list, and seen to be there")


FEATURE = Feature(
    name="shared_contacts",
    title=say("Shared contacts"),
    summary=say("Your people are in each other's contact lists from the start, without asking."),
    settings=SharedContactsAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 6121", "XEP-0140"),
)
