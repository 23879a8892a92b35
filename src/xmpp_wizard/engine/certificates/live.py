"""Certificates on the host: each generation of them is a folder, the live one is swapped in whole.

``certificates/generations/N/<name>/fullchain.pem`` and ``privkey.pem`` (as Prosody finds them), ``certificates/live``
is a relative link to one N, so that it also leads there inside a container.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from xmpp_wizard.core.acme.due import renew_at
from xmpp_wizard.core.acme.parts import Part, parts
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.certificates.authority import CertificateFiles
from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.offers import choices, chosen
from xmpp_wizard.core.errors import EffectError, NotSetUpError
from xmpp_wizard.core.layout import CERTIFICATES_GROUP, Layout
from xmpp_wizard.core.planning.actions import PublishCertificates
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import CertificateSource
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.memory.pins import load_pins, waiting
from xmpp_wizard.engine.observe import authority_subject, live_certificates
from xmpp_wizard.engine.offers import stored

_GROUP = (0, CERTIFICATES_GROUP)
_ROOT = (0, 0)
_KEPT_GENERATIONS = 3
_DAY_SECONDS = 86400
_TITLE_SIGNS = 40
"""Of the domain; a common name has room for 64 in all (RFC 5280, ub-common-name)."""


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """A live certificate, in words that people and scripts can use."""

    name: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    renewal_at: datetime
    issuer: str
    is_local: bool
    serial: str
    """Hexadecimal."""
    sha256: str

    def days_left(self, at: float) -> int:
        """Return for how many whole days it still holds after the moment ``at``; negative once it has ended."""
        return int((self.not_after.timestamp() - at) // _DAY_SECONDS)


def status(world: World, layout: Layout) -> tuple[CertificateStatus, ...]:
    """Return the live certificates, by name."""
    subject = authority_subject(world, layout)
    states = store.load_state(world, layout).certificates.values()
    windows = {state.renewal.sha256: state.renewal for state in states if state.renewal is not None}
    return tuple(
        CertificateStatus(
            name=name,
            names=facts.names,
            not_before=facts.not_before,
            not_after=facts.not_after,
            renewal_at=renew_at(facts, windows.get(facts.sha256)),
            issuer=facts.issuer,
            is_local=facts.issuer == subject,
            serial=f"{facts.serial:x}",
            sha256=facts.sha256,
        )
        for name, facts in sorted(live_certificates(world, layout)[1].items())
    )


def root_certificate(world: World, layout: Layout) -> bytes:
    """Return the local authority's certificate, PEM.

    Raises:
        NotSetUpError: there is none.
        ObstacleError: its file is damaged.
    """
    certificate = world.files.read(str(layout.authority / "root.crt"))
    if not certificate:
        raise NotSetUpError(
            say("this server has no certificate authority of its own"),
            say("It is made by an apply with certificates.source = local."),
        )
    authority_subject(world, layout)  # nobody may be sent to trust what is no certificate
    return certificate


def make_authority(world: World, layout: Layout, title: str) -> None:
    """Make the local authority; the certificate is written last, so that it never lacks its key."""
    # with a token, so that two authorities of one server are told apart, by phones and by the plan
    name = f"xmpp-wizard {title[:_TITLE_SIGNS]} {world.entropy.token(4)}"
    certificate, key = world.authority.new_authority(name, world.clock.now())
    world.files.make_folder(str(layout.authority), 0o700, _ROOT)
    # an old certificate beside a new key would be worse than none
    world.files.remove(str(layout.authority / "root.crt"))
    world.files.write(str(layout.authority / "root.key"), key, 0o600, _ROOT)
    world.files.write(str(layout.authority / "root.crt"), certificate, 0o644, _ROOT)


def publish(world: World, layout: Layout, action: PublishCertificates) -> None:
    """Write a whole new generation of certificates and make it the live one in one step.

    The private key of a name is kept over renewals.
    """
    folder = layout.certificates / "generations" / str(action.generation)
    world.files.remove(str(folder))
    world.files.make_folder(str(folder), 0o750, _GROUP)
    for name, files in _all_files(world, layout, action):
        place = str(folder / name)
        world.files.make_folder(place, 0o750, _GROUP)
        world.files.write(f"{place}/fullchain.pem", files.chain, 0o640, _GROUP)
        world.files.write(f"{place}/privkey.pem", files.key, 0o640, _GROUP)
    world.files.link(str(layout.certificates / "live"), f"generations/{action.generation}")
    _forget_old(world, layout, action.generation)


def _all_files(world: World, layout: Layout, action: PublishCertificates) -> Iterator[tuple[str, CertificateFiles]]:
    """Yield each certificate to be served with the name of its folder."""
    if action.source.acme is not None:
        yield from public_files(world, layout, action.source.acme, action.requests)
        return
    if action.source.kind == "files":
        yield from _own_files(world, layout, action.source, action.requests)
        return
    for request in action.requests:
        yield request.name, _obtain(world, layout, action, request)


def public_files(
    world: World, layout: Layout, source: AcmeSource, requests: tuple[CertificateRequest, ...]
) -> Iterator[tuple[str, CertificateFiles]]:
    """Yield what a public authority gave, and local certificates for the names that it gave none for."""
    live = live_certificates(world, layout)[1]
    for request in requests:
        pair = store.obtained(world, layout, source, request)
        if pair is not None and waiting(world, layout, {request.name: pair[0]}, live):
            # its key is not yet known to those who look it up in DNS
            pair = _live_pair(world, layout, request.name) or pair
        for part in parts(request, pair[0] if pair else None, world.clock.now()):
            if part.is_obtained and pair is not None:
                yield part.folder, pair[1]
            else:
                yield part.folder, _stand_in(world, layout, part)


def _live_pair(world: World, layout: Layout, name: str) -> tuple[ObservedCertificate, CertificateFiles] | None:
    folder = layout.certificates / "live" / name
    chain, key = (world.files.read(str(folder / file)) for file in ("fullchain.pem", "privkey.pem"))
    return (world.authority.inspect(chain, key), CertificateFiles(chain, key)) if chain and key else None


def _stand_in(world: World, layout: Layout, part: Part) -> CertificateFiles:
    """Return a local certificate; the authority for it is made when it is first needed."""
    root = _local_root(world, layout)
    if root is None:
        make_authority(world, layout, part.request.name)
        root = _local_root(world, layout)
    if root is None:
        raise EffectError(say("the local certificate authority cannot be read back"))
    live = layout.certificates / "live" / part.folder
    chain, key = (world.files.read(str(live / name)) for name in ("fullchain.pem", "privkey.pem"))
    own_key = key if chain and key and _is_kept(world, layout, root[0], chain, key) else b""
    return world.authority.issue(root, part.names, world.clock.now(), own_key)


def _local_root(world: World, layout: Layout) -> tuple[bytes, bytes] | None:
    """Return certificate and key of the local authority, if both can be used."""
    certificate, key = (world.files.read(str(layout.authority / name)) for name in ("root.crt", "root.key"))
    if not certificate or not key:
        return None
    with suppress(EffectError):
        if world.authority.inspect(certificate, key).not_after > world.clock.now():
            return certificate, key
    return None


def _obtain(world: World, layout: Layout, action: PublishCertificates, request: CertificateRequest) -> CertificateFiles:
    live = layout.certificates / "live" / request.name
    chain, key = (world.files.read(str(live / name)) for name in ("fullchain.pem", "privkey.pem"))
    if request.name not in action.reissue and chain and key:
        return CertificateFiles(chain, key)
    root = tuple(world.files.read(str(layout.authority / name)) for name in ("root.crt", "root.key"))
    if root[0] is None or root[1] is None:
        raise EffectError(
            say("the local certificate authority has lost a file below {folder}", folder=layout.authority),
            say("Remove the folder; the next apply makes a new authority, which phones must trust again."),
        )
    own_key = key if chain and key and _is_kept(world, layout, root[0], chain, key) else b""
    return world.authority.issue((root[0], root[1]), request.names, world.clock.now(), own_key)


def _is_kept(world: World, layout: Layout, root: bytes, chain: bytes, key: bytes) -> bool:
    """Say whether a live certificate's key is used for the next local one.

    It is if the certificate is of this authority: the key of one that an admin brought is not ours to use. But where
    keys are pinned in DNS, a new one would shut out all who look there.
    """
    if load_pins(world, layout).are_in_use():
        return True
    with suppress(EffectError):
        return world.authority.inspect(chain, key).issuer == world.authority.inspect(root).issuer
    return False


def _own_files(
    world: World, layout: Layout, source: CertificateSource, requests: tuple[CertificateRequest, ...]
) -> Iterator[tuple[str, CertificateFiles]]:
    """Yield the admin's certificates that are served; all that is live where a key of them is not known in DNS yet."""
    offered = [*_named(world, source), *stored(world, source)]
    live = live_certificates(world, layout)[1]
    if waiting(world, layout, chosen(requests, [facts for facts, _ in offered], world.clock.now()), live):
        for name in live:
            pair = _live_pair(world, layout, name)
            if pair is not None:
                yield name, pair[1]
        return
    for request in requests:
        found, missing = choices(request, [facts for facts, _ in offered], world.clock.now())
        if missing:
            raise EffectError(
                say("none of your certificate files is for {name} any more", name=", ".join(missing)),
                say("They changed since the plan was made; run again."),
            )
        for choice in found:
            yield choice.folder, next(files for facts, files in offered if facts == choice.certificate)


def _named(world: World, source: CertificateSource) -> Iterator[tuple[ObservedCertificate, CertificateFiles]]:
    for chain_path, key_path in source.files:
        chain, key = world.files.read(chain_path), world.files.read(key_path)
        if chain and key:
            yield world.authority.inspect(chain, key), CertificateFiles(chain, key)


def _forget_old(world: World, layout: Layout, generation: int) -> None:
    folder = layout.certificates / "generations"
    for name in world.files.names(str(folder)):
        if name.isdigit() and int(name) <= generation - _KEPT_GENERATIONS:
            world.files.remove(str(folder / name))
