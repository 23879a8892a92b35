"""What the page after a first set-up opens: apps, DNS records, the router's table, the sheet, the proof."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xmpp_wizard.core.apps import platforms
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.events import ProofEnded
from xmpp_wizard.core.states import state_word
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.left import Left
from xmpp_wizard.engine.plan_page.outside import dns_lines
from xmpp_wizard.engine.setup import current
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.screens.elsewhere import show_forwarding, show_records
from xmpp_wizard.tui.screens.text import TextPage

_PORTS_SHOWN = 4


def apps(page: Page[None], *, is_trusted: bool) -> None:
    """Show the apps; those in a browser only where the server lets them in and browsers trust it."""
    target, wanted = current(page.desk.world, page.desk.layout)
    has_web = is_trusted and any(opening.port == 443 for opening in target.openings)  # noqa: PLR2004 https
    lines = []
    chat_page, guest_page = (wanted.chat_page, wanted.guest_page) if wanted is not None else ("", "")
    for platform in platforms(has_browser=has_web, chat_page=chat_page):
        for number, (name, where) in enumerate(platform.apps):
            title = page.words(platform.title) if not number else ""
            lines.append(f"{title:<14} {name:<15} {where}")
    if has_web and guest_page:
        lines.append(f"{page.words(say('Guests')):<14} {page.words(say('Web chat')):<15} {guest_page}")
    note = say("Any of these works with any other. The first one of each is a good one to begin with.")
    _open(page, say("Apps"), note, lines)


def dns(page: Page[None], missing: Sequence[str]) -> None:
    """Show the records, those first without which people cannot do."""
    try:
        _, wanted = current(page.desk.world, page.desk.layout)
    except WizardError as error:
        page.tell(say("! {problem}", problem=error.text))
        return
    if wanted is None:
        return
    address = next(iter(wanted.addresses or page.desk.world.sockets.addresses()), "")
    lines = dns_lines(wanted, address)
    lacking = [line for line in lines if line.split()[0].rstrip(".") in missing and line.split()[1] in ("A", "AAAA")]
    if lacking:
        others = [line for line in lines if line not in lacking]
        lines = (page.words(say("Missing:")), *lacking, "", page.words(say("All others:")), *others)
    show_records(page, lines)


def router(page: Page[None], found: Left) -> None:
    """Show what has to be forwarded, and where to."""
    _, wanted = current(page.desk.world, page.desk.layout)
    if wanted is not None:
        show_forwarding(page, wanted, found.address)


def in_short(ports: Sequence[str]) -> str:
    """Return the first few ports and how many more there are: the row has one line, the page behind it has all."""
    more = len(ports) - _PORTS_SHOWN
    return " ".join(ports) if more <= 1 else f"{' '.join(ports[:_PORTS_SHOWN])} +{more}"


def phones(page: Page[None]) -> None:
    """Say how phones come to trust the server."""
    note = say("Certificates come from this machine. Bring this file to each phone and install it as an authority:")
    _open(page, say("Phones"), note, (page.desk.command("ca") + " > root.crt",))


def sheet(page: Page[None], path: str) -> None:
    """Show the emergency sheet."""
    content = page.desk.world.files.read(path.removesuffix("html") + "txt") or b""
    note = say("It has no secret on it. Print the page, and keep it where you find it without a computer.")
    _open(page, say("Emergency sheet"), note, (path, "", *content.decode().splitlines()))


def proof(page: Page[None], proofs: Iterable[ProofEnded]) -> None:
    """Show each line of the proof."""
    lines = [
        f"{state_word('ok' if one.is_green else 'FAIL', page.words):<5} {page.words(one.title)}: {page.words(one.text)}"
        for one in proofs
    ]
    _open(page, say("Proof"), say("Done by real clients through the real ports."), lines, is_prose=True)


def _open(page: Page[None], title: Text, note: Text, lines: Sequence[str], *, is_prose: bool = False) -> None:
    page.app.push_screen(TextPage(page.desk, title, note, lines, is_prose=is_prose))
