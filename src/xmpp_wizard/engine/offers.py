"""The admin's certificates: files that the answers name, and what other programs keep.

``store`` is certbot's ``live`` folder or Caddy's ``certificates`` folder, both a folder for each certificate at some
depth, or Traefik's ``acme.json``. What there is no whole certificate in a store counts as nothing: others write it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from contextlib import suppress

from xmpp_wizard.core.certificates.authority import CertificateFiles
from xmpp_wizard.core.certificates.certificate import ObservedCertificate
from xmpp_wizard.core.errors import DiskError, EffectError
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import CertificateSource

_DEPTH = 3
_MOST_ENTRIES = 2000
"""Of a store; more of them is another folder than was meant."""


def stored(world: World, source: CertificateSource) -> tuple[tuple[ObservedCertificate, CertificateFiles], ...]:
    """Return all whole certificates in the store of ``source``, with their facts."""
    found = []
    for files in _in_store(world, source.store) if source.store else ():
        with suppress(EffectError):
            found.append((world.authority.inspect(files.chain, files.key), files))
    return tuple(found)


def _in_store(world: World, path: str) -> Iterator[CertificateFiles]:
    facts = world.files.stat(path)
    if facts is None:
        return
    if facts.is_folder:
        left = [_MOST_ENTRIES]
        yield from _in_folder(world, path, _DEPTH, left)
    else:
        yield from _in_traefiks(world.files.read(path) or b"")


def _in_folder(world: World, folder: str, depth: int, left: list[int]) -> Iterator[CertificateFiles]:
    names = world.files.names(folder)
    left[0] -= len(names)
    if left[0] < 0:
        return
    for name in names:
        stem, dot, ending = name.rpartition(".")
        if name == "fullchain.pem":
            yield from _pair(world, f"{folder}/{name}", f"{folder}/privkey.pem")
        elif dot and ending == "crt":
            yield from _pair(world, f"{folder}/{name}", f"{folder}/{stem}.key")
        elif depth:
            below = world.files.stat(f"{folder}/{name}")
            if below is not None and below.is_folder:
                yield from _in_folder(world, f"{folder}/{name}", depth - 1, left)


def _pair(world: World, chain_path: str, key_path: str) -> Iterator[CertificateFiles]:
    with suppress(DiskError):
        chain, key = world.files.read(chain_path), world.files.read(key_path)
        if chain and key:
            yield CertificateFiles(chain, key)


def _in_traefiks(content: bytes) -> Iterator[CertificateFiles]:
    try:
        resolvers = json.loads(content)
    except ValueError:
        return
    for resolver in resolvers.values() if isinstance(resolvers, dict) else ():
        entries = resolver.get("Certificates") if isinstance(resolver, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            with suppress(binascii.Error, KeyError, TypeError, ValueError):
                yield CertificateFiles(base64.b64decode(entry["certificate"]), base64.b64decode(entry["key"]))
