"""Who is here now and over the last day, as lines for the status page."""

from __future__ import annotations

from collections.abc import Callable

from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.people.head_count import HeadCount
from xmpp_wizard.engine.watch import View
from xmpp_wizard.tui import when
from xmpp_wizard.tui.curve import curve, time_axis
from xmpp_wizard.tui.rows.crowd import counted

_TITLE_AT = 57
"""Behind the 48 columns."""


def now_line(view: View) -> Text:
    """Return how many people and devices are here, or were when somebody counted last."""
    count = view.heads.value
    if view.heads.problem:
        return say("! {problem}", problem=view.heads.problem)
    if count is None:
        return say("Who is here is counted from the next change on.") if view.heads.at else NOTHING
    said = {
        "people": counted(count.people),
        "devices": say("1 device") if count.devices == 1 else say("{count} devices", count=count.devices),
        "servers": _servers(count.servers),
    }
    if is_old(view, count):
        return say("At {time}: {people}, {devices}; {servers}", time=when.day(count.at), **said)
    return say("Now {people}, {devices}; {servers}", **said)


def is_old(view: View, count: HeadCount) -> bool:
    """Say whether nobody counts now: the server does not run, or nothing can be asked."""
    is_down = any(item.state != "running" for item in view.status.containers) if view.status else True
    return is_down or bool(view.server.problem) or count.is_late(view.heads.at)


def _servers(count: int) -> Text:
    if count == 1:
        return say("linked to 1 other server")
    return say("linked to {servers} other servers", servers=count)


def day_lines(view: View, width: int, words: Callable[[Text], str]) -> tuple[str, ...]:
    """Return the curve over the last day with its axis; nothing where nobody has counted yet."""
    count = view.heads.value
    if count is None:
        return ()
    day = count.last_day(view.heads.at)
    title = words(say("people, last 24 h"))
    top, *rest = curve([most for _, most in day])
    if width > _TITLE_AT + len(title):
        top = f"{top:<{_TITLE_AT}}{title}"
    return top, *rest, time_axis([when.minute(moment) for moment, _ in day])
