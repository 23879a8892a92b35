"""What belongs to ACME on the disk, for root alone.

``acme/<directory>/account.key`` and ``acme/<directory>/certificates/<name>/{privkey,fullchain}.pem``: one folder for
each authority, so that a rehearsal never mixes with what counts. ``acme/state.json`` is what is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

from xmpp_wizard.core.acme.due import is_worth_keeping
from xmpp_wizard.core.acme.model import KeyKind
from xmpp_wizard.core.acme.source import AcmeSource, folder_of
from xmpp_wizard.core.acme.state import AcmeState, CertificateState
from xmpp_wizard.core.certificates.authority import CertificateFiles
from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.renewal import missing_names
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.memory.memo import Memo

_STATE = Memo(AcmeState)
_ROOT = (0, 0)
_ACCOUNT_KIND: KeyKind = "ec256"


def load_state(world: World, layout: Layout) -> AcmeState:
    """Return what is remembered; what is damaged or another version's counts as nothing."""
    return _STATE.load(world, layout.acme_state) or AcmeState()


def save_state(world: World, layout: Layout, state: AcmeState) -> None:
    """Remember it."""
    _STATE.save(world, layout.acme_state, state)


def save_certificate_state(world: World, layout: Layout, name: str, state: CertificateState) -> None:
    """Remember what is known of one wished certificate."""
    everything = load_state(world, layout)
    save_state(world, layout, replace(everything, certificates={**everything.certificates, name: state}))


def account_key(world: World, layout: Layout, directory_url: str) -> bytes:
    """Return the key of our account with an authority; made once, and never again while it is there."""
    folder = layout.acme / folder_of(directory_url)
    path = str(folder / "account.key")
    key = world.files.read(path)
    if key and world.acme.key_kind(key):
        return key
    made = world.acme.new_key(_ACCOUNT_KIND)
    for place in (layout.acme, folder):
        world.files.make_folder(str(place), 0o700, _ROOT)
    world.files.write(path, made, 0o600, _ROOT)
    return made


def forget_account(world: World, layout: Layout, directory_url: str) -> None:
    """Remove an account key that the authority no longer accepts; the next one makes another account."""
    world.files.remove(str(layout.acme / folder_of(directory_url) / "account.key"))


def certificate_key(world: World, layout: Layout, source: AcmeSource, name: str, *, is_new: bool = False) -> bytes:
    """Return the private key for a certificate: the one there is, unless another one is wished for."""
    folder = _folder(layout, source.directory_url, name)
    path = str(folder / "privkey.pem")
    if not is_new:
        for place in (folder / "next.pem", folder / "privkey.pem"):
            key = world.files.read(str(place))
            if key and world.acme.key_kind(key) == source.key_kind:
                return key
    made = world.acme.new_key(source.key_kind)
    for place in (layout.acme, folder.parents[1], folder.parent, folder):
        world.files.make_folder(str(place), 0o700, _ROOT)
    # a key that is in use stays beside its certificate until there is another certificate
    world.files.write(str(folder / "next.pem") if world.files.stat(path) else path, made, 0o600, _ROOT)
    return made


def save_certificate(world: World, layout: Layout, source: AcmeSource, name: str, files: CertificateFiles) -> None:
    """Keep a certificate and its key.

    Raises:
        EffectError: they do not belong together, or cannot be read.
    """
    world.authority.inspect(files.chain, files.key)
    folder = _folder(layout, source.directory_url, name)
    world.files.write(str(folder / "privkey.pem"), files.key, 0o600, _ROOT)
    world.files.write(str(folder / "fullchain.pem"), files.chain, 0o600, _ROOT)
    world.files.remove(str(folder / "next.pem"))


def forget_certificate(world: World, layout: Layout, source: AcmeSource, name: str, *, with_key: bool) -> None:
    """Remove a certificate that is no longer worth anything."""
    folder = _folder(layout, source.directory_url, name)
    world.files.remove(str(folder / "fullchain.pem"))
    if with_key:
        world.files.remove(str(folder / "privkey.pem"))


def read_certificate(world: World, layout: Layout, directory_url: str, name: str) -> CertificateFiles | None:
    """Return what an authority gave for a wish; None where there is nothing whole."""
    folder = _folder(layout, directory_url, name)
    chain, key = (world.files.read(str(folder / file)) for file in ("fullchain.pem", "privkey.pem"))
    with suppress(EffectError):
        if chain and key:
            world.authority.inspect(chain, key)
            return CertificateFiles(chain, key)
    return None


def obtained(
    world: World, layout: Layout, source: AcmeSource, request: CertificateRequest
) -> tuple[ObservedCertificate, CertificateFiles] | None:
    """Return the best certificate for a wish: of the chosen authority, or an earlier one's that has more names."""
    found = []
    chosen = folder_of(source.directory_url)
    for folder in (chosen, *(name for name in world.files.names(str(layout.acme)) if name != chosen)):
        place = layout.acme / folder / "certificates" / request.name
        chain, key = (world.files.read(str(place / file)) for file in ("fullchain.pem", "privkey.pem"))
        # a damaged pair counts as none; what has ended has no names any more
        with suppress(EffectError):
            if chain and key:
                facts = world.authority.inspect(chain, key)
                if facts.not_after > world.clock.now():
                    found.append((facts, CertificateFiles(chain, key)))
    now = world.clock.now()

    def flaws(pair: tuple[ObservedCertificate, CertificateFiles]) -> tuple[int, bool]:
        return len(missing_names(pair[0], request.names)), not is_worth_keeping(pair[0], now)

    return min(found, key=flaws, default=None)


def all_obtained(
    world: World, layout: Layout, source: AcmeSource, requests: tuple[CertificateRequest, ...]
) -> Mapping[str, ObservedCertificate]:
    """Return the facts of what was given for each wish, by its name."""
    found = ((request.name, obtained(world, layout, source, request)) for request in requests)
    return {name: pair[0] for name, pair in found if pair is not None}


def _folder(layout: Layout, directory_url: str, name: str) -> PurePosixPath:
    return layout.acme / folder_of(directory_url) / "certificates" / name
