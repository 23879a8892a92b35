"""Rooms that new accounts find in their app from the start (bookmarks, XEP-0402), wherever these rooms are."""

from __future__ import annotations

from functools import partial

from pydantic import Field

from xmpp_wizard.core.addresses import Address
from xmpp_wizard.core.kit import room_proofs, rooms
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, ProofStep, Site
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.text import Text, say


class FirstRoomsAnswers(Model):
    """Rooms anywhere for newcomers."""

    addresses: tuple[Address, ...] = Field(
        default=(),
        title="Rooms for newcomers",
        description="Addresses of rooms, also on other servers, that new accounts find in their app and enter at once.",
        examples=[["help@channels.example.org"]],
    )


def contribute(answers: FirstRoomsAnswers, _site: Site) -> Contribution:
    """Return bookmarks for accounts that have none yet; what people change of them stays theirs."""
    if not answers.addresses:
        return Contribution()
    modules, marks = rooms.first_rooms(answers.addresses)
    proof = ProofStep("first_rooms", say("Newcomers find rooms"), partial(prove_first_rooms, answers.addresses))
    return Contribution(modules=modules, host_settings=marks, proofs=(proof,))


async def prove_first_rooms(addresses: tuple[str, ...], bench: Bench) -> Text:
    """Log in as somebody new, and find the rooms among the bookmarks."""
    async with bench.log_in(bench.bob) as newcomer:
        await room_proofs.check_bookmarks(newcomer, addresses)
    return say("{count} rooms are in a new account's list", count=len(addresses))


FEATURE = Feature(
    name="first_rooms",
    title=say("Rooms for newcomers"),
    summary=say("New accounts do not start empty: the rooms that you name are there already."),
    settings=FirstRoomsAnswers,
    contribute=contribute,
    xeps=("XEP-0402",),
)
