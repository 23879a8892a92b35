"""The window in which an authority likes a certificate to be renewed (RFC 9773)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from xmpp_wizard.core.acme.due import drawn
from xmpp_wizard.core.acme.model import AcmeError
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.acme.state import Renewal
from xmpp_wizard.core.certificates.certificate import CertificateRequest
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.acme.account import connect

_USUAL = timedelta(hours=6)
"""How often an authority is asked when to renew, if it does not say."""
_LONGEST = timedelta(days=1)
_BYTES = 256


def is_question_due(world: World, layout: Layout, source: AcmeSource, request: CertificateRequest) -> bool:
    """Say whether it is time to ask the authority when to renew the certificate that it gave."""
    state = store.load_state(world, layout).certificates.get(request.name)
    # further away than authorities may say: dated by a wrong clock
    wait = state.ask_renewal_at - world.clock.now() if state and state.ask_renewal_at else timedelta()
    if state is None or timedelta() < wait <= _LONGEST:
        return False
    return store.read_certificate(world, layout, source.directory_url, request.name) is not None


def ask_when_to_renew(world: World, layout: Layout, source: AcmeSource, request: CertificateRequest) -> None:
    """Ask the authority if it is time to; a moment is drawn from its window once, and kept."""
    files = store.read_certificate(world, layout, source.directory_url, request.name)
    state = store.load_state(world, layout).certificates.get(request.name)
    if files is None or state is None or not is_question_due(world, layout, source, request):
        return
    now = world.clock.now()
    try:
        info = connect(world, layout, source).renewal_info(files.chain)
    except AcmeError:
        info = None
    if info is None:
        store.save_certificate_state(world, layout, request.name, replace(state, ask_renewal_at=now + _USUAL))
        return
    sha256 = world.authority.inspect(files.chain).sha256
    again = now + timedelta(seconds=info.check_again_seconds)
    have = state.renewal
    if have is None or (have.sha256, have.start, have.end) != (sha256, info.start, info.end):
        at = drawn(info.start, info.end, _share(world))
        have = Renewal(sha256, info.start, info.end, at, info.explanation_url)
    store.save_certificate_state(world, layout, request.name, replace(state, renewal=have, ask_renewal_at=again))


def _share(world: World) -> float:
    """Return a share from 0 to 1, as chance has it."""
    return sum(world.entropy.token(3).encode()) % _BYTES / (_BYTES - 1)
