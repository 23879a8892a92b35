"""The way in for guests: a link to the page where they chat in the browser, in one room or in one that they choose."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from xmpp_wizard.core.addresses import parse_address
from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.kit.rooms import SERVICE
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import prosody_name
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import reason, say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.core.wanted.hosts import HostConfig
from xmpp_wizard.engine.setup import current


def guest_link(world: World, layout: Layout, room: str = "") -> str:
    """Return the link to ``room``, such as ``lobby@channels.example.org``; without one, to the list of rooms.

    A name alone is that of a room of the guests' own domain, as on the page.

    Raises:
        NeedsPersonError: guests have no page here, that is no room of this server's, or the answers keep it closed.
        NotSetUpError: there is no server yet.
    """
    _, wanted = current(world, layout)
    if wanted is None or not wanted.guest_page:
        raise NeedsPersonError(
            say("guests cannot chat in the browser here"), say("Switch on features.guests and features.web_chat.")
        )
    return f"{wanted.guest_page}?room={quote(_open_room(wanted, room), safe='@')}" if room else wanted.guest_page


def _open_room(wanted: Desired, text: str) -> str:
    services = [prosody_name(host.name) for host in sorted(wanted.hosts, key=_is_private) if host.module == SERVICE]
    rooms = [_address(room, services) for room in ([text] if "@" in text else [f"{text}@{each}" for each in services])]
    opened = _opened(wanted)
    for room in rooms:
        if not opened or room in opened or room.rpartition("@")[2] in opened:
            return room
    raise NeedsPersonError(
        say("guests may not enter {room}: features.guests.rooms does not name it", room=text),
        say("Open to them: {rooms}", rooms=", ".join(opened)),
    )


def _address(room: str, services: Sequence[str]) -> str:
    how = say("Such as: {room}", room=f"lobby@{services[0]}")
    try:
        name, _, service = parse_address(room).rpartition("@")
    except ValueError as error:
        raise NeedsPersonError(reason(error), how) from error
    if prosody_name(service) not in services:
        raise NeedsPersonError(say("{room} is no room of this server", room=room), how)
    return f"{name}@{prosody_name(service)}"


def _opened(wanted: Desired) -> tuple[str, ...]:
    """Return the rooms and services that the answers name for guests; none: all that are open to everybody."""
    named = (host.settings["guest_rooms"].value for host in wanted.hosts if "guest_rooms" in host.settings)
    return tuple(str(room) for rooms in named if isinstance(rooms, list | tuple) for room in rooms)


def _is_private(host: HostConfig) -> bool:
    """Say whether new rooms of a service are for members, so that it is no example for guests."""
    default = host.settings.get("muc_room_default_members_only")
    return default is not None and default.value is True
