"""One look at the host: all reads happen here, before any decision."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import PurePosixPath

from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.certificates.offers import chosen
from xmpp_wizard.core.errors import EffectError, NeedsPersonError
from xmpp_wizard.core.kit.feature import Reference
from xmpp_wizard.core.kit.tokens import CHECKS
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import ObservedFirewall
from xmpp_wizard.core.network.front import PROGRAMS, ObservedFront
from xmpp_wizard.core.network.openings import doors
from xmpp_wizard.core.observed import Observed, ObservedFile
from xmpp_wizard.core.planning.files import content_hash
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret_files import NamedSecret
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.memory import generations, state
from xmpp_wizard.engine.memory.dns import last_line
from xmpp_wizard.engine.memory.pins import waiting
from xmpp_wizard.engine.offers import stored
from xmpp_wizard.engine.router import observed_router
from xmpp_wizard.engine.secret_files import read_secret, secret_notes
from xmpp_wizard.engine.storage_look import observed_storage


def observe(world: World, layout: Layout, target: Target, *, looks_at_firewall: bool = True) -> Observed:
    """Return the host as it is, as far as ``target`` and the last generation concern it.

    Without ``looks_at_firewall`` nothing is planned for it and the router; some cannot be asked from a walled service.

    Raises:
        EngineError: the container engine does not answer.
        DiskError: something of ours cannot be read.
    """
    containers = world.containers.observe(layout.project)
    tags = {container.tag for container in target.containers}
    history = generations.all_generations(world, layout)
    good = [generation for generation in history if generation.state == "good"]
    written = state.written(world, layout)
    number, certificates = live_certificates(world, layout)
    root = _authority(world, layout)
    obtained, offered = _obtained(world, layout, target), _offered(world, target)
    coming = {**obtained, **chosen(target.certificates, offered, world.clock.now())}
    line = last_line(world, layout)
    return Observed(
        now=world.clock.now(),
        generation=generations.highest(world, layout),
        is_unfinished=bool(history) and not generations.is_whole(world, layout, history[-1]),
        is_unrecorded=bool(containers) and not history,
        domains=good[-1].domains if good else (),
        files=_files(world, target, written),
        written=written,
        kept=state.kept(world, layout),
        references=_references(world, target),
        secret_notes=secret_notes(world, target),
        certificate_generation=number,
        certificates=certificates,
        obtained=obtained,
        unready=waiting(world, layout, coming, certificates),
        asked=store.load_state(world, layout).certificates if target.certificate_source.acme else {},
        offered=offered,
        entered=line.entered,
        entering=line.entering,
        authority=root.issuer if root else "",
        authority_ends=root.not_after if root else None,
        admin_config=_admin_config(world, layout),
        images=frozenset(tag for tag in tags if world.containers.has_image(tag)),
        containers=containers,
        loaded=state.loaded(world, layout),
        listeners=tuple(world.sockets.listeners()),
        addresses=tuple(world.sockets.addresses()),
        free_bytes=world.files.free_bytes(str(layout.state)),
        front=_front(world, layout, target),
        timer=world.services.timer(layout.timer) if str(layout.root) == "/" else None,
        firewall=firewall(world, layout, target) if looks_at_firewall else None,
        router=observed_router(world, layout, target.forwards) if looks_at_firewall else None,
        pinholes=observed_router(world, layout, target.pinholes, "IPv6") if looks_at_firewall else None,
        storage=observed_storage(world, layout, target),
    )


def _front(world: World, layout: Layout, target: Target) -> ObservedFront | None:
    program = PROGRAMS.get(target.front.kind) if target.front else None
    if program is None:
        return None
    config = world.files.read(layout.front_config(program))
    if config is None:
        return ObservedFront("", {})
    names = world.web_servers.names(program, layout.front_config(program), layout.front_file(program))
    return ObservedFront(config.decode("utf-8", "replace"), names)


def firewall(world: World, layout: Layout, target: Target) -> ObservedFirewall | None:
    """Return what the firewall does with the server's doors.

    None for a server below a folder of its own, and where it does not answer and nothing is to be opened.

    Raises:
        EffectError: it does not answer, though it is to be opened.
    """
    if str(layout.root) != "/":
        return None
    try:
        return world.firewall.observe(doors(target.outside), layout.project)
    except EffectError:
        if target.doors:
            raise
        return None


def live_certificates(world: World, layout: Layout) -> tuple[int, dict[str, ObservedCertificate]]:
    """Return the number of the live generation of certificates (0: none) and its facts by folder name."""
    link = world.files.link_target(str(layout.certificates / "live"))
    if link is None:
        return 0, {}
    folder = layout.certificates / link
    found = {}
    for name in world.files.names(str(folder)):
        chain, key = (world.files.read(str(folder / name / file)) for file in ("fullchain.pem", "privkey.pem"))
        # a damaged pair counts as none, and is made anew
        with suppress(EffectError):
            if chain and key:
                found[name] = world.authority.inspect(chain, key)
    last = PurePosixPath(link).name
    return int(last) if last.isdigit() else 0, found


def authority_subject(world: World, layout: Layout) -> str:
    """Return the subject of the local authority's certificate; empty before there is one."""
    root = _authority(world, layout)
    return root.issuer if root else ""


def _authority(world: World, layout: Layout) -> ObservedCertificate | None:
    path = str(layout.authority / "root.crt")
    certificate = world.files.read(path)
    return _inspected(world, path, certificate) if certificate else None


def _admin_config(world: World, layout: Layout) -> dict[str, str]:
    names = (name for name in world.files.names(str(layout.admin_config)) if name.endswith(".cfg.lua"))
    contents = {str(layout.admin_config / name): world.files.read(str(layout.admin_config / name)) for name in names}
    return {path: content_hash(content) for path, content in contents.items() if content is not None}


def _inspected(world: World, path: str, chain: bytes, key: bytes = b"") -> ObservedCertificate:
    """Return the facts of a certificate, or say which file it is that has none."""
    try:
        return world.authority.inspect(chain, key)
    except EffectError as error:
        raise NeedsPersonError(say("{path}: {problem}", path=path, problem=error.text), error.hint) from error


def _files(world: World, target: Target, written: dict[str, tuple[str, ...]]) -> dict[str, ObservedFile]:
    paths = {folder.path for folder in target.folders} | {file.path for file in target.files}
    paths |= {copy.reference.source for copy in target.copies if copy.reference.url}
    paths |= {copy.path for copy in target.copies} | {secret.path for secret in target.secrets} | set(written)
    found = ((path, world.files.stat(path)) for path in sorted(paths))
    return {path: facts for path, facts in found if facts is not None}


def _references(world: World, target: Target) -> dict[str, str]:
    found = {}
    for reference in (copy.reference for copy in target.copies):
        if reference.url:
            # it will be this or the plan fails before it touches anything
            found[reference.source] = reference.sha256
            continue
        content = _content(world, reference)
        if content is not None:
            if reference.holds_certificates:
                _inspected(world, f"{reference.source} ({reference.key})", content)
            _check(reference, content)
            found[reference.source] = content_hash(content)
    kept = target.certificate_source.store
    if kept and world.files.stat(kept) is not None:
        found[kept] = ""
    acme = target.certificate_source.acme
    of_acme = [path for path, _ in acme.files] if acme is not None else []
    for path in (*of_acme, *(path for pair in target.certificate_source.files for path in pair)):
        content = world.files.read(path)
        if content is not None:
            found[path] = content_hash(content)
    return found


def _content(world: World, reference: Reference) -> bytes | None:
    if reference.is_secret:
        return read_secret(world, NamedSecret(reference.source, reference.key))
    return world.files.read(reference.source)


def _check(reference: Reference, content: bytes) -> None:
    """Refuse a file that is of no use, and say which it is."""
    try:
        if reference.key_for:
            CHECKS[reference.key_for](content)
    except NeedsPersonError as error:
        where = f"{reference.source} ({reference.key})"
        raise NeedsPersonError(say("{path}: {problem}", path=where, problem=error.text), error.hint) from error


def _obtained(world: World, layout: Layout, target: Target) -> Mapping[str, ObservedCertificate]:
    source = target.certificate_source.acme
    return store.all_obtained(world, layout, source, target.certificates) if source is not None else {}


def _offered(world: World, target: Target) -> tuple[ObservedCertificate, ...]:
    found = []
    for chain_path, key_path in target.certificate_source.files:
        chain, key = world.files.read(chain_path), world.files.read(key_path)
        if chain is not None and key is not None:
            found.append(_inspected(world, f"{chain_path} + {key_path}", chain, key))
    return (*found, *(facts for facts, _ in stored(world, target.certificate_source)))
