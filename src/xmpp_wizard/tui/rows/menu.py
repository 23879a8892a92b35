"""The rows of the menu: what is behind each in words, the same as a command, and its value just now."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.draft import Draft, Key
from xmpp_wizard.core.storage.backends import all_backends
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.core.wanted.security import LEVELS
from xmpp_wizard.engine.status import Status
from xmpp_wizard.engine.watch import View
from xmpp_wizard.tui import when
from xmpp_wizard.tui.forms import switches
from xmpp_wizard.tui.rows.crowd import counted
from xmpp_wizard.tui.rows.facts import first_to_end, used_percent

Value = tuple[str, Text]
"""``!`` where somebody is needed, else nothing; and the value in words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the menu: what is behind it in words, the same as a command, and the questions of its form."""

    id: str
    title: Text
    about: Text
    command: tuple[str, ...]
    keys: tuple[Key, ...] = ()


ENTRIES = (
    Entry("go-on", say("Go on where it stopped"), say("An earlier change was cut off before its end."), ("apply",)),
    Entry(
        "status",
        say("Status"),
        say("What runs, what needs you, and one key that repairs what can be repaired."),
        ("status",),
    ),
    Entry(
        "people",
        say("People and invitations"),
        say("Who has an account. Invite, give a new password, shut out, delete."),
        ("user", "list"),
    ),
    Entry(
        "names",
        say("Names and certificates"),
        say("The domain, its admins, and where certificates come from."),
        ("cert", "status"),
    ),
    Entry("features", say("Features"), say("What people get: groups, files, phones, web."), ("answers", "template")),
    Entry(
        "security",
        say("Security"),
        say("How strict the server is, and what that shuts out."),
        ("answers", "explain", "security"),
        (("security",), ("features", "rate_limits")),
    ),
    Entry(
        "storage",
        say("Storage"),
        say("Where accounts, contacts and history are kept."),
        ("answers", "explain", "storage"),
        (("storage",),),
    ),
    Entry(
        "history",
        say("Updates and undo"),
        say("Every change that was made, by whom and when; each can be taken back."),
        ("generations",),
    ),
    Entry("network", say("Network"), say("Addresses and ports."), ("answers", "explain", "network"), (("network",),)),
    Entry(
        "leave",
        say("Export and uninstall"),
        say("Take the set-up with you, or take the server off this machine."),
        ("export", "compose"),
    ),
)


def values(view: View) -> dict[str, Value]:
    """Return the value of each row that is known."""
    found: dict[str, Value] = {"status": _status(view), "people": ("", _people(view))}
    if view.status is not None:
        found |= {
            "names": _names(view, view.status),
            "history": ("", _history(view.status)),
            "network": _network(view, view.status),
            "go-on": ("!", _go_on(view, view.status)),
        }
    draft = view.draft.value
    if draft is not None:
        on_now, of = switches.features_on(draft)
        found["features"] = ("", say("{count} of {all} on", count=on_now, all=of))
        level = LEVELS.get(str(draft.value(("security", "level"))))
        found["security"] = ("", level.title if level else NOTHING)
        found["storage"] = _storage(view, draft)
    return found


def _status(view: View) -> Value:
    if view.needs:
        return "!", view.needs[0]
    return "", say("all is well") if view.status else NOTHING


def _people(view: View) -> Text:
    crowd, heads = view.crowd.value, view.heads.value
    if crowd is None:
        return say("cannot be asked just now") if view.crowd.problem else NOTHING
    open_now = len(crowd.invitations)
    said = {
        "people": counted(len(crowd.people)),
        "here": heads.people if heads else crowd.online,
        "count": open_now,
    }
    if not open_now:
        return say("{people}, {here} here now", **said)
    if open_now == 1:
        return say("{people}, {here} here now, 1 invitation open", **said)
    return say("{people}, {here} here now, {count} invitations open", **said)


def _names(view: View, status: Status) -> Value:
    problems = view.about("certificates")
    if problems:
        return "!", problems[0]
    if not status.certificates:
        return "", NOTHING
    _, names, days = first_to_end(status, view.at)
    return "", say("{count} names, {days} days left", count=names, days=days)


def _history(status: Status) -> Text:
    last = status.last_apply
    return say("last change {day}, generation {number}", day=when.day(last.at), number=last.number)


def _network(view: View, status: Status) -> Value:
    count = len(status.ports)
    if not count:
        return "", NOTHING
    if view.about("ports"):
        is_open = sum(port.is_open for port in status.ports)
        return "!", say("{open} of {all} ports open", open=is_open, all=count)
    return "", say("{count} ports open", count=count)


def _go_on(view: View, status: Status) -> Text:
    at = when.day(status.last_apply.at)
    step = view.cut_off.value
    if step is None:
        return say("begun {day}", day=at)
    return say("step {step} of {all}, {day}", step=step[0], all=step[1], day=at)


def _storage(view: View, draft: Draft) -> Value:
    disk, backend = view.disk.value, all_backends().get(str(draft.value(("storage", "backend"))))
    said = {
        "backend": backend.title if backend else NOTHING,
        "size": when.size(view.data_bytes.value or 0),
        "percent": used_percent(disk.free_bytes, disk.total_bytes) if disk else 0,
    }
    mark = "!" if view.about("disk") else ""
    if disk is None:
        return mark, say("{backend}, {size}", **said)
    return mark, say("{backend}, {size}; disk {percent} % full", **said)
