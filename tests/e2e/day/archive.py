"""What an archive holds (XEP-0313), page by page."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from tests.e2e.server.phone import CLIENT, Phone

ARCHIVE, PAGES = "urn:xmpp:mam:2", "http://jabber.org/protocol/rsm"


async def history(phone: Phone, where: str) -> set[str]:
    """Return the ids of all messages in one's own archive, or in that of a room."""
    found: set[str] = set()
    after = ""
    with phone.listening(lambda stanza: found.update(_numbers(stanza))):
        while True:
            page = f"<set xmlns='{PAGES}'><max>100</max><after>{after}</after></set>" if after else ""
            answer = await phone.ask(f"<query xmlns='{ARCHIVE}'>{page}</query>", "set", where)
            end = answer.find(f"{{{ARCHIVE}}}fin")
            assert end is not None, answer.attrib
            after = end.findtext(f".//{{{PAGES}}}last") or ""
            if end.get("complete") == "true" or not after:
                return found


def _numbers(stanza: Element) -> set[str]:
    kept = stanza.find(f"{{{ARCHIVE}}}result")
    return {item.get("id", "") for item in kept.iter(f"{{{CLIENT}}}message")} if kept is not None else set()
