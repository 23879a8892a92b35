"""What stands in the way of a plan, found before anything is changed: each with its owner and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import chain

from xmpp_wizard.core.observed import Listener, Observed
from xmpp_wizard.core.offers import choices
from xmpp_wizard.core.plan import Obstacle
from xmpp_wizard.core.target import Opening, Target
from xmpp_wizard.core.text import say

_WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""Before this program was written no clock is right; a machine without a battery starts in the past."""
_NEEDED_MB = 100
_NEEDED_FOR_BUILD_MB = 1500


def obstacles(target: Target, observed: Observed) -> tuple[Obstacle, ...]:
    """Return everything that makes the plan impossible until a person acts."""
    return (
        *_wrong_clock(observed),
        *_missing_addresses(target, observed),
        *_busy_ports(target, observed),
        *_missing_references(target, observed),
        *_unfit_certificates(target, observed),
        *_full_disk(target, observed),
    )


def _wrong_clock(observed: Observed) -> Iterator[Obstacle]:
    if observed.now < _WRITTEN:
        yield Obstacle(
            say("this machine's clock says {day}; certificates made now would be of no use", day=observed.now.date()),
            say("Set it: timedatectl set-ntp true, or date -s 'YYYY-MM-DD hh:mm'"),
        )


def _missing_addresses(target: Target, observed: Observed) -> Iterator[Obstacle]:
    for address in dict.fromkeys(opening.address for opening in target.openings if opening.address):
        if not ip_address(address).is_loopback and address not in observed.addresses:
            yield Obstacle(
                say("network.listen names {address}, which is not an address of this machine", address=address),
                say("This machine has: {addresses}", addresses=", ".join(observed.addresses) or "none"),
            )


def _busy_ports(target: Target, observed: Observed) -> Iterator[Obstacle]:
    ours = {container.id for container in observed.containers.values()}
    for opening in target.openings:
        for listener in observed.listeners:
            if listener.container_id not in ours and _overlap(opening, listener):
                yield Obstacle(
                    say(
                        "port {port} ({purpose}) is taken by {program} (pid {pid})",
                        port=opening.port,
                        purpose=opening.purpose,
                        program=listener.program or "another program",
                        pid=listener.pid,
                    ),
                    say("Stop that program, or choose another port or address below [network] in the answers."),
                )
                break


def _overlap(opening: Opening, listener: Listener) -> bool:
    is_same = opening.port == listener.port and opening.protocol == listener.protocol
    return is_same and (not opening.address or not listener.address or opening.address == listener.address)


def _missing_references(target: Target, observed: Observed) -> Iterator[Obstacle]:
    named = [(copy.reference.source, copy.reference.key) for copy in target.copies]
    named += [(path, "certificates.files") for path in chain.from_iterable(target.certificate_source.files)]
    named += [(target.certificate_source.store, "certificates.store")] if target.certificate_source.store else []
    named += target.certificate_source.acme.files if target.certificate_source.acme is not None else ()
    for path, key in named:
        if path not in observed.references:
            yield Obstacle(
                say("{path} ({key}) cannot be read", path=path, key=key),
                say("Is the path right? It must be a file on this machine."),
            )


def _unfit_certificates(target: Target, observed: Observed) -> Iterator[Obstacle]:
    if target.certificate_source.kind != "files":
        return
    for request in target.certificates:
        found, missing = choices(request, observed.offered, observed.now)
        # with none at all, it was said already which files cannot be read
        if missing and (observed.offered or target.certificate_source.store):
            yield Obstacle(
                say("none of your certificate files is for {names}", names=", ".join(missing)),
                say("Get one certificate for all of: {names}", names=", ".join(request.names)),
            )
        for choice in found:
            if choice.certificate.not_after <= observed.now:
                ended = choice.certificate.not_after.date()
                yield Obstacle(
                    say("your certificate for {name} ended on {day}", name=choice.folder, day=ended),
                    say("Get a new one, or set certificates.source to local."),
                )


def _full_disk(target: Target, observed: Observed) -> Iterator[Obstacle]:
    builds = any(container.tag not in observed.images for container in target.containers)
    needed_mb = _NEEDED_FOR_BUILD_MB if builds else _NEEDED_MB
    free_mb = observed.free_bytes // 1_000_000
    if free_mb < needed_mb:
        yield Obstacle(
            say("the disk has {free} MB free; {needed} MB are needed", free=free_mb, needed=needed_mb),
            say("Make room, for instance with: apt-get clean"),
        )
