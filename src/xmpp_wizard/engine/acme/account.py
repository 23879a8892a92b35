"""Our account with an authority.

``acme/<directory>/account.key`` is its key, ``account.next`` one that it is just being given, and ``account.json``
what is remembered of it: only by that it is noticed that a key was lost and the account is another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from xmpp_wizard.core.acme.account import Account, bound_accounts
from xmpp_wizard.core.acme.advice import explain_once
from xmpp_wizard.core.acme.model import AcmeError, CertificateAuthority, ExternalBinding, Problem
from xmpp_wizard.core.acme.source import AcmeSource, authority_name, folder_of
from xmpp_wizard.core.dns.caa import questions
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret_files import NamedSecret
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say
from xmpp_wizard.core.upkeep import Trouble
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.memory.memo import Memo
from xmpp_wizard.engine.secret_files import read_secret

_ACCOUNT = Memo(Account)
_ROOT = (0, 0)
_ASK_SECONDS = 5.0


def connect(world: World, layout: Layout, source: AcmeSource) -> CertificateAuthority:
    """Return the authority of ``source``, with our account there found or made.

    Raises:
        AcmeError: it is not reached, or wants something of us first.
    """
    _finish_change(world, layout, source)
    key = store.account_key(world, layout, source.directory_url)
    authority = world.acme.connect(source.directory_url, key, source.trusted_roots)
    _remember(world, layout, source, authority.log_in(_binding(world, source)), key)
    return authority


def account_url(world: World, layout: Layout, source: AcmeSource) -> str:
    """Return the address of our account; the authority is asked only where it is not known.

    Raises:
        AcmeError: see :func:`connect`.
    """
    known = account(world, layout, source)
    key = world.files.read(key_path(layout, source))
    if known is None or key is None or known.key_sha256 != _sha256(key):
        connect(world, layout, source)
        known = account(world, layout, source)
    return known.url if known is not None else ""


def account(world: World, layout: Layout, source: AcmeSource) -> Account | None:
    """Return what is remembered of our account; None where there was none yet."""
    return _ACCOUNT.load(world, _folder(layout, source) / "account.json")


def key_path(layout: Layout, source: AcmeSource) -> str:
    """Return where the key of our account lies."""
    return str(_folder(layout, source) / "account.key")


def change_keys(world: World, layout: Layout, source: AcmeSource) -> Iterator[str]:
    """Give another key to each account that there is, also for rehearsals and with a second authority; yield its path.

    The accounts stay what they are. Cut off at any moment, the next run finds out which of two keys counts.

    Raises:
        EffectError: an authority is not reached, or refuses.
    """
    urls = (source.directory_url, source.rehearsal_url)
    own = [replace(source, directory_url=url) for url in urls if url]
    for one in (*own, *((source.fallback,) if source.fallback is not None else ())):
        if world.files.stat(key_path(layout, one)) is not None:
            _change_key(world, layout, one)
            yield key_path(layout, one)


def _change_key(world: World, layout: Layout, source: AcmeSource) -> None:
    try:
        authority = connect(world, layout, source)
        key = world.acme.new_key("ec256")
        world.files.write(str(_folder(layout, source) / "account.next"), key, 0o600, _ROOT)
        authority.change_key(key)
    except AcmeError as error:
        raise EffectError(*explain_once(error.problem)) from error
    _adopt(world, layout, source, key, account_url(world, layout, source))


def account_troubles(world: World, layout: Layout, target: Target) -> Iterator[Trouble]:
    """Yield that CAA records still name an account whose key was lost: then no certificate is given any more."""
    source = target.certificate_source.acme
    known = account(world, layout, source) if source is not None else None
    if source is None or known is None or not known.former_url:
        return
    names = [name for request in target.certificates for name in request.names]
    stale = [name for name, urls in _bindings(world, source, names).items() if known.former_url in urls - {known.url}]
    if stale:
        who = authority_name(source.directory_url)
        text = say(
            "the key of the account with {who} was lost, and there is a new one; CAA records allow only the old one "
            "to have certificates for {names}",
            who=who,
            names=", ".join(stale),
        )
        hint = say(
            "Put accounturi={url} into them in place of {former} (with a DNS account: xmpp-wizard dns push).",
            url=known.url,
            former=known.former_url,
        )
        yield Trouble("account-changed", text, hint)


def bound_names(world: World, source: AcmeSource, names: Iterable[str]) -> frozenset[str]:
    """Return those of ``names`` for which only certain accounts may have certificates, as DNS says."""
    return frozenset(name for name, urls in _bindings(world, source, tuple(names)).items() if urls)


def _bindings(world: World, source: AcmeSource, names: Iterable[str]) -> dict[str, frozenset[str]]:
    names = tuple(names)
    replies = world.resolver.ask(questions(names), source.resolvers, _ASK_SECONDS) if names else {}
    return {name: bound_accounts(name, replies) for name in names}


def _finish_change(world: World, layout: Layout, source: AcmeSource) -> None:
    """Find out which key counts after a change that was cut off; the authority knows only one of them."""
    path = str(_folder(layout, source) / "account.next")
    key = world.files.read(path)
    if not key:
        return
    try:
        authority = world.acme.connect(source.directory_url, key, source.trusted_roots)
        _adopt(world, layout, source, key, authority.log_in(makes_new=False))
    except AcmeError as error:
        if error.problem.type != "accountDoesNotExist":
            raise
        world.files.remove(path)


def _adopt(world: World, layout: Layout, source: AcmeSource, key: bytes, url: str) -> None:
    world.files.write(key_path(layout, source), key, 0o600, _ROOT)
    _remember(world, layout, source, url, key)
    world.files.remove(str(_folder(layout, source) / "account.next"))


def _remember(world: World, layout: Layout, source: AcmeSource, url: str, key: bytes) -> None:
    known = account(world, layout, source)
    if known is not None and (known.url, known.key_sha256) == (url, _sha256(key)):
        return
    since = known.since if known is not None and known.url == url else world.clock.now()
    former = "" if known is None else known.former_url if known.url == url else known.url
    _ACCOUNT.save(world, _folder(layout, source) / "account.json", Account(url, _sha256(key), since, former))


def _folder(layout: Layout, source: AcmeSource) -> PurePosixPath:
    return layout.acme / folder_of(source.directory_url)


def _sha256(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


def _binding(world: World, source: AcmeSource) -> ExternalBinding | None:
    if not source.binding_key_id or not source.binding_hmac_file:
        return None
    hmac_key = read_secret(world, NamedSecret(source.binding_hmac_file, "certificates.acme.eab_hmac_file"))
    if hmac_key is None:
        raise AcmeError(Problem("externalAccountRequired", f"{source.binding_hmac_file} is not there"))
    return ExternalBinding(source.binding_key_id, hmac_key.decode(errors="replace").strip())
