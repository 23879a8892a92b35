"""``xmpp-wizard router map|unmap``: let the router forward the server's ports, or no longer; shown and asked first."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.apply import add_consent_options, carry_through, show
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.router_lines import ASKING, table
from xmpp_wizard.cli.sources import read_answers
from xmpp_wizard.cli.terminal import folded, narrate, waiting
from xmpp_wizard.core.errors import EffectError, NeedsPersonError
from xmpp_wizard.core.network.router import Refusal, refused
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory.router import ordered
from xmpp_wizard.engine.setup import current, prepare
from xmpp_wizard.engine.way_in import WayIn, outside_view, outside_view_6, way_in

_ANSWER = "network.open_router"
_WHO_BLOCKS = say("Is there a second router, a firewall, or a provider that blocks port 80? See: xmpp-wizard router")


def add_to(actions: Subparsers, examples: str) -> None:
    """Add both."""
    leading = add_command(actions, "map", say("Let the router forward the server's ports"), _map, examples=examples)
    ending = add_command(actions, "unmap", say("Take back what the router was told"), _unmap, examples=examples)
    for action in (leading, ending):
        action.add_argument("--dry-run", action="store_true", help="only show what would be done")
        add_consent_options(action)


def _map(arguments: argparse.Namespace) -> int:
    """Set the answer, which tells the router now and every hour; then ask it back.

    Raises:
        NeedsPersonError: there is nothing to forward, or no router that could be told.
    """
    context: Context = arguments.context
    with waiting(ASKING):
        found = way_in(context.world, context.layout)
    if not context.as_json:
        for line in (folded(found.text), *(table(found) if found.verdict.kind != "shared" else ())):
            print(line)
    _refuse(found)
    status = _with_answer(context, arguments, is_wanted=True)
    if arguments.dry_run or arguments.detach or status:
        return status
    # told first: it holds whatever comes of the other
    _look_over_ipv6(context, is_only=not _leads_over_ipv4(found))
    if _leads_over_ipv4(found):
        _look_over_ipv4(context, found)
    return 0


def _leads_over_ipv4(found: WayIn) -> bool:
    return bool(found.router.language) and found.verdict.kind != "shared"


def _look_over_ipv4(context: Context, found: WayIn) -> None:
    """Ask the router back, and let somebody outside come in.

    Raises:
        EffectError: it refused, or nobody came in.
    """
    taken = (Refusal(door, "taken", holder) for door, holder in found.router.taken)
    unmapped = (*ordered(context.world, context.layout).refused, *taken)
    if unmapped:
        raise EffectError(*refused(unmapped))
    view = outside_view(context.world, context.layout, found.verdict.public)
    if view == "closed":
        raise EffectError(
            say(
                "the router forwards, and yet nobody outside came in on port 80 of {address}",
                address=found.verdict.public,
            ),
            _WHO_BLOCKS,
        )
    if not context.as_json:
        narrate(folded(say("The router forwards them now; the timer tells it again every hour.")))
        if view == "open":
            narrate(folded(say("Somebody outside came in on port 80, so it works.")))


def _look_over_ipv6(context: Context, *, is_only: bool) -> None:
    """Say whether people get in over IPv6; where there is another way in it may be that they do not.

    Raises:
        EffectError: it is the only way (``is_only``), and they do not.
    """
    told = ordered(context.world, context.layout, "IPv6")
    if told.refused and is_only:
        raise EffectError(*refused(told.refused))
    held = told.held(context.world.clock.timestamp())
    view = outside_view_6(context.world, context.layout) if held else ""
    closed = say("the router was told, and yet nobody outside came in over IPv6 at {address}", address=told.address)
    if view == "closed" and is_only:
        raise EffectError(
            closed,
            _WHO_BLOCKS,
        )
    if context.as_json:
        return
    if held:
        text = say("The router lets people in over IPv6 at {address} now, to each of its ports.", address=told.address)
        narrate(folded(text if view != "closed" else say("Over IPv6: {text}.", text=closed)))
    if told.refused:
        narrate(folded(say("Over IPv6: {text}.", text=refused(told.refused)[0])))
    if view == "open":
        narrate(
            folded(say("Somebody outside came in over IPv6, so the address belongs into DNS: xmpp-wizard dns show"))
        )


def _unmap(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    # answers that an uninstall left must not set the server up again, and this command takes none
    current(context.world, context.layout)
    return _with_answer(context, arguments, is_wanted=False)


def _with_answer(context: Context, arguments: argparse.Namespace, *, is_wanted: bool) -> int:
    """Carry the answers of this server through with another one; only show the plan where that is asked for."""
    arguments.answers, arguments.sets = None, [f"{_ANSWER}={str(is_wanted).lower()}"]
    request = read_answers(context, context.world, arguments)
    if arguments.dry_run:
        show(context, prepare(context.world, context.layout, request))
        return 0
    return carry_through(context, request, arguments)


def _refuse(found: WayIn) -> None:
    if found.languages:
        return
    if not found.verdict.forward_to or found.verdict.kind == "shared":
        raise NeedsPersonError(say("there is nothing that a router here could forward"), found.hint)
    raise NeedsPersonError(
        say("the router takes no orders from this machine (UPnP, PCP or NAT-PMP)"),
        say('Switch that on on its page (often "UPnP"), or forward the ports there by hand.'),
    )
