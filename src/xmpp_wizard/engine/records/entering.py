"""Entering all records of a server by itself: the name is claimed, the addresses are found out, DNS says it all.

What is cut off or refused half way is gone on with by the next apply or the timer: only what is lacking is made then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.change import Push
from xmpp_wizard.core.dns.free_names import claimed_zone
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.upkeep import Trouble
from xmpp_wizard.engine.dns.address import addresses
from xmpp_wizard.engine.dns.publish import access_to
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.memory.dns import last_line, remember_line
from xmpp_wizard.engine.records.push import carry_out, prepare


def enter(world: World, layout: Layout, mark: str) -> Iterator[Text]:
    """Enter the records of the generation that is being applied; a failure is remembered and yielded."""
    from xmpp_wizard.core.answers.file import load  # noqa: PLC0415 it is heavy, and few plans need it

    number = generations.all_generations(world, layout)[-1].number
    answers = load(generations.load_answers(world, layout, number).encode(), "answers.toml", {}, ())[0]
    try:
        enter_records(world, layout, answers, mark)
    except WizardError as error:
        remember_trouble(world, layout, error)
        yield say("{problem}. {hint}", problem=error.text, hint=error.hint)


def enter_records(world: World, layout: Layout, answers: Answers, mark: str) -> Push:
    """Make DNS say all that it should; return what was changed.

    Raises:
        WizardError: something could not be done; what was done before that stays, and is known.
    """
    account = answers.dns.account
    if account is None:
        return Push()
    remember_line(world, layout, replace(last_line(world, layout), entering=mark))
    zone = claimed_zone(answers.dns)
    if zone:
        world.dns_providers.claim(access_to(world, account), zone)
    if answers.dns.follows_address and not answers.network.public_addresses:
        found = addresses(world, answers)
        seen = replace(last_line(world, layout), addresses=found, seen_at=world.clock.timestamp())
        remember_line(world, layout, seen)
    prepared = prepare(world, layout, answers)
    carry_out(world, layout, prepared)
    _insist_on_all(prepared.push)
    remember_line(world, layout, replace(last_line(world, layout), entered=mark, failing_since=0.0, trouble=None))
    return prepared.push


def remember_trouble(world: World, layout: Layout, error: WizardError) -> None:
    """Remember why DNS could not be changed, and since when."""
    before = last_line(world, layout)
    since = before.failing_since or world.clock.timestamp()
    trouble = Trouble(error.code, error.text, error.hint)
    remember_line(world, layout, replace(before, failing_since=since, trouble=trouble))


def _insist_on_all(push: Push) -> None:
    """Return if nothing stands in the way of some records.

    Raises:
        DnsProviderError: something does; all others were entered.
    """
    if push.blocked:
        item = push.blocked[0]
        raise DnsRefusedError(
            say(
                "{name} {kind} stays {have}, which somebody else made; wanted: {want}",
                name=item.name,
                kind=item.kind,
                have=" + ".join(item.have),
                want=" + ".join(item.want),
            ),
            say("Take it away at your DNS provider; or let this program do it: xmpp-wizard dns push --replace"),
        )
    if push.unseen:
        raise DnsProviderError(
            say("nothing was done for {names}: no name server tells what is there", names=", ".join(push.unseen)),
            say("Is this machine online? It is tried again by itself."),
        )
