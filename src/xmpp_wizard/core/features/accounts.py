"""Accounts and admins: log-in, passwords, leaving (XEP-0077), admin commands (XEP-0133); always on."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pydantic import Field

from xmpp_wizard.core.kit.bench import Account, Bench
from xmpp_wizard.core.kit.feature import Add, Contribution, Feature, Modules, ProofStep, Set, Settings, Site
from xmpp_wizard.core.kit.proofs import expect_refusal, failed, way_in
from xmpp_wizard.core.kit.records import address_record, service_record
from xmpp_wizard.core.kit.stanzas import CLIENT, element, error_words, is_message, local_name, message
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import Text, say

CLIENT_PORT = 5222
"""Where apps knock without an SRV record (RFC 6120 3.2)."""


class AccountsAnswers(Model):
    """Accounts of your people."""

    undo_deletion_days: int = Field(
        default=7,
        ge=0,
        le=365,
        title="Undo a deletion for (days)",
        description="Somebody who deletes their own account can be brought back for so long; 0: gone at once.",
    )
    reserve_names_days: int = Field(
        default=60,
        ge=1,
        le=3650,
        title="Reserve names of deleted accounts (days)",
        description="So long nobody else gets the address, and with it the messages, of somebody who left.",
    )


def contribute(answers: AccountsAnswers, site: Site) -> Contribution:
    """Return log-in, account management and admin tools; nobody can register unless another feature lets them."""
    port = site.client_port
    return Contribution(
        modules=Modules(
            core=(
                "account_activity",
                "admin_adhoc",
                "admin_shell",
                "disco",
                "mimicking",
                "saslauth",
                "tls",
                "tombstones",
                "user_account_management",
            ),
            community=("password_policy", "reserved_names"),
        ),
        settings={
            "allow_registration": Set(value=False),
            "user_tombstone_expiry": Set(f"{answers.reserve_names_days}d"),
            **(
                {"registration_delete_grace_period": Set(f"{answers.undo_deletion_days}d")}
                if answers.undo_deletion_days
                else {}
            ),
        },
        host_settings=_reserved(site),
        records=(
            *(() if site.is_elsewhere else (address_record(site.domain),)),
            service_record("xmpp-client", site.domain, 10, port, is_required=port != CLIENT_PORT or site.is_elsewhere),
        ),
        proofs=PROOFS,
    )


def _reserved(site: Site) -> Settings:
    """Keep the admins' names: whoever has such an address is an admin, so no guest may choose it."""
    names = sorted({name for name, _, domain in (jid.partition("@") for jid in site.admins) if domain == site.domain})
    return {"reserved_names": Add(tuple(names))} if names else {}


SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
REGISTER = "jabber:iq:register"


async def prove_log_in(bench: Bench) -> Text:
    """Log in with STARTTLS; the password itself must not be sent."""
    async with bench.log_in(bench.alice) as session:
        if not session.mechanism.startswith("SCRAM-"):
            raise failed(say("the log-in was by {mechanism}, not by SCRAM", mechanism=session.mechanism))
        return way_in(session)


async def prove_message(bench: Bench) -> Text:
    """Send a message from one person to the other."""
    words = "proof: a message"
    async with bench.log_in(bench.alice) as alice, bench.log_in(bench.bob) as bob:
        await alice.send(message(bench.bob.jid, words))
        await bob.wait_for(is_message(words, bench.alice.jid), say("the message that was sent"))
    return say("it arrived")


async def prove_refusals(bench: Bench) -> Text:
    """Try to log in without encryption, with a wrong password, and as nobody: all must be refused."""
    plain = element(f"{{{SASL}}}auth", {"mechanism": "PLAIN"}, text="AHByb29mAHByb29m")
    stranger = await bench.ask_as_stranger(plain, encrypted=False)
    offered = [item.text for item in stranger.features.iter(f"{{{SASL}}}mechanism")]
    if offered or (stranger.answer is not None and local_name(stranger.answer) != "failure"):
        raise failed(
            say("passwords are taken without encryption; offered: {offered}", offered=offered or "nothing, but taken"),
            say("Is c2s_require_encryption switched off in your own configuration?"),
        )
    wrong = Account(bench.alice.jid, Secret("not the password"))
    nobody = Account(f"xw-proof-nobody@{bench.domain}", Secret("not the password"))
    for account in (wrong, nobody):
        await expect_refusal(bench, account, say("{jid} got in with a wrong password", jid=account.jid))
    return say("refused without encryption, with a wrong password, and as nobody")


async def prove_no_registration(bench: Bench) -> Text:
    """Try to make an account without an invitation, as spammers do."""
    # deleted together with the account that it is named after
    name = f"{bench.alice.jid.partition('@')[0]}-intruder"
    fields = {"username": name, "password": "proof-of-an-intruder"}
    rows = [element(f"{{{REGISTER}}}{name}", text=value) for name, value in fields.items()]
    wish = element(f"{{{CLIENT}}}iq", {"type": "set", "id": "in"}, element(f"{{{REGISTER}}}query", {}, *rows))
    answer = (await bench.ask_as_stranger(wish)).answer
    if answer is not None and answer.get("type") == "result":
        raise failed(
            say("anybody can make an account, without an invitation"),
            say("Is allow_registration switched on in your own configuration?"),
        )
    return say("refused: {reason}", reason=_reason(answer))


def _reason(answer: Element | None) -> str:
    return "closed" if answer is None else error_words(answer)


PROOFS = (
    ProofStep("log_in", say("Log in (STARTTLS)"), prove_log_in),
    ProofStep("message", say("Send a message"), prove_message),
    ProofStep("refusals", say("Wrong log-ins are refused"), prove_refusals),
    ProofStep("no_registration", say("Strangers cannot register"), prove_no_registration),
)


FEATURE = Feature(
    name="accounts",
    title=say("Accounts"),
    summary=say("Addresses with a password, and tools for the admins."),
    settings=AccountsAnswers,
    contribute=contribute,
    xeps=("RFC 6120", "XEP-0030", "XEP-0050", "XEP-0077", "XEP-0133"),
)
