"""What resolvers outside say about records that are right in their zone, and whether they could be asked at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from xmpp_wizard.core.dns.finding import Finding, failure
from xmpp_wizard.core.dns.judge import Wish, judge
from xmpp_wizard.core.dns.record import Own
from xmpp_wizard.core.dns.reply import DECIDED, Reply, State
from xmpp_wizard.core.dns.view import View
from xmpp_wizard.core.text import NOTHING, Text, say

_HOUR = 3600


def seen_outside(wish: Wish, view: View, own: Own) -> Finding | None:
    """Return how others see the records otherwise than the zone has them; None: they do not, or nobody was asked."""
    heard = view.outside(wish.name, wish.kind)
    astray = {who: reply for who, reply in heard.items() if judge(wish, reply, own).level != "ok"}
    old = {who: reply for who, reply in astray.items() if reply.state in DECIDED}
    failed = {who: reply for who, reply in astray.items() if reply.state not in DECIDED}
    if old:
        return _elsewhere(wish, old, view) or _old(wish, old)
    return _failed(wish, failed, is_everywhere=len(failed) == len(heard)) if failed else None


def _elsewhere(wish: Wish, old: Mapping[str, Reply], view: View) -> Finding | None:
    """Return that the world asks other name servers than this network does, if that is so."""
    zone = view.zone(wish.name)
    ours, seen = set(view.name_servers(zone)), view.outside(zone, "NS")
    theirs = {name.rstrip(".") for who in old if who in seen for name in seen[who].values}
    if not ours or ours & theirs or not any(who in seen and seen[who].state in DECIDED for who in old):
        return None
    have = next((reply.values for reply in old.values() if reply.values), ())
    named = {"zone": zone, "ours": ", ".join(sorted(ours)), "theirs": ", ".join(sorted(theirs))}
    if not theirs:
        text = say("{zone} is known in this network, and nowhere outside", zone=zone)
        advice = say("Is it still yours and paid for? Then let your registrar name these servers: {ours}", **named)
    else:
        text = say("outside this network {zone} is kept by {theirs}, here by {ours}", **named)
        advice = say("Others see only what is there: enter the records there, too, or name these at your registrar.")
    return Finding("!", "split-outside", wish.name, wish.kind, text, advice, have, wish.values)


def _old(wish: Wish, old: Mapping[str, Reply]) -> Finding:
    """Return that some still remember what was there before, and for how long."""
    whose, have = ", ".join(old), next((reply.values for reply in old.values() if reply.values), ())
    if have:
        text = say(
            "{name} is right in DNS, but outside {whose} still says {have}",
            name=wish.name,
            whose=whose,
            have=" + ".join(have),
        )
    else:
        text = say(
            "{name} is right in DNS, but outside {whose} still remembers that it was missing",
            name=wish.name,
            whose=whose,
        )
    left = max(reply.ttl_seconds for reply in old.values())
    advice = say(
        "Nothing to do: it is forgotten in at most {time}. If not, ask your DNS provider.", time=time_left(left)
    )
    return Finding("todo", "outside", wish.name, wish.kind, text, advice, have, wish.values)


def time_left(seconds: int) -> Text:
    """Return a time in words, rounded up."""
    if seconds > 2 * _HOUR:
        return say("{count} hours", count=-(-seconds // _HOUR))
    return say("{count} minutes", count=max(-(-seconds // 60), 1))


def _failed(wish: Wish, failed: Mapping[str, Reply], *, is_everywhere: bool) -> Finding:
    """Return that some cannot look the records up; broken signatures are believed at once, another fault of several."""
    broken = next((reply for reply in failed.values() if reply.state == "BOGUS"), None)
    if broken and is_everywhere:
        return replace(failure(wish.name, wish.kind, "BOGUS", broken.reason), want=wish.values)
    whose = ", ".join(failed)
    if is_everywhere and len(failed) > 1:
        text = say("{name} is found from here, but nobody outside can look it up: {whose}", name=wish.name, whose=whose)
        advice = say(
            "At your registrar, name only the servers that your DNS provider shows; ask there if they all work."
        )
        return Finding("!", "outside-fails", wish.name, wish.kind, text, advice, (), wish.values)
    text = say("{name} is right in DNS, but outside {whose} cannot look it up", name=wish.name, whose=whose)
    advice = say(
        "That mends itself within minutes. If not, look at DNSSEC and at the name servers of {name}.", name=wish.name
    )
    return Finding("todo", "outside", wish.name, wish.kind, text, advice, (), wish.values)


def is_cut_off(view: View) -> bool:
    """Say whether questions to name servers outside do not leave this network, or others answer them on the way.

    Then no name server says anything about its zone, and yet this network's resolver finds what is there.
    """
    direct = {reply.state for question, reply in view.replies.items() if question.server}
    is_found = any(view.recursive(question.name, question.kind).values for question in view.public)
    return is_found and not direct & DECIDED and (_is_unreached(view) or _is_answered_by_others(view, direct))


def _is_unreached(view: View) -> bool:
    return bool(view.public) and all(reply.state == "TIMEOUT" for reply in view.public.values())


def _is_answered_by_others(view: View, direct: AbstractSet[State]) -> bool:
    """Say whether the name servers seem not to know their zones, and resolvers outside found these all the same."""
    return bool(direct & {"LAME", "REFUSED"}) and not any(
        reply.state in ("BOGUS", "SERVFAIL") for reply in view.public.values()
    )


def what_was_not_seen(view: View, names: Iterable[str]) -> Text:
    """Return why nothing is known of what others see, in one short line; nothing where it is, or nobody wants it."""
    if not view.resolvers:
        return NOTHING
    if not view.public and any(view.is_kept_inside(view.zone(name)) for name in names):
        return say("The name servers are in your own network: nobody outside was asked.")
    if _is_unreached(view):
        return say("No resolver outside was reached: what others see is not known.")
    if is_cut_off(view):
        return say("Your router or provider answers for everybody: what others see is not known.")
    return NOTHING
