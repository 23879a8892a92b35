"""What several proof steps do alike: find services, and say what was expected. Steps find things as apps do."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from xmpp_wizard.core.errors import ProofFailedError, RefusedError
from xmpp_wizard.core.kit.bench import Account, Bench, Session
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.text import Text, say

DISCO_INFO = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS = "http://jabber.org/protocol/disco#items"
DATA_FORMS = "jabber:x:data"
GUESTS = "xw-proof-"
"""What the names of a proof's accounts begin with, so that what a killed one left is known as that."""
LOGS = say("Look at `xmpp-wizard logs` for this moment.")


def failed(text: Text, hint: Text = LOGS) -> ProofFailedError:
    """Return the error of a step that saw something else than it must."""
    return ProofFailedError(text, hint)


def way_in(session: Session) -> Text:
    """Say how somebody was logged in."""
    return say("{mechanism}, {tls}", mechanism=session.mechanism, tls=session.tls_version)


async def expect_refusal(bench: Bench, account: Account, otherwise: Text) -> None:
    """Try to log in with what is wrong.

    Raises:
        ProofFailedError: it was taken; ``otherwise`` tells that.
    """
    try:
        async with bench.log_in(account):
            raise failed(otherwise)
    except RefusedError:
        return


async def expect_feature(bench: Bench, namespace: str, otherwise: Text, hint: Text = LOGS) -> None:
    """See that the server says that it has the feature ``namespace``.

    Raises:
        ProofFailedError: it does not; ``otherwise`` tells what that means.
    """
    async with bench.log_in(bench.alice) as alice:
        if not has_feature(await features_of(alice, bench.domain), namespace):
            raise failed(otherwise, hint)


async def features_of(session: Session, jid: str) -> Element:
    """Return what ``jid`` says it can do: its disco#info query (XEP-0030)."""
    return await session.request("get", element(f"{{{DISCO_INFO}}}query"), jid)


def has_feature(info: Element, namespace: str) -> bool:
    """Say whether a disco#info query has the feature ``namespace``."""
    return any(item.get("var") == namespace for item in info.iter(f"{{{DISCO_INFO}}}feature"))


async def service_with(session: Session, domain: str, namespace: str, what: Text) -> str:
    """Return the first service listed by ``domain`` that has the feature ``namespace``, as an app finds it.

    Raises:
        ProofFailedError: there is none; ``what`` names what was looked for.
    """
    items = await session.request("get", element(f"{{{DISCO_ITEMS}}}query"), domain)
    for item in items.iter(f"{{{DISCO_ITEMS}}}item"):
        jid = item.get("jid", "")
        if has_feature(await features_of(session, jid), namespace):
            return jid
    raise failed(say("{domain} lists no service for {what}", domain=domain, what=what))


def form(kind: str, fields: Mapping[str, str]) -> Element:
    """Return a filled data form (XEP-0068) whose FORM_TYPE is ``kind``."""
    tag = f"{{{DATA_FORMS}}}"
    rows = [
        element(f"{tag}field", {"var": name}, element(f"{tag}value", text=value))
        for name, value in {"FORM_TYPE": kind, **fields}.items()
    ]
    return element(f"{tag}x", {"type": "submit"}, *rows)


def form_values(holder: Element) -> dict[str, list[str]]:
    """Return the values of all fields of the data forms in ``holder``, by field name."""
    tag = f"{{{DATA_FORMS}}}"
    return {
        item.get("var", ""): [value.text or "" for value in item.iter(f"{tag}value")]
        for item in holder.iter(f"{tag}field")
    }
