"""Passing an authority's checks: all is laid out first, then all are answered, and whatever happens is cleared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from xmpp_wizard.core.acme.model import (
    AcmeError,
    Authorization,
    CertificateAuthority,
    Challenge,
    Method,
    Problem,
)
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.acme.means import way_past
from xmpp_wizard.engine.dns.texts import texts

_SECONDS = 120.0
_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")
"""RFC 8555 8.3: base64url."""
_WEBROOT_FOLDER = ".well-known/acme-challenge"


@dataclass(frozen=True, slots=True)
class Ways:
    """How checks are passed here: the method for each name, and what the methods need."""

    methods: Mapping[str, Method]
    source: AcmeSource
    layout: Layout


def pass_checks(
    world: World, authority: CertificateAuthority, authorizations: Sequence[Authorization], ways: Ways
) -> dict[str, Problem]:
    """Pass the checks of all names at once; return why those failed that did.

    Raises:
        AcmeError: the authority could not be talked to, or nothing can be answered from here (``portTaken``).
    """
    failed: dict[str, Problem] = {}
    picked: list[tuple[Authorization, Challenge]] = []
    for one in authorizations:
        if one.status == "valid":
            continue
        found = _pick(one, ways)
        if isinstance(found, Problem):
            failed[one.identifier] = found
        else:
            picked.append((one, found))
    if picked:
        with ExitStack() as stack:
            failed |= _lay_out(world, picked, ways, stack)
            ready = [(one, challenge) for one, challenge in picked if one.identifier not in failed]
            for _, challenge in ready:
                authority.answer(challenge)
            failed |= _outcomes(world, authority, [one for one, _ in ready])
    return failed


def _pick(one: Authorization, ways: Ways) -> Challenge | Problem:
    method = ways.methods.get(one.identifier, "")
    offered = {challenge.kind: challenge for challenge in one.challenges}
    if one.status != "pending" or method not in offered:
        detail = f"{method or 'none'} is wanted, offered are {', '.join(offered)}"
        return _problem_of(one) or Problem("noChallenge", detail, one.identifier)
    if _TOKEN.fullmatch(offered[method].token) is None:
        # it becomes the name of a file
        return Problem("notAcme", "a token of the authority is malformed", one.identifier)
    return offered[method]


def _lay_out(
    world: World, picked: Sequence[tuple[Authorization, Challenge]], ways: Ways, stack: ExitStack
) -> dict[str, Problem]:
    """Lay all proofs out until ``stack`` is closed; return why that could not be done for some names."""
    source = ways.source
    proofs = {challenge.token: challenge.proof for _, challenge in picked if challenge.kind == "http-01"}
    if proofs and source.webroot:
        stack.enter_context(_in_webroot(world, source.webroot, proofs))
    elif proofs:
        stack.enter_context(world.responder.serve(source.addresses, proofs))
    over_tls = {one.name: challenge.proof for one, challenge in picked if challenge.kind == "tls-alpn-01"}
    if over_tls:
        past = way_past(world, ways.layout, source)
        stack.enter_context(world.tls_responder.serve(source.addresses, over_tls, past))
    values: dict[str, list[str]] = {}
    by_dns = [(one, challenge) for one, challenge in picked if challenge.kind == "dns-01"]
    for one, challenge in by_dns:
        values.setdefault(f"_acme-challenge.{one.name}", []).append(challenge.dns_value)
    if not by_dns or source.dns is None:
        return {}
    try:
        strayed = stack.enter_context(texts(world, ways.layout, source.dns, values, source.resolvers))
    except EffectError as error:
        return {one.identifier: Problem("dnsProvider", str(error.text), one.identifier) for one, _ in by_dns}
    names = {one.identifier: f"_acme-challenge.{one.name}" for one, _ in by_dns}
    return {own: replace(strayed[proof], name=own) for own, proof in names.items() if proof in strayed}


@contextmanager
def _in_webroot(world: World, webroot: str, proofs: Mapping[str, str]) -> Iterator[None]:
    """Lay the proofs down where another web server finds them."""
    folder = f"{webroot.rstrip('/')}/{_WEBROOT_FOLDER}"
    if world.files.stat(webroot) is None:
        raise AcmeError(Problem("noMethod", f"the folder {webroot} is not there"))
    if world.files.stat(folder) is None:
        world.files.make_folder(folder, 0o755, (0, 0))
    try:
        for token, proof in proofs.items():
            world.files.write(f"{folder}/{token}", proof.encode(), 0o644, (0, 0))
        yield
    finally:
        for token in proofs:
            world.files.remove(f"{folder}/{token}")


def _outcomes(world: World, authority: CertificateAuthority, waiting: list[Authorization]) -> dict[str, Problem]:
    failed: dict[str, Problem] = {}
    deadline = world.clock.monotonic() + _SECONDS
    while waiting:
        looked = [authority.authorization(one.url) for one in waiting]
        for one in looked:
            if one.status not in {"pending", "valid"}:
                failed[one.identifier] = _problem_of(one) or Problem("malformed", f"the check is {one.status}")
        waiting = [one for one in looked if one.status == "pending"]
        if waiting and world.clock.monotonic() >= deadline:
            late = f"not done after {_SECONDS:.0f} s"
            return failed | {one.identifier: Problem("slow", late, one.identifier) for one in waiting}
        if waiting:
            world.clock.sleep(pause(one.wait_seconds for one in waiting))
    return failed


def pause(wishes: Iterator[float | None]) -> float:
    """Return how long to wait before asking again: as the authority says, within reason."""
    longest = max((wish for wish in wishes if wish is not None), default=_PAUSE_SECONDS)
    return min(max(longest, _PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)


def _problem_of(one: Authorization) -> Problem | None:
    found = ((challenge.problem, challenge.kind) for challenge in one.challenges)
    return next((replace(problem, method=kind) for problem, kind in found if problem), None)
