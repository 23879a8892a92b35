"""The way in for guests: a link to the page where they chat in the browser, in one room or in one that they choose."""

from __future__ import annotations

from urllib.parse import quote

from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import ascii_name, parse_address, prosody_name
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import reason, say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.core.wanted.hosts import HostConfig
from xmpp_wizard.engine.setup import current


def guest_link(world: World, layout: Layout, room: str = "") -> str:
    """Return the link to ``room``, such as ``lobby@channels.example.org``; without one, to the list of rooms.

    Raises:
        NeedsPersonError: guests have no page here, or that is no room of this server's.
        NotSetUpError: there is no server yet.
    """
    _, wanted = current(world, layout)
    if wanted is None or not wanted.guest_page:
        raise NeedsPersonError(
            say("guests cannot chat in the browser here"), say("Switch on features.guests and features.web_chat.")
        )
    return f"{wanted.guest_page}?room={quote(_address(wanted, room), safe='@')}" if room else wanted.guest_page


def _address(wanted: Desired, room: str) -> str:
    services = sorted((host for host in wanted.hosts if host.module == "muc"), key=_is_private)
    names = [host.name for host in services]
    how = say("Such as: {room}", room=f"lobby@{names[0]}" if names else "lobby@channels.example.org")
    try:
        name, _, service = parse_address(room).rpartition("@")
    except ValueError as error:
        raise NeedsPersonError(reason(error), how) from error
    if ascii_name(service) not in map(ascii_name, names):
        raise NeedsPersonError(say("{room} is no room of this server", room=room), how)
    return f"{name}@{prosody_name(service)}"


def _is_private(host: HostConfig) -> bool:
    """Say whether new rooms of a service are for members, so that it is no example for guests."""
    default = host.settings.get("muc_room_default_members_only")
    return default is not None and default.value is True
