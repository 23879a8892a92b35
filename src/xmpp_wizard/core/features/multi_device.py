"""Several devices: history (XEP-0313), carbons (XEP-0280), resuming (XEP-0198), quick log-in (XEP-0388); always on."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pydantic import Field

from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import failed, form
from xmpp_wizard.core.kit.stanzas import body, element, is_message, message
from xmpp_wizard.core.model import Model, OrByLevel
from xmpp_wizard.core.text import Text, say


class MultiDeviceAnswers(Model):
    """The same conversations on every device."""

    history_days: OrByLevel[int] = Field(
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
        proofs=PROOFS if days == 0 else (*PROOFS, HISTORY),
    )


CARBONS = "urn:xmpp:carbons:2"
ARCHIVE = "urn:xmpp:mam:2"
BOOKMARKS = "urn:xmpp:bookmarks:1"
PUBSUB = "http://jabber.org/protocol/pubsub"
CLIENT = "jabber:client"


async def prove_carbons(bench: Bench) -> Text:
    """Send a message on one device; the other one must show it too."""
    words = "proof: a carbon copy"

    def is_copy(stanza: Element) -> bool:
        copies = stanza.iterfind(f"{{{CARBONS}}}sent//{{{CLIENT}}}message")
        return any(body(copy) == words for copy in copies)

    async with bench.log_in(bench.alice) as phone, bench.log_in(bench.alice) as tablet:
        await tablet.request("set", element(f"{{{CARBONS}}}enable"))
        await phone.send(message(bench.bob.jid, words))
        await tablet.wait_for(is_copy, say("the copy of a message sent on another device"))
    return say("the second device has it too")


async def prove_history(bench: Bench) -> Text:
    """Send a message; a device that comes later reads it back from the archive."""
    words = "proof: history"
    async with bench.log_in(bench.alice) as alice, bench.log_in(bench.bob) as bob:
        await alice.send(message(bench.bob.jid, words))
        await bob.wait_for(is_message(words), say("the message that was sent"))

    def is_result(stanza: Element) -> bool:
        return any(body(kept) == words for kept in stanza.iterfind(f"{{{ARCHIVE}}}result//{{{CLIENT}}}message"))

    async with bench.log_in(bench.bob) as later:
        wish = element(f"{{{ARCHIVE}}}query", {}, form(ARCHIVE, {"with": bench.alice.jid}))
        await later.request("set", wish)
        # results come before the end of the query that was waited for
        if not any(map(is_result, later.received())):
            raise failed(say("a message that arrived is not in the archive"))
    return say("read back from the archive")


async def prove_bookmarks(bench: Bench) -> Text:
    """Remember a room on one device; the next one must know it."""
    room = f"proof@{bench.domain}"
    conference = element(f"{{{BOOKMARKS}}}conference", {"name": "Proof"})
    item = element(f"{{{PUBSUB}}}item", {"id": room}, conference)
    publish = element(f"{{{PUBSUB}}}publish", {"node": BOOKMARKS}, item)
    async with bench.log_in(bench.alice) as phone:
        await phone.request("set", element(f"{{{PUBSUB}}}pubsub", {}, publish))
    async with bench.log_in(bench.alice) as tablet:
        items = element(f"{{{PUBSUB}}}items", {"node": BOOKMARKS})
        answer = await tablet.request("get", element(f"{{{PUBSUB}}}pubsub", {}, items))
        if not any(found.get("id") == room for found in answer.iter(f"{{{PUBSUB}}}item")):
            raise failed(say("a room remembered on one device is not known on another"))
    return say("kept for the next device")


HISTORY = ProofStep("history", say("Read old messages"), prove_history)
PROOFS = (
    ProofStep("carbons", say("Second device gets copies"), prove_carbons),
    ProofStep("bookmarks", say("Rooms are remembered"), prove_bookmarks),
)


FEATURE = Feature(
    name="multi_device",
    title=say("Several devices"),
    summary=say("The same messages on phone and computer; nothing is lost if the network fails."),
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
