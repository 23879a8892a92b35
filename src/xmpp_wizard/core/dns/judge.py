"""Does a reply fit the records that are wanted? One judgement for each kind, with advice in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from xmpp_wizard.core.dns.finding import Finding, failure
from xmpp_wizard.core.dns.record import Own, is_public
from xmpp_wizard.core.dns.reply import DECIDED, Kind, Reply
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.text import NOTHING, Text, say

_SHARED = ip_network("100.64.0.0/10")
"""What providers give to customers who share one public address (RFC 6598)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """All records of one name and kind."""

    name: str
    kind: Kind
    values: tuple[str, ...]
    is_required: bool
    is_at_home: bool = False
    """Whether only a network of one's own looks it up."""

    def finding(self, level: str, key: str, reply: Reply, text: Text, advice: Text = NOTHING) -> Finding:
        """Return a finding about these records; what is not required is never worse than ``todo``."""
        shown = "todo" if level == "!" and not self.is_required else level
        return Finding(shown, key, self.name, self.kind, text, advice, reply.values, self.values)  # type: ignore[arg-type]  # a Level still


def judge(wish: Wish, reply: Reply, own: Own) -> Finding:
    """Return how ``reply`` fits."""
    if reply.state not in DECIDED:
        return failure(wish.name, wish.kind, reply.state, reply.reason)
    if wish.kind in ("A", "AAAA"):
        return _addresses(wish, reply, own)
    if not reply.values:
        return _missing(wish, reply)
    if wish.kind == "SRV":
        return _services(wish, reply)
    return _pins(wish, reply) if wish.kind == "TLSA" else _others(wish, reply)


def _missing(wish: Wish, reply: Reply) -> Finding:
    if not wish.values:
        return wish.finding("ok", "right", reply, say("none, as it should be"))
    text = say("{name} has no {kind} record yet", name=wish.name, kind=wish.kind)
    value = " + ".join(value for value in wish.values if value)
    if not value:
        advice = say("Make one with the address of your line; the router's page shows it.")
    elif is_at_home(wish.name):
        advice = _at_home(wish, value)
    else:
        advice = say(
            "At your DNS provider, add {kind} {name} with: {value}", kind=wish.kind, name=wish.name, value=value
        )
    return wish.finding("!", "missing", reply, text, advice)


def _at_home(wish: Wish, value: str) -> Text:
    advice = say(
        "In your own network (local DNS or host names of the router), add {kind} {name} with: {value}",
        kind=wish.kind,
        name=wish.name,
        value=value,
    )
    if not wish.name.endswith(".local"):
        return advice
    # RFC 6762: they are called out to the network (mDNS), which knows nothing of services below a name
    return say("{advice} (Many devices ask no DNS for .local at all: .lan and .internal are found.)", advice=advice)


def _addresses(wish: Wish, reply: Reply, own: Own) -> Finding:
    if not reply.values:
        return _missing(wish, reply)
    for address in reply.values:
        if address not in own.published and ip_address(address) in _SHARED:
            return wish.finding("!", "shared-address", reply, *_shared(wish, address))
        if address not in own.published and not wish.is_at_home and not is_public(address):
            return wish.finding("!", "private-address", reply, *_private(wish, address))
    strange = [address for address in reply.values if not own.has(address)]
    if strange and "" in wish.values:
        text = say("leads to {address}, which must be the address of your line", address=strange[0])
        return wish.finding("ok", "line", reply, text)
    if strange:
        return _elsewhere(wish, reply, strange[0], own)
    return _right(wish, reply, own)


def _right(wish: Wish, reply: Reply, own: Own) -> Finding:
    """All addresses are this machine's; over IPv6 that is not enough."""
    if wish.kind == "AAAA" and not wish.values and own.unproven.intersection(reply.values):
        return Finding("todo", "ipv6-unproven", wish.name, wish.kind, *_unproven(wish, reply), reply.values)
    return wish.finding("ok", "right", reply, say("leads here: {addresses}", addresses=", ".join(reply.values)))


def _shared(wish: Wish, address: str) -> tuple[Text, Text]:
    return (
        say(
            "{name} leads to {address}, an address that your provider shares among customers",
            name=wish.name,
            address=address,
        ),
        say("Nobody can come in on it. Ask your provider for a public IPv4 address, or use IPv6 only."),
    )


def _unproven(wish: Wish, reply: Reply) -> tuple[Text, Text]:
    return (
        say(
            "{name} leads to {address} over IPv6, and nobody outside was seen to come in there",
            name=wish.name,
            address=reply.values[0],
        ),
        say("Let the ports in for it on the router, or remove this AAAA record: many apps try IPv6 first."),
    )


def _private(wish: Wish, address: str) -> tuple[Text, Text]:
    return (
        say("{name} leads to {address}, which nobody outside your network reaches", name=wish.name, address=address),
        say("Put the public address of your line there; the router's page shows it."),
    )


def _elsewhere(wish: Wish, reply: Reply, address: str, own: Own) -> Finding:
    text = say("{name} leads to {address}, which is another machine", name=wish.name, address=address)
    if wish.kind == "AAAA" and not wish.values:
        advice = say("Remove this AAAA record: apps and certificate authorities try IPv6 first and end up elsewhere.")
        # the record is not wanted at all, and yet it leads people astray
        return Finding("!", "ipv6-elsewhere", wish.name, wish.kind, text, advice, reply.values)
    here = next((value for value in wish.values if value), next(iter(own.published), ""))
    advice = say("Change it to {address}, or remove it if there is another right one.", address=here)
    return wish.finding("!", "wrong", reply, text, advice)


def _services(wish: Wish, reply: Reply) -> Finding:
    """Priority and weight are the admin's to choose; the port and the machine are not."""
    have, want = {_end(value): value for value in reply.values}, {_end(value): value for value in wish.values}
    if any(target == "." for _, target in have):
        text = say("{name} says that there is no such service", name=wish.name)
        advice = say('Replace the SRV record that ends in "." with: {value}', value=wish.values[0])
        # worse than none at all: apps that find it do not even try
        return Finding("!", "service-denied", wish.name, "SRV", text, advice, reply.values, wish.values)
    strange = [value for end, value in have.items() if end not in want]
    lacking = [value for end, value in want.items() if end not in have]
    if strange and lacking:
        text = say("{name} leads to {have}", name=wish.name, have=strange[0])
        advice = say("Change it to: {value}", value=lacking[0])
        return Finding("!", "wrong", wish.name, "SRV", text, advice, reply.values, wish.values)
    if strange:
        text = say("{name} also leads to {have}", name=wish.name, have=strange[0])
        advice = say("Remove that one, unless another machine serves the same people.")
        return wish.finding("todo", "extra", reply, text, advice)
    if lacking:
        text = say("{name} lacks one of its records", name=wish.name)
        return wish.finding("todo", "missing", reply, text, say("Add: {value}", value=lacking[0]))
    return wish.finding("ok", "right", reply, say("leads here"))


def _end(value: str) -> tuple[str, str]:
    """Return port and target of an SRV value."""
    port, target = value.split()[2:4]
    return port, target.lower()


def _pins(wish: Wish, reply: Reply) -> Finding:
    if set(wish.values) & set(reply.values):
        return wish.finding("ok", "right", reply, say("names the key that is served"))
    text = say("the TLSA record of {name} names another key than the one that is served", name=wish.name)
    advice = say("Servers that check it refuse yours. Replace it with: {value}", value=next(iter(wish.values), ""))
    return Finding("!", "wrong-pin", wish.name, "TLSA", text, advice, reply.values, wish.values)


def _others(wish: Wish, reply: Reply) -> Finding:
    lacking: Sequence[str] = [value for value in wish.values if value not in reply.values]
    if not lacking:
        return wish.finding("ok", "right", reply, say("as it should be"))
    text = say("{name} has another {kind} record: {have}", name=wish.name, kind=wish.kind, have=reply.values[0])
    return wish.finding("!", "wrong", reply, text, say("Change it to: {value}", value=lacking[0]))
