"""Looking round before anything is asked: independent checks, each with its own deadline, told as they end.

No check is waited for: what has no answer yet says so, and what never answers is given up after five seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, TypeAlias

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import AnswersError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import ascii_name, is_at_home
from xmpp_wizard.core.network.line import in_words, verdict
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.surroundings import LOOK_SECONDS, Lookup
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.engine.line import look
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.records import dns

_LINE_SECONDS = 2.0
"""For the router, and again for the world outside."""
Word: TypeAlias = Literal["ok", "wait", "todo", "!"]
_OF_DOMAIN = ("missing", "wrong", "private-address", "shared-address")
"""What the check of the domain itself tells already."""
_UNANSWERED = ("no-answer", "servers-fail", "refused", "lame")
Check: TypeAlias = Callable[[], "Finding"]
_GIB = 1024**3
_LISTED_PORTS = 3
_SUBJECTS: Mapping[str, Text] = {
    "machine": say("this machine"),
    "ports": say("ports"),
    "disk": say("disk"),
    "earlier": say("earlier set-up"),
    "network": say("internet and clock"),
    "domain": say("DNS of the domain"),
    "names": say("names of services"),
    "line": say("way in from the internet"),
    "router": say("router"),
}
"""What each check is about, for when nothing else is known."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: a state word, a sentence, and where useful the next thing to do."""

    id: str
    word: Word
    text: Text
    hint: Text = NOTHING
    fact: Literal["", "no way in", "ipv6 only", "ipv6 told"] = ""
    """Of the line: what people outside cannot do, whatever is forwarded. Of the router: it lets IPv6 in if told to."""


def host_checks(world: World, layout: Layout, ports: Iterable[int], listen: Sequence[str] = ()) -> Mapping[str, Check]:
    """Return the checks of this machine, in the order in which they are shown; ``listen`` is as in the answers."""
    wanted, addresses = tuple(ports), tuple(listen) or ("",)
    return {
        "machine": lambda: _machine(world),
        "ports": lambda: _ports(world, wanted, addresses),
        "disk": lambda: _disk(world, layout),
        "earlier": lambda: _earlier(world, layout),
        "network": lambda: _network(world),
    }


def domain_checks(world: World, answers: Answers) -> Mapping[str, Check]:
    """Return the checks that follow from the domain."""
    resolvers = answers.network.resolvers
    return {
        # where the domain itself leads to a website elsewhere, the machine's own name counts
        "domain": lambda: _domain(world, answers.network.host or answers.domain, resolvers, answers.network.listen),
        "names": lambda: _names(world, answers),
    }


def line_checks(world: World, answers: Answers) -> Mapping[str, Check]:
    """Return the checks of the way to the internet; none for a server that is to be reached at home only."""
    listen = answers.network.listen
    is_inside = is_at_home(answers.domain) or (listen and all(ip_address(address).is_loopback for address in listen))
    if is_inside:
        return {}
    four = [address for address in world.sockets.addresses() if ":" not in address]
    is_behind_router = bool(four) and all(ip_address(address).is_private for address in four)
    router: Mapping[str, Check] = {"router": lambda: _router(world)} if is_behind_router else {}
    return {"line": lambda: _line(world), **router}


def public_ports(answers: Answers) -> tuple[int, ...]:
    """Return the TCP ports that people and servers outside connect to."""
    try:
        wanted = desired(answers)
    except AnswersError:
        return ()
    return tuple(sorted({port.number for port in wanted.ports if port.is_public and port.protocol == "tcp"}))


def service_names(answers: Answers) -> tuple[str, ...]:
    """Return the names below the domain that need an address record to work at all."""
    try:
        records = desired(answers).records
    except AnswersError:
        return ()
    found = (record.name.rstrip(".") for record in records if record.kind == "A/AAAA" and record.is_required)
    return tuple(dict.fromkeys(name for name in found if name != answers.domain))


def run(checks: Mapping[str, Check], report: Callable[[Finding], object], seconds: float = LOOK_SECONDS) -> None:
    """Do all checks at once and report each as it ends; return when all have, at the latest after ``seconds``."""
    state = threading.Condition()
    left = set(checks)

    def told(finding: Finding) -> None:
        with state:
            if finding.id in left:
                left.discard(finding.id)
                report(finding)
            state.notify_all()

    for name, check in checks.items():
        threading.Thread(target=lambda name=name, check=check: told(_safely(name, check)), daemon=True).start()
    with state:
        state.wait_for(lambda: not left, seconds)
        late = tuple(left)
    for name in late:
        text = say("{subject}: no answer within {seconds} s", subject=_SUBJECTS[name], seconds=round(seconds))
        told(Finding(name, "todo", text, say("Go on anyway.")))


def _safely(name: str, check: Check) -> Finding:
    try:
        return check()
    except WizardError as error:
        return Finding(name, "!", error.text, error.hint)


def _machine(world: World) -> Finding:
    found = world.surroundings.machine()
    gigabytes = max(round(found.memory_mb / 1024), 1)
    values = {"model": found.model or "Computer", "memory": gigabytes, "system": found.system}
    return Finding("machine", "ok", say("{model}, {memory} GB, {system}", **values))


_KINDS: Mapping[str, Text] = {
    "SD card": say("SD card"),
    "SSD": say("SSD"),
    "hard disk": say("hard disk"),
    "disk": say("disk"),
}


def _disk(world: World, layout: Layout) -> Finding:
    found = world.surroundings.disk(str(layout.state))
    free, total = found.free_bytes // _GIB, found.total_bytes // _GIB
    text = say("{kind}, {free} of {total} GB free", kind=_KINDS[found.kind], free=free, total=total)
    is_tight = found.free_bytes < 2 * _GIB
    return Finding("disk", "!" if is_tight else "ok", text, say("Make room: 2 GB are needed.") if is_tight else NOTHING)


def _ports(world: World, wanted: Sequence[int], addresses: Sequence[str]) -> Finding:
    places = [(address, port) for address in addresses for port in wanted]
    taken = [one for one in world.sockets.listeners() if any(one.takes(*place) for place in places)]
    if not taken:
        return Finding("ports", "ok", _free(wanted))
    owner = min(taken, key=lambda one: one.port)
    program = owner.program or "another program"
    text = say("{port}  {program} (pid {pid})", port=owner.port, program=program, pid=owner.pid)
    return Finding("ports", "!", text, say("The plan says what to do about it."))


def _free(ports: Sequence[int]) -> Text:
    listed = " ".join(map(str, ports[:_LISTED_PORTS]))
    more = len(ports) - _LISTED_PORTS
    return (
        say("ports {ports} free", ports=listed)
        if more < 1
        else say("ports {ports} +{more} free", ports=listed, more=more)
    )


def _earlier(world: World, layout: Layout) -> Finding:
    good = generations.last_good(world, layout)
    if good is not None:
        return Finding("earlier", "ok", say("{domain} is set up here already", domain=good.domain))
    if generations.all_generations(world, layout):
        return Finding("earlier", "todo", say("a set-up was cut off: Enter goes on"))
    return Finding("earlier", "ok", say("no earlier set-up"))


def _network(world: World) -> Finding:
    is_set, is_reached = world.surroundings.is_clock_set(), world.surroundings.has_internet(LOOK_SECONDS - 1)
    if not is_reached:
        return Finding("network", "!", say("the internet is not reached"), say("At home all works without it."))
    if not is_set:
        hint = say("A clock that is wrong makes certificates fail: timedatectl set-ntp true")
        return Finding("network", "!", say("nobody keeps the clock right"), hint)
    return Finding("network", "ok", say("clock right, internet reached"))


def _line(world: World) -> Finding:
    line = look(world, _LINE_SECONDS)
    found = verdict(line)
    words: Mapping[str, Word] = {"direct": "ok", "shared": "!", "two routers": "!"}
    lacks: Literal["", "no way in", "ipv6 only"] = "" if found.kind != "shared" else "no way in"
    fact = "ipv6 only" if lacks and found.has_ipv6 else lacks
    return Finding("line", words.get(found.kind, "todo"), *in_words(found, line), fact)


def _router(world: World) -> Finding:
    """Say whether the router could be told to let people in; nothing is changed."""
    language = world.router.speaks(world.line.gateway(), _LINE_SECONDS)
    over_six = world.router.speaks(world.line.gateway_6(), _LINE_SECONDS)
    fact: Literal["", "ipv6 told"] = "ipv6 told" if over_six else ""
    if language:
        text = say("the router forwards ports if it is told to ({language})", language=language)
        return Finding("router", "ok", text, fact=fact)
    if over_six:
        text = say("the router lets people in over IPv6 if it is told to ({language})", language=over_six)
        return Finding("router", "todo", text, fact=fact)
    return Finding("router", "todo", say("the router takes no orders from this machine"))


def _domain(world: World, domain: str, resolvers: Sequence[str], listen: Sequence[str]) -> Finding:
    found = world.surroundings.lookup(ascii_name(domain), resolvers, LOOK_SECONDS - 1)
    if is_at_home(domain):
        return _domain_at_home(world, domain, found, listen)
    if found.is_known is None:
        return Finding("domain", "todo", say("DNS does not answer; Enter goes on anyway"))
    if not found.is_known:
        text = say("{domain} has no DNS at all. Is it spelled right? Enter goes on anyway.", domain=domain)
        return Finding("domain", "!", text)
    if not found.addresses:
        return Finding("domain", "todo", say("{domain} has no address in DNS yet; you get it to copy", domain=domain))
    if _is_here(world, found, listen):
        return Finding("domain", "ok", say("{domain} leads to this machine", domain=domain))
    text = say("{domain} leads to {address}: that must be your line", domain=domain, address=found.addresses[0])
    return Finding("domain", "todo", text)


def _domain_at_home(world: World, domain: str, found: Lookup, listen: Sequence[str]) -> Finding:
    if _is_here(world, found, listen):
        return Finding("domain", "ok", say("{domain} leads to this machine", domain=domain))
    text = say("your router or DNS must lead {domain} to this machine", domain=domain)
    return Finding("domain", "todo", text)


def leads_here(world: World, answers: Answers) -> bool:
    """Say whether the server's own name leads to this machine, as this machine sees it."""
    found = world.surroundings.lookup(
        ascii_name(answers.network.host or answers.domain), answers.network.resolvers, LOOK_SECONDS - 1
    )
    return _is_here(world, found, answers.network.listen)


def _is_here(world: World, found: Lookup, listen: Sequence[str]) -> bool:
    return bool(set(found.addresses) & {*world.sockets.addresses(), *listen})


def _names(world: World, answers: Answers) -> Finding:
    """Return how the rest of DNS is: the names of services, and whatever else stands in the way."""
    names = service_names(answers)
    try:
        found = dns.report(world, Layout(), answers).findings
    except AnswersError:
        found = ()
    told = (*_OF_DOMAIN, *_UNANSWERED)
    wrong = [
        item
        for item in found
        if item.level == "!" and not (item.name == ascii_name(answers.domain) and item.key in told)
    ]
    other = next((item for item in wrong if item.key not in ("missing", *_UNANSWERED)), None)
    if other is not None:
        return Finding("names", "!", other.text, other.advice)
    missing = {item.name for item in wrong}
    if not missing:
        return Finding("names", "ok", say("all {count} names of services are in DNS", count=len(names)))
    text = say("{count} more names need a DNS record. You get them to copy; go on now.", count=len(missing))
    return Finding("names", "todo", text)
