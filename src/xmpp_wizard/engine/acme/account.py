"""Our account with an authority."""

from __future__ import annotations

from xmpp_wizard.core.acme.model import AcmeError, CertificateAuthority, ExternalBinding, Problem
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.acme import store


def connect(world: World, layout: Layout, source: AcmeSource) -> CertificateAuthority:
    """Return the authority of ``source``, with our account there found or made.

    Raises:
        AcmeError: it is not reached, or wants something of us first.
    """
    key = store.account_key(world, layout, source.directory_url)
    authority = world.acme.connect(source.directory_url, key, source.trusted_roots)
    authority.log_in(_binding(world, source))
    return authority


def account_url(world: World, layout: Layout, source: AcmeSource) -> str:
    """Return the address of our account, found or made.

    Raises:
        AcmeError: see :func:`connect`.
    """
    key = store.account_key(world, layout, source.directory_url)
    authority = world.acme.connect(source.directory_url, key, source.trusted_roots)
    return authority.log_in(_binding(world, source))


def _binding(world: World, source: AcmeSource) -> ExternalBinding | None:
    if not source.binding_key_id or not source.binding_hmac_file:
        return None
    hmac_key = world.files.read(source.binding_hmac_file)
    if not hmac_key:
        raise AcmeError(Problem("externalAccountRequired", f"{source.binding_hmac_file} is not there"))
    return ExternalBinding(source.binding_key_id, hmac_key.decode(errors="replace").strip())
