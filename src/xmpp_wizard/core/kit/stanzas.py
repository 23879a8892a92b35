"""Small pieces of XMPP (RFC 6120, RFC 6121) that proof steps and clients need, as plain XML elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element, SubElement

CLIENT = "jabber:client"

Matcher = Callable[[Element], bool]
"""Says whether a received stanza is the one that is waited for."""


def element(tag: str, attributes: Mapping[str, str] | None = None, *children: Element, text: str = "") -> Element:
    """Return an element; ``tag`` is ``{namespace}name``."""
    made = Element(tag, dict(attributes or {}))
    made.text = text or None
    made.extend(children)
    return made


OMEMO = "eu.siacs.conversations.axolotl"


def plain_message(to: str, body: str, kind: str = "chat") -> Element:
    """Return a message of type ``kind`` (``chat``, ``groupchat`` …) with a text and nothing else."""
    made = Element(f"{{{CLIENT}}}message", {"to": to, "type": kind})
    SubElement(made, f"{{{CLIENT}}}body").text = body
    return made


def message(to: str, body: str, kind: str = "chat") -> Element:
    """Return a message of type ``kind`` with a text, as apps with end-to-end encryption send it (XEP-0384).

    With them the text is a word to those who cannot read the rest. Servers that insist on encryption pass it on.
    """
    key = element(f"{{{OMEMO}}}key", {"rid": "1"}, text="cHJvb2Y=")
    header = element(f"{{{OMEMO}}}header", {"sid": "1"}, key, element(f"{{{OMEMO}}}iv", text="cHJvb2Y="))
    made = plain_message(to, body, kind)
    made.append(element(f"{{{OMEMO}}}encrypted", {}, header, element(f"{{{OMEMO}}}payload", text="cHJvb2Y=")))
    return made


def presence(to: str = "", kind: str = "", *children: Element) -> Element:
    """Return presence: available unless ``kind`` says otherwise, to everybody unless ``to`` is given."""
    attributes = {name: value for name, value in (("to", to), ("type", kind)) if value}
    return element(f"{{{CLIENT}}}presence", attributes, *children)


def bare(jid: str) -> str:
    """Return the address without its resource."""
    return jid.partition("/")[0]


def body(stanza: Element) -> str:
    """Return the text of a message, empty if it has none."""
    return stanza.findtext(f"{{{CLIENT}}}body", "")


def is_message(text: str, sender: str = "") -> Matcher:
    """Return what recognises a message with this text, from ``sender`` (bare or full) if given."""

    def matches(stanza: Element) -> bool:
        who = stanza.get("from", "")
        return (
            stanza.tag == f"{{{CLIENT}}}message"
            and stanza.get("type") != "error"
            and body(stanza) == text
            and (not sender or sender in (who, bare(who)))
        )

    return matches


def is_presence(sender: str, kind: str = "") -> Matcher:
    """Return what recognises presence of type ``kind`` from ``sender`` (bare or full)."""

    def matches(stanza: Element) -> bool:
        who = stanza.get("from", "")
        return stanza.tag == f"{{{CLIENT}}}presence" and stanza.get("type", "") == kind and sender in (who, bare(who))

    return matches


def error_words(stanza: Element) -> str:
    """Return the server's own words in an error: its condition, and its text where there is one.

    Takes a stanza of type ``error``, a stream error (RFC 6120 4.9) or a failure of SASL (6.5); says
    ``no reason given`` where there is no condition.
    """
    holder = stanza.find(f"{{{CLIENT}}}error")
    parts = list(stanza if holder is None else holder)
    conditions = [local_name(part) for part in parts if local_name(part) != "text"]
    texts = [part.text for part in parts if local_name(part) == "text" and part.text]
    return ": ".join([*conditions[:1], *texts[:1]]) or "no reason given"


def local_name(item: Element) -> str:
    """Return the element's name without its namespace."""
    return item.tag.rpartition("}")[2]
