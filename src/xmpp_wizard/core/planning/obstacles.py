"""What stands in the way of a plan, found before anything is changed: each with its owner and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import chain
from pathlib import PurePosixPath

from xmpp_wizard.core.certificates.offers import Choice, choices
from xmpp_wizard.core.kit.feature import HTTPS_PORT
from xmpp_wizard.core.network.front import PROGRAMS, WEB_PORTS, hidden_names, is_read, recognised
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.network.openings import Opening
from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning import storage
from xmpp_wizard.core.planning.front import leaving
from xmpp_wizard.core.planning.plan import Obstacle
from xmpp_wizard.core.storage.backends import title_of
from xmpp_wizard.core.storage.place import in_the_way, place_called
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say

_WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""Before this program was written no clock is right; a machine without a battery starts in the past."""
_A_STORE = say("It must be certbot's live folder, Caddy's certificates folder, or Traefik's acme.json on this machine.")
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
        *_front(target, observed),
        *_full_disk(target, observed),
        *_lost_way(target, observed),
        *_mixed_places(target, observed),
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
                say("the answers name {address}, which is not an address of this machine", address=address),
                say("This machine has: {addresses}", addresses=", ".join(observed.addresses) or "none"),
            )


def _busy_ports(target: Target, observed: Observed) -> Iterator[Obstacle]:
    for opening, listener in busy(target, observed):
        yield Obstacle(
            say(
                "port {port} ({purpose}) is taken by {program} (pid {pid})",
                port=opening.port,
                purpose=Text(opening.purpose),
                program=listener.program or say("another program"),
                pid=listener.pid,
            ),
            _way_out(opening, listener),
            opening.port,
        )


def busy(target: Target, observed: Observed) -> Iterator[tuple[Opening, Listener]]:
    """Yield each opening that is taken by somebody else, with the first one who has it."""
    ours = {container.id for container in observed.containers.values()}
    # what a web server listens on for us, it lets go of as soon as our file is gone
    let_go = {name for kind in leaving(target, observed) for name in PROGRAMS[kind].processes}
    listeners = [one for one in observed.listeners if one.container_id not in ours and not _is_let_go(one, let_go)]
    for opening in target.openings:
        others = (one for one in listeners if one.takes(opening.address, opening.port, opening.protocol))
        owner = next(others, None)
        if owner is not None:
            yield opening, owner


def _is_let_go(listener: Listener, processes: set[str]) -> bool:
    return listener.port in WEB_PORTS and not listener.container_id and listener.program in processes


def _way_out(opening: Opening, listener: Listener) -> Text:
    kind = "" if listener.container_id else recognised(listener.program)
    if kind and opening.port == HTTPS_PORT:
        return say(
            'Let {program} keep it and pass the chat\'s pages on: set network.web_server to "{kind}".',
            program=PROGRAMS[kind].title,
            kind=kind,
        )
    if opening.port == HTTPS_PORT:
        return say(
            "If it is a web server, it can keep it and pass the chat's pages on: xmpp-wizard web-server says how. Else "
            "stop it, or choose another port or address below [network] in the answers."
        )
    return say("Stop that program, or choose another port or address below [network] in the answers.")


def _front(target: Target, observed: Observed) -> Iterator[Obstacle]:
    """Yield what keeps the web server in front from passing our pages on."""
    program = PROGRAMS.get(target.front.kind) if target.front else None
    file = next((file for file in target.files if file.reader), None)
    if target.front is None or program is None or observed.front is None or file is None:
        return
    if not observed.front.config:
        yield Obstacle(
            say(
                "network.web_server is {kind}, but there is no {path} here", kind=target.front.kind, path=program.config
            ),
            say("Set network.web_server to own, or to the web server that this machine has."),
        )
        return
    if not is_read(program, observed.front.config, PurePosixPath(file.path).name):
        yield Obstacle(
            say("{program} would not read the file for it", program=program.title),
            say("Add this line to /{path}: {line}", path=program.config, line=program.needs_line),
        )
    for name, other in hidden_names(target.front, observed.front).items():
        yield Obstacle(
            say("{program} already has a website for {name} ({file})", program=program.title, name=name, file=other),
            say("Set network.web_server to other, and add what xmpp-wizard web-server shows to that website."),
        )


def _missing_references(target: Target, observed: Observed) -> Iterator[Obstacle]:
    source = target.certificate_source
    named = [(copy.reference.source, copy.reference.key) for copy in target.copies]
    named += [(path, "certificates.files") for path in chain.from_iterable(source.files)]
    named += source.acme.files if source.acme is not None else ()
    a_file = say("Is the path right? It must be a file on this machine.")
    wanted = [(path, key, a_file) for path, key in named]
    if source.store:
        wanted.append((source.store, "certificates.store", say("Is the path right? {what}", what=_A_STORE)))
    for path, key, hint in wanted:
        if path not in observed.references:
            yield Obstacle(say("{path} ({key}) cannot be read", path=path, key=key), hint)


def _unfit_certificates(target: Target, observed: Observed) -> Iterator[Obstacle]:
    source = target.certificate_source
    if source.kind != "files":
        return
    if not observed.offered:
        # of what is not there at all, it was said already
        if source.store in observed.references:
            yield Obstacle(say("there is no certificate with its key in {path}", path=source.store), _A_STORE)
        return
    for request in target.certificates:
        found, missing = choices(request, observed.offered, observed.now)
        if missing:
            yield Obstacle(
                say("none of your certificate files is for {names}", names=", ".join(missing)),
                say("Get one certificate for all of: {names}", names=", ".join(request.names)),
            )
        for choice in found:
            yield from _out_of_time(choice, observed.now)


def _out_of_time(choice: Choice, now: datetime) -> Iterator[Obstacle]:
    if choice.certificate.not_after <= now:
        ended = choice.certificate.not_after.date()
        yield Obstacle(
            say("your certificate for {name} ended on {day}", name=choice.folder, day=ended),
            say("Get a new one, or set certificates.source to local."),
        )
    if choice.certificate.not_before > now:
        begins = choice.certificate.not_before.date()
        yield Obstacle(
            say("your certificate for {name} is not valid before {day}", name=choice.folder, day=begins),
            say("This machine says it is {today}. Is that wrong? sudo timedatectl set-ntp true", today=now.date()),
        )


def _lost_way(target: Target, observed: Observed) -> Iterator[Obstacle]:
    """Yield what keeps data from being moved: after an uninstall nothing tells how they were reached."""
    found = observed.storage
    if found is not None and found.container is None and storage.is_elsewhere(target, observed):
        new, old = place_called(target.pinned["storage"]).said, place_called(found.name).said
        yield Obstacle(
            say("storage.backend is {new}, but the data here are in {old}", new=new, old=old),
            say("Apply with storage.backend = {old} first; then they can be moved to {new}.", old=old, new=new),
        )


def _mixed_places(target: Target, observed: Observed) -> Iterator[Obstacle]:
    """Yield what stayed from before where a move could no longer tell it from what it puts there or leaves there."""
    found = observed.storage
    if found is None or not storage.moves(target, observed):
        return
    for name in in_the_way(found.kept, found.name, target.pinned["storage"]):
        yield Obstacle(
            say("what stayed in {kept} from before would be mixed with what moves now", kept=title_of(name)),
            say("Let it go first: sudo xmpp-wizard storage discard {kept}", kept=name),
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
