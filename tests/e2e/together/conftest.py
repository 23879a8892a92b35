"""One server for all tests of people together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.e2e.server.machine import Server
from tests.e2e.together.people import House

WORDING = 'Please "encrypt" <this> (OMEMO)'
BLOCK_LIST = """
Component "list.%s" "pubsub"
    autocreate_on_publish = true
    autocreate_on_subscribe = true
"""


def answers(server: Server, strangers: str) -> dict[str, Any]:
    """Return the answers of the house: everything on, with exemptions for channels and for one person."""
    domain = server.domain
    return {
        "admins": ["ann"],
        "extra_domains": [strangers],
        "features.preset": "minimal",
        "features.group_chat.who_may_create": "members",
        "features.group_chat.rooms_for_all": ["family"],
        "features.public_channels.enabled": True,
        "features.public_channels.channels": ["lobby"],
        "features.public_channels.messages_per_minute": 60,
        "features.public_channels.block_list": f"list.{domain}",
        "features.public_channels.web_logs": True,
        "features.first_rooms.addresses": ["help@far.example"],
        "features.shared_contacts.enabled": True,
        "features.shared_contacts.groups": [{"name": "Board", "members": ["ann", f"eve@{strangers}"]}],
        "features.e2e_policy.enabled": True,
        "features.e2e_policy.rooms": "required",
        "features.e2e_policy.wording": WORDING,
        "features.e2e_policy.exempt": [f"channels.{domain}", f"help@{domain}"],
    }


@pytest.fixture(scope="package")
def house(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give the house: ann is its admin, ben and help are members, reg has just signed up; eve and mel are strangers."""
    assert image
    server = Server(tmp_path_factory.mktemp("house"))
    strangers = f"next-{server.instance[2:]}.example"
    try:
        own = server.settings / "prosody" / "conf.d"
        own.mkdir(parents=True)
        (own / "list.cfg.lua").write_text(BLOCK_LIST % server.domain)
        server.apply(answers(server, strangers))
        house = House(server, strangers)
        here = [f"{name}@{server.domain}" for name in ("ann", "ben", "help")]
        elsewhere = [f"{name}@{strangers}" for name in ("eve", "mel", "help")]
        house.add("prosody:member", *here, *elsewhere)
        house.add("prosody:registered", f"reg@{server.domain}")
        yield house
    finally:
        server.remove()
