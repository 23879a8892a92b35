"""A directory of people who want to be found by others of their domain (XEP-0055); nobody is in it unasked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from pydantic import Field

from xmpp_wizard.core.kit.bench import Bench, Session
from xmpp_wizard.core.kit.feature import Component, Contribution, Feature, Modules, Preset, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import failed, features_of, form, has_feature
from xmpp_wizard.core.kit.stanzas import bare, element
from xmpp_wizard.core.model import OrChosen, Switchable
from xmpp_wizard.core.names import OwnDomain, prosody_name
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset()
SEARCH = "jabber:iq:search"
COMMANDS = "http://jabber.org/protocol/commands"
CHOICE = "urn:xmpp-wizard:directory"


class DirectoryAnswers(Switchable):
    """People who want to be found say so in their app; only others of the same domain can search."""

    host: OrChosen[OwnDomain] = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: search. below it.",
        examples=["people.example.org"],
    )
    most_found: int = Field(
        default=20, ge=1, le=200, title="Found at once", description="So many people at most come of one search."
    )
    searches_each_minute: int = Field(
        default=10,
        ge=1,
        le=600,
        title="Searches of one person (each minute)",
        description="Who asks more often has to wait: nobody is to copy the directory name by name.",
    )


def contribute(answers: DirectoryAnswers, site: Site) -> Contribution:
    """Return the directory of the domain and the service by which apps search in it, without a way in from outside."""
    return Contribution(
        modules=Modules(community=("directory",)),
        components=(
            Component(
                host=_host(answers, site),
                module="directory_search",
                title=str(say("Directory of people")),
                modules=Modules(by_option=("directory_search",)),
                settings={
                    "directory_search_most": Set(answers.most_found),
                    "directory_search_each_minute": Set(answers.searches_each_minute),
                },
                # people reach it through their own server, so it needs neither DNS nor a certificate
                federates=False,
                is_certified=False,
            ),
        ),
        proofs=(ProofStep("directory", say("Be found by name"), partial(prove_directory, answers, site)),),
    )


def _host(answers: DirectoryAnswers, site: Site) -> str:
    return site.service_host("search", answers.host)


async def prove_directory(answers: DirectoryAnswers, site: Site, bench: Bench) -> Text:
    """Who wants to be is found by the beginning of a name; who does not want to any more, is not.

    One search shows both: a person may search only so often, and where accounts are made elsewhere every proof has the
    same two people.
    """
    service = prosody_name(_host(answers, replace(site, domain=bench.domain)))
    async with bench.log_in(bench.alice) as alice, bench.log_in(bench.bob) as bob:
        if not has_feature(await features_of(bob, service), SEARCH):
            raise failed(say("{service} is no directory", service=service))
        name = proof_name(alice.jid)
        for one, listed in ((alice, "1"), (bob, "1"), (bob, "0")):
            await _choose(one, bench.domain, {"listed": listed, "nick": f"{name} of the directory"})
        found = await _search(bob, service, name[:-1].lower())
        await _choose(alice, bench.domain, {"listed": "0", "nick": f"{name} of the directory"})
    if bare(bob.jid) in found:
        raise failed(say("somebody is found who does not want to be"))
    if bare(alice.jid) not in found:
        raise failed(say("somebody who wants to be found is not found"))
    return say("found when wished for, and only then")


def proof_name(jid: str) -> str:
    """Return a name that nobody else has, as proofs may run side by side: of one word, whatever the device is called.

    Of two words the last could be so short that its beginning is not searched for.
    """
    return "Proof" + "".join(sign for sign in jid.rpartition("/")[2] if sign.isalnum())


async def _choose(session: Session, domain: str, fields: Mapping[str, str]) -> None:
    """Fill in the command by which people choose whether they are found (XEP-0050)."""
    wish = form(CHOICE, fields)
    command = element(f"{{{COMMANDS}}}command", {"node": f"{CHOICE}:own", "action": "complete"}, wish)
    await session.request("set", command, domain)


async def _search(session: Session, service: str, name: str) -> set[str]:
    """Return the addresses that the directory finds."""
    found = await session.request(
        "set", element(f"{{{SEARCH}}}query", {}, element(f"{{{SEARCH}}}nick", text=name)), service
    )
    return {item.get("jid", "") for item in found.iter(f"{{{SEARCH}}}item")}


FEATURE = Feature(
    name="directory",
    title=say("Directory of people"),
    summary=say("People who want to are found by name on your server; nobody is in it unasked."),
    settings=DirectoryAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0055",),
)
