"""Green means proven: throw-away people do what people do, with real clients through the real ports.

All that is claimed is claimed from this machine: names in DNS, routers and firewalls in between are not part of it.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import current_thread, main_thread

from xmpp_wizard.core.errors import EffectError, ProofFailedError, StoppedError, WizardError
from xmpp_wizard.core.events import Event, ProofEnded, ProofStarted
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import ProofStep
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.engine.proving.accounts import Guests, guests

STEP_SECONDS = 20.0
DOMAIN_SECONDS = 60.0
_AT_ONCE = 6
_ACCOUNTS = "accounts"
_UNFORESEEN = (OSError, EOFError, ValueError, LookupError, AttributeError, TypeError, SyntaxError)
"""What a step's code raises on an answer that it does not expect; XML's ParseError is a SyntaxError."""

Report = Callable[[Event], None]


def prove(world: World, layout: Layout, desired: Desired, report: Report) -> bool:
    """Do what the features' people do on every domain, and report each step; return whether all came out green.

    Its accounts are deleted whatever happens. A step has 20 s, a domain 60 s. What keeps it from beginning, such as
    a container that does not run, is reported as a step that failed.

    Raises:
        StoppedError: a person stopped it.
    """
    steps = tuple(
        _Step(domain, domain != desired.domains[0], step) for domain in desired.domains for step in desired.proofs
    )
    report(ProofStarted(tuple((step.name, step.title) for step in steps), world.clock.timestamp()))
    try:
        with ExitStack() as stack:
            people = {
                domain: stack.enter_context(guests(world, layout, domain, desired.proof_people))
                for domain in desired.domains
            }
            run = _Run(world, ways_in(desired), _roots(world, layout, desired), people, report)
            with _own_sigterm():
                return asyncio.run(run.all(steps))
    except (KeyboardInterrupt, asyncio.CancelledError) as error:
        raise StoppedError(
            say("the proof was stopped"), say("The server runs on. Prove it at any time with: xmpp-wizard prove")
        ) from error
    except (EffectError, ProofFailedError) as error:
        report(_ended(world, _ACCOUNTS, say("Throw-away accounts"), error, 0.0))
        return False


def ways_in(desired: Desired) -> Mapping[str, tuple[str, int]]:
    """Return (address, port) for each way of logging in that Prosody's options open."""
    address = desired.health.address
    options = {
        "starttls": ("c2s_ports",),
        "direct-tls": ("c2s_direct_tls_ports",),
        "https-port": ("ssl_ports",),
        "websocket": ("ssl_ports", "https_ports"),
    }
    ports = {way: [port for name in names for port in _ports(desired, name)] for way, names in options.items()}
    found = {way: (address, found[0]) for way, found in ports.items() if found}
    return found if desired.front is None else {**found, "websocket": (address, desired.front.port)}


def _ports(desired: Desired, name: str) -> list[int]:
    item = desired.settings.get(name)
    values = item.value if item is not None and isinstance(item.value, Sequence) else ()
    return [value for value in values if isinstance(value, int)]


def _roots(world: World, layout: Layout, desired: Desired) -> bytes:
    """Return the roots to believe beside the host's own, to which the admin's own certificates must lead.

    Local certificates stand in for public ones that cannot be had yet; that they do is told elsewhere.
    """
    source = desired.certificate_source
    if source.kind == "files":
        return b""
    given = world.files.read(source.acme.trusted_roots) if source.acme and source.acme.trusted_roots else b""
    return (given or b"") + (world.files.read(str(layout.authority / "root.crt")) or b"")


@dataclass(frozen=True, slots=True)
class _Step:
    """A step on one domain."""

    domain: str
    is_further: bool
    step: ProofStep

    @property
    def name(self) -> str:
        return f"{self.domain}/{self.step.name}" if self.is_further else self.step.name

    @property
    def title(self) -> Text:
        if not self.is_further:
            return self.step.title
        return say("{domain}: {title}", domain=self.domain, title=self.step.title)


@dataclass(frozen=True, slots=True)
class _Run:
    """One proof under way."""

    world: World
    addresses: Mapping[str, tuple[str, int]]
    roots: bytes
    people: Mapping[str, Guests]
    report: Report

    async def all(self, steps: Sequence[_Step]) -> bool:
        """Do the steps, one domain after the other, and say whether all came out green."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        if task is not None and current_thread() is main_thread():
            # like Ctrl-C, so that the accounts are deleted then too
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
        came_out = [await self._on(domain, [step for step in steps if step.domain == domain]) for domain in self.people]
        return all(is_green for domain in came_out for is_green in domain)

    async def _on(self, domain: str, steps: Sequence[_Step]) -> list[bool]:
        """Do the steps on one domain, a few at once."""
        who = self.people[domain]
        places = asyncio.Semaphore(_AT_ONCE)
        end = asyncio.get_running_loop().time() + DOMAIN_SECONDS
        async with (
            self.world.benches.open(domain, who.accounts, self.addresses, self.roots, who.invitation) as bench,
            asyncio.TaskGroup() as group,
        ):
            tasks = [group.create_task(self._do(step, bench, places, end)) for step in steps]
        return [task.result() for task in tasks]

    async def _do(self, step: _Step, bench: Bench, places: asyncio.Semaphore, end: float) -> bool:
        """Do one step and report how it came out."""
        loop = asyncio.get_running_loop()
        async with places:
            began = loop.time()
            seen: Text | WizardError
            try:
                async with asyncio.timeout_at(min(began + STEP_SECONDS, end)):
                    seen = await step.step.run(bench)
            except WizardError as error:
                seen = error
            except TimeoutError:
                seen = ProofFailedError(
                    say("not done after {seconds} s", seconds=round(loop.time() - began)),
                    say("The server may be overloaded: look at `xmpp-wizard status`, then prove again."),
                )
            except _UNFORESEEN as error:
                seen = ProofFailedError(
                    say("could not be tried: {kind}: {reason}", kind=type(error).__name__, reason=error),
                    say("Look at `xmpp-wizard logs` for this moment. The server may answer in a way nobody foresaw."),
                )
            self.report(_ended(self.world, step.name, step.title, seen, loop.time() - began))
        return isinstance(seen, Text)


def _ended(world: World, name: str, title: Text, seen: Text | WizardError, seconds: float) -> ProofEnded:
    text, hint = (seen, NOTHING) if isinstance(seen, Text) else (seen.text, seen.hint)
    return ProofEnded(name, title, isinstance(seen, Text), text, round(seconds, 3), world.clock.timestamp(), hint)


@contextmanager
def _own_sigterm() -> Iterator[None]:
    """Give SIGTERM back to whoever had it before: the event loop takes it, and would leave the default."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
