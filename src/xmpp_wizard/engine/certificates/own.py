"""Whether the certificates that an admin brings are still where the answers say, whole, and for all names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.certificates.offers import choices
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import CertificateSource, Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.upkeep import Trouble
from xmpp_wizard.engine.offers import stored


def own_troubles(world: World, layout: Layout, target: Target) -> Iterator[Trouble]:
    """Yield what is wrong with the admin's own files or store; what is served stays, but is not renewed from there."""
    source = target.certificate_source
    if source.kind != "files":
        return
    gone = [(path, "certificates.files") for path in chain.from_iterable(source.files) if _is_gone(world, path)]
    gone += [(source.store, "certificates.store")] if source.store and _is_gone(world, source.store) else []
    for path, key in gone:
        yield _trouble(layout, say("{path} ({key}) cannot be read", path=path, key=key))
    for found in _named(world, source):
        if isinstance(found, Text):
            yield _trouble(layout, found)
    offered, now = usable(world, source), world.clock.now()
    missing = [name for request in target.certificates for name in choices(request, offered, now)[1]]
    # where something is gone, its names are missing for that
    if missing and not gone:
        yield _trouble(layout, say("none of your certificate files is for {names}", names=", ".join(missing)))


def usable(world: World, source: CertificateSource) -> tuple[ObservedCertificate, ...]:
    """Return all certificates that the admin brings and that are whole."""
    named = (found for found in _named(world, source) if isinstance(found, ObservedCertificate))
    return (*named, *(facts for facts, _ in stored(world, source)))


def _is_gone(world: World, path: str) -> bool:
    try:
        return world.files.stat(path) is None
    except EffectError:
        return True


def _named(world: World, source: CertificateSource) -> Iterator[ObservedCertificate | Text]:
    """Yield the facts of each pair of files that is there, or what is wrong with it."""
    for chain_path, key_path in source.files:
        try:
            files = world.files.read(chain_path), world.files.read(key_path)
            if files[0] is not None and files[1] is not None:
                yield world.authority.inspect(files[0], files[1])
        except EffectError as error:
            yield say("{path}: {problem}", path=f"{chain_path} + {key_path}", problem=error.text)


def _trouble(layout: Layout, what: Text) -> Trouble:
    command = layout.command("cert", "import")
    how = say(
        "What is served stays until it ends. Put them back, or say where they are now: {command}", command=command
    )
    return Trouble("certificate-source", what, how)
