"""Contacts: who is there (RFC 6121), profiles and avatars (XEP-0054, XEP-0084, XEP-0163), blocking; always on."""

from __future__ import annotations

from xmpp_wizard.core.kit.bench import Bench, Session
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, ProofStep, Site
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.kit.stanzas import element, is_message, is_presence, message, presence
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.text import Text, say


class ContactsAnswers(Model):
    """Nothing to ask: every app expects it."""


def contribute(_answers: ContactsAnswers, _site: Site) -> Contribution:
    """Return contact lists, presence, profiles, avatars and blocking; pictures set by any app show in all."""
    return Contribution(
        modules=Modules(core=("blocklist", "pep", "presence", "private", "roster", "vcard4", "vcard_legacy")),
        proofs=PROOFS,
    )


ROSTER = "jabber:iq:roster"
VCARD = "vcard-temp"
PUBSUB = "http://jabber.org/protocol/pubsub"
AVATAR = "urn:xmpp:avatar:data"
BLOCKING = "urn:xmpp:blocking"


async def prove_contacts(bench: Bench) -> Text:
    """One asks the other to be a contact, is accepted, sees that they are there and has them in the list.

    Where a server makes its people contacts by itself there is nothing to ask for.
    """
    async with bench.log_in(bench.alice) as alice, bench.log_in(bench.bob) as bob:
        if not await _has_contact(alice, bench.bob.jid):
            await alice.send(presence(bench.bob.jid, "subscribe"))
            await bob.wait_for(is_presence(bench.alice.jid, "subscribe"), say("the wish to be a contact"))
            await bob.send(presence(bench.alice.jid, "subscribed"))
        await alice.wait_for(is_presence(bob.jid), say("presence of the new contact"))
        if not await _has_contact(alice, bench.bob.jid):
            raise failed(say("the new contact is not in the contact list"))
    return say("accepted, and seen to be there")


async def _has_contact(session: Session, jid: str) -> bool:
    contacts = await session.request("get", element(f"{{{ROSTER}}}query"))
    return any(
        item.get("jid") == jid and item.get("subscription") in ("to", "both")
        for item in contacts.iter(f"{{{ROSTER}}}item")
    )


async def prove_profile(bench: Bench) -> Text:
    """Save a profile and a picture on one device; others read the profile, the next device reads the picture."""
    name = element(f"{{{VCARD}}}vCard", {}, element(f"{{{VCARD}}}FN", text="Proof"))
    picture = element(f"{{{AVATAR}}}data", text="cHJvb2Y=")
    item = element(f"{{{PUBSUB}}}item", {"id": "1"}, picture)
    async with bench.log_in(bench.alice) as alice, bench.log_in(bench.bob) as bob:
        await alice.request("set", name)
        read = await bob.request("get", element(f"{{{VCARD}}}vCard"), bench.alice.jid)
        if read.findtext(f"{{{VCARD}}}FN") != "Proof":
            raise failed(say("the profile came back without its name"))
        publish = element(f"{{{PUBSUB}}}publish", {"node": AVATAR}, item)
        await alice.request("set", element(f"{{{PUBSUB}}}pubsub", {}, publish))
        async with bench.log_in(bench.alice) as tablet:
            wish = element(f"{{{PUBSUB}}}pubsub", {}, element(f"{{{PUBSUB}}}items", {"node": AVATAR}))
            answer = await tablet.request("get", wish)
        if answer.findtext(f".//{{{AVATAR}}}data") != picture.text:
            raise failed(say("the picture did not come back"))
    return say("profile and picture came back")


async def prove_blocking(bench: Bench) -> Text:
    """Block one device of somebody, so that other steps go on: nothing of it may arrive any more."""
    async with (
        bench.log_in(bench.bob) as bob,
        bench.log_in(bench.alice) as pest,
        bench.log_in(bench.alice) as friend,
    ):
        await pest.send(message(bob.jid, "proof: not yet blocked"))
        await bob.wait_for(is_message("proof: not yet blocked", pest.jid), say("a message before the blocking"))
        blocked = element(f"{{{BLOCKING}}}item", {"jid": pest.jid})
        await bob.request("set", element(f"{{{BLOCKING}}}block", {}, blocked))
        await pest.send(message(bob.jid, "proof: blocked"))
        # its answer shows that the server has dealt with the message before
        await pest.request("get", element("{http://jabber.org/protocol/disco#info}query"), bench.domain)
        await friend.send(message(bob.jid, "proof: still heard"))
        await bob.wait_for(is_message("proof: still heard", friend.jid), say("a message from somebody not blocked"))
        if any(map(is_message("proof: blocked"), bob.received())):
            raise failed(say("a message from somebody who is blocked arrived"))
    return say("nothing more of it arrives; others are still heard")


PROOFS = (
    ProofStep("contacts", say("Become contacts"), prove_contacts),
    ProofStep("profile", say("Profile and picture"), prove_profile),
    ProofStep("blocking", say("Block a pest"), prove_blocking),
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
