"""What services of rooms (XEP-0045) have in common: who may open one, and rooms that are always there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from xmpp_wizard.core.kit.feature import Add, Modules, Set, Settings, Site
from xmpp_wizard.core.lua import LuaValue

Creators: TypeAlias = Literal["everyone", "members", "admins"]
CREATORS = (
    "everyone: whoever has an account here. members: accounts that an admin has made or trusts, not those that anybody "
    "can sign up for. admins: nobody else. People elsewhere never."
)


SERVICE = "muc"
"""The module that makes a component a service with rooms."""
BURST_SECONDS = 10
"""So many seconds' worth of messages may come at once."""
COMING_IN = 8
"""Coming in, taking another name, saying hello and asking something may come at once, however slow writing is to be."""
GUESTS_AT_ONCE = 10
"""So many guests may write as fast as they can before all of them together are slowed down."""


def guest_limits(messages_per_minute: int) -> tuple[Modules, Settings]:
    """Return the modules and options of a service that slow down who is no member of a room, each and all together."""
    rate = messages_per_minute / 60
    burst = max(BURST_SECONDS, round(COMING_IN / rate))
    return Modules(community=("guest_limits", "muc_limits")), {
        "guest_event_rate": Set(rate),
        "guest_burst_factor": Set(burst),
        # the module's own three events in six seconds keep out the fourth who comes in
        "muc_event_rate": Set(rate * GUESTS_AT_ONCE),
        "muc_burst_factor": Set(burst),
        # the module's own 23 bytes are less than many a full name
        "muc_max_nick_length": Set(60),
    }


def creation(who: Creators) -> tuple[Modules, Settings]:
    """Return the modules and options of a service on which only these may open rooms."""
    if who == "admins":
        return Modules(), {"restrict_room_creation": Set(value=True)}
    is_for_members = who == "members"
    return Modules(community=("room_creators",) if is_for_members else ()), {
        "restrict_room_creation": Set("local"),
        **({"room_creators": Set("prosody:member")} if is_for_members else {}),
    }


def house_rooms(names: Sequence[str], site: Site) -> tuple[Modules, Settings]:
    """Return the modules and options of a service that always has these rooms, owned by the admins."""
    if not names:
        return Modules(), {}
    rooms: list[LuaValue] = [{"name": name, "title": title(name), "owners": site.admins} for name in names]
    return Modules(community=("house_rooms",)), {"house_rooms": Set(rooms)}


def first_rooms(addresses: Sequence[str]) -> tuple[Modules, Settings]:
    """Return the modules and options of a virtual host whose new accounts find these rooms in their apps."""
    if not addresses:
        return Modules(), {}
    marks: list[LuaValue] = [
        {"jid": address, "name": title(address.partition("@")[0]), "autojoin": True} for address in addresses
    ]
    return Modules(community=("default_bookmarks",)), {"default_bookmarks": Add(tuple(marks))}


def title(name: str) -> str:
    """Return the name that people see of a room whose address begins with ``name``."""
    return name[:1].upper() + name[1:]
