"""One order, from the wish to the chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xmpp_wizard.core.acme.advice import explain
from xmpp_wizard.core.acme.model import AcmeError, Authorization, CertificateAuthority, Order, Problem
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.acme.checks import Ways, pass_checks, pause

_SECONDS = 90.0


class NamesError(Exception):
    """Some names of an order were refused or failed their check; the others may be ordered without them."""

    def __init__(self, failed: dict[str, Problem]) -> None:
        """Keep the problem of each."""
        super().__init__(", ".join(failed))
        self.failed = failed


@dataclass(frozen=True, slots=True)
class Wish:
    """What is ordered. ``order_url`` is an order that was begun earlier."""

    names: tuple[str, ...]
    profile: str = ""
    replaces: bytes = b""
    order_url: str = ""


def rehearse(world: World, authority: CertificateAuthority, names: Sequence[str], ways: Ways) -> dict[str, Problem]:
    """Pass all checks and order nothing further; return why those failed that did.

    Raises:
        AcmeError: the authority could not be talked to.
    """
    try:
        order = _ordered(authority, Wish(tuple(names)))
        authorizations = [authority.authorization(url) for url in order.authorizations]
        return pass_checks(world, authority, authorizations, ways)
    except NamesError as error:
        return error.failed


def obtain(
    world: World,
    authority: CertificateAuthority,
    wish: Wish,
    ways: Ways,
    key: bytes,
    remember: Callable[[str], None],
) -> bytes:
    """Return the chain for ``wish``; ``remember`` gets the order's URL before anything can be cut off.

    Raises:
        NamesError: some names did not pass.
        AcmeError: the whole order failed, or the authority could not be talked to.
    """
    order = _resumed(authority, wish) or _ordered(authority, wish)
    remember(order.url)
    if order.status == "pending":
        authorizations: list[Authorization] = [authority.authorization(url) for url in order.authorizations]
        failed = pass_checks(world, authority, authorizations, ways)
        if failed:
            raise NamesError(failed)
        order = _settled(world, authority, order, "ready")
    if order.status == "ready":
        try:
            order = authority.finalize(order, key)
        except AcmeError as error:
            raise _by_name(error, wish.names) from error
    return authority.download(_settled(world, authority, order, "valid"))


def _resumed(authority: CertificateAuthority, wish: Wish) -> Order | None:
    if not wish.order_url:
        return None
    try:
        order = authority.resume(wish.order_url)
    except AcmeError:
        return None
    return order if sorted(order.names) == sorted(wish.names) and order.status != "invalid" else None


def _ordered(authority: CertificateAuthority, wish: Wish) -> Order:
    try:
        return authority.order(wish.names, wish.profile, wish.replaces)
    except AcmeError as error:
        raise _by_name(error, wish.names) from error


def _settled(world: World, authority: CertificateAuthority, order: Order, wanted: str) -> Order:
    """Wait until an order has come as far as ``wanted``."""
    deadline = world.clock.monotonic() + _SECONDS
    while order.status != wanted:
        if order.status == "invalid":
            error = AcmeError(order.problem or Problem("malformed", "the order is invalid"))
            raise _by_name(error, order.names)
        if wanted == "ready" and order.status in {"processing", "valid"}:
            return order
        if world.clock.monotonic() >= deadline:
            raise AcmeError(Problem("slow", f"not done after {_SECONDS:.0f} s"))
        world.clock.sleep(pause(iter((order.wait_seconds,))))
        order = authority.resume(order.url)
    return order


def _by_name(error: AcmeError, names: Sequence[str]) -> NamesError | AcmeError:
    """Return the error as one of names, if that is what it is about."""
    problem = error.problem
    named = {part.name: part for part in problem.parts if part.name in names}
    if named:
        return NamesError(named)
    advice = explain(problem, names[0] if len(names) == 1 else "")[0]
    if advice.blame == "name" and advice.name in names:
        return NamesError({advice.name: problem})
    return error
