"""What of this machine stands between the server and the world: another web server, and the firewall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.draft import Key
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.front import OTHER, PROGRAMS
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking.session import WEB_SERVER
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.setup import Prepared

OPEN_FIREWALL: Key = ("network", "open_firewall")


def machine(prepared: Prepared, answers: Answers) -> Iterator[PlanRow]:
    """Yield a row for each that is there; none of it where nothing was found."""
    yield from _web_server(answers)
    yield from _firewall(prepared, answers)


def _web_server(answers: Answers) -> Iterator[PlanRow]:
    kind = answers.network.web_server
    title, why = say("Web server"), say("Its websites stay as they are. Enter: other ways; d shows the file.")
    if kind in PROGRAMS:
        value = say(
            "{program} has the web's ports; it passes the chat's pages on (one file)", program=PROGRAMS[kind].title
        )
        yield PlanRow("web-server", title, value, why, keys=(WEB_SERVER,), opens="web-server")
    elif kind == OTHER:
        value = say("another one has the web's ports; you tell it what to pass on")
        yield PlanRow("web-server", title, value, say("Enter: the lines for it."), "!", (WEB_SERVER,), "web-server")


def _firewall(prepared: Prepared, answers: Answers) -> Iterator[PlanRow]:
    found = prepared.observed.firewall
    if found is None or not found.kind:
        return
    title = say("Firewall")
    if answers.network.open_firewall:
        doors = [door for door in prepared.target.doors if door in (*found.closed, *found.unsure, *found.ours)]
        value = say("{kind} is told to let in {ports}", kind=found.kind, ports=_listed(doors))
        why = say("Exactly these; undo or uninstall closes them. Enter: leave the firewall alone.")
        if doors:
            yield PlanRow("firewall", title, value, why, keys=(OPEN_FIREWALL,), opens="firewall")
    elif found.closed:
        value = say("{kind} keeps out {ports}   Enter: open them", kind=found.kind, ports=_listed(found.closed))
        why = say("Nobody outside gets through. Enter opens exactly these and nothing else.")
        yield PlanRow("firewall", title, value, why, "!", (OPEN_FIREWALL,), "firewall")


def _listed(doors: Iterable[Door]) -> str:
    return " ".join(dict.fromkeys(door.ports for door in doors))
