"""What is sent without end-to-end encryption (OMEMO, XEP-0384): nothing said, a hint to the sender, or refused."""

from __future__ import annotations

from functools import partial
from typing import Literal, TypeAlias

from pydantic import Field

from xmpp_wizard.core.addresses import Party
from xmpp_wizard.core.kit.bench import Bench, Session
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.kit.stanzas import CLIENT, body, error_words, is_message, message, plain_message
from xmpp_wizard.core.model import OrChosen, Switchable
from xmpp_wizard.core.names import prosody_name
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.values import Wording

Policy: TypeAlias = Literal["none", "optional", "required"]
PRESETS: frozenset[Preset] = frozenset()
HINT = say("This message was sent without end-to-end encryption. Please switch on OMEMO.")
REFUSAL = say("Only messages with end-to-end encryption are passed on here. Please switch on OMEMO.")


class E2ePolicyAnswers(Switchable):
    """What becomes of messages that the server could read."""

    chat: Policy = Field(
        default="required",
        title="Chats",
        description="none: goes through. optional: goes through, and the sender is told. required: is sent back.",
    )
    rooms: Policy = Field(
        default="optional",
        title="Rooms",
        description="The same for rooms. Public channels hide addresses and so cannot be encrypted: exempt them.",
    )
    wording: OrChosen[Wording] = Field(
        default=None,
        max_length=500,
        title="What the sender is told",
        description="In your own words; left out: to switch on end-to-end encryption (OMEMO).",
        examples=["Please switch on OMEMO: the lock in your app."],
    )
    exempt: tuple[Party, ...] = Field(
        default=(),
        title="Exemptions",
        description="People, rooms, whole services or servers, from and to whom all may be sent.",
        examples=[["helpdesk@example.org", "channels.example.org"]],
    )


def contribute(answers: E2ePolicyAnswers, _site: Site) -> Contribution:
    """Return the policy, on people's hosts and on services of rooms, where people of other servers write, too."""
    return Contribution(
        modules_everywhere=Modules(community=("e2e_policy",)),
        settings={
            "e2e_policy_chat": Set(answers.chat),
            "e2e_policy_rooms": Set(answers.rooms),
            "e2e_policy_hint": Set(answers.wording or str(HINT)),
            "e2e_policy_refusal": Set(answers.wording or str(REFUSAL)),
            "e2e_policy_exempt": Set([_party(party) for party in answers.exempt]),
        },
        proofs=_proofs(answers),
    )


def _party(party: str) -> str:
    local, at, domain = party.rpartition("@")
    return f"{local}{at}{prosody_name(domain)}"


SEALED = "proof: for your eyes only"
READABLE = "proof: for all to read"


async def prove_chat(answers: E2ePolicyAnswers, bench: Bench) -> Text:
    """Write to somebody with encryption and without it; see what arrives, and what the sender is told."""
    async with bench.log_in(bench.alice) as alice, bench.log_in(bench.bob) as bob:
        await alice.send(plain_message(bench.bob.jid, READABLE))
        await alice.send(message(bench.bob.jid, SEALED))
        await bob.wait_for(is_message(SEALED), say("an encrypted message"))
        has_arrived = any(map(is_message(READABLE), bob.received()))
        if _is_exempt(answers, bench):
            if not has_arrived:
                raise failed(say("a message that may be sent without encryption did not arrive"))
            return say("exempt: both messages arrived")
        if has_arrived == (answers.chat == "required"):
            raise failed(say("a message without encryption was not treated as the policy says"))
        return await _told(alice, bench.bob.jid, answers.chat)


async def prove_rooms(answers: E2ePolicyAnswers, bench: Bench) -> Text:
    """Write into a room without encryption; that there is no such room is only looked at later."""
    room = f"xw-proof@{bench.domain}"
    async with bench.log_in(bench.alice) as alice:
        await alice.send(plain_message(room, READABLE, "groupchat"))
        if _is_exempt(answers, bench):
            return say("exempt")
        return await _told(alice, room, answers.rooms)


def _is_exempt(answers: E2ePolicyAnswers, bench: Bench) -> bool:
    return bench.domain in answers.exempt


async def _told(sender: Session, to: str, policy: Policy) -> Text:
    """Wait for what the sender of a readable message must be told."""
    if policy == "optional":
        host = sender.jid.partition("@")[2].partition("/")[0]
        await sender.wait_for(
            lambda stanza: stanza.get("from") == host and bool(body(stanza)), say("the hint to encrypt")
        )
        return say("passed on with a hint; encrypted passed on")
    error = await sender.wait_for(
        lambda stanza: stanza.tag == f"{{{CLIENT}}}message" and stanza.get("type") == "error",
        say("the refusal of a message without encryption"),
    )
    if error.get("from") != to or not error_words(error).startswith("policy-violation"):
        raise failed(say("a message without encryption came back for another reason: {why}", why=error_words(error)))
    return say("readable refused, encrypted passed on")


def _proofs(answers: E2ePolicyAnswers) -> tuple[ProofStep, ...]:
    steps = []
    if answers.chat != "none":
        steps.append(ProofStep("e2e_chat", say("Encryption in chats"), partial(prove_chat, answers)))
    if answers.rooms != "none":
        steps.append(ProofStep("e2e_rooms", say("Encryption in rooms"), partial(prove_rooms, answers)))
    return tuple(steps)


FEATURE = Feature(
    name="e2e_policy",
    title=say("End-to-end encryption"),
    summary=say("Messages that the server could read are refused, or their senders are told."),
    settings=E2ePolicyAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0027", "XEP-0374", "XEP-0384"),
)
