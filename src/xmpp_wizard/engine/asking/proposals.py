"""What is proposed in a first set-up because of what there is on this machine: a web server that has the web's port."""

from __future__ import annotations

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.front import recognised
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.planning.obstacles import busy
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.asking.session import HTTPS, WEB_SERVER, Session
from xmpp_wizard.engine.setup import Prepared, prepare


def prepare_with_proposals(world: World, layout: Layout, session: Session) -> tuple[Session, Prepared]:
    """Return the plan, and the session with what was proposed for it.

    Raises:
        WizardError: as :func:`~xmpp_wizard.engine.setup.prepare`.
    """
    prepared = prepare(world, layout, session.request())
    if not session.is_new or session.other is not None or session.draft.said(WEB_SERVER) is not None:
        return session, prepared
    kind = next(
        (
            web_kind(owner)
            for opening, owner in busy(prepared.target, prepared.observed)
            if _is_web(opening.port, session)
        ),
        "",
    )
    if kind in ("", session.refused):
        return session, prepared
    proposed = session.with_draft(session.draft.with_change(WEB_SERVER, kind))
    return proposed, prepare(world, layout, proposed.request())


def _is_web(port: int, session: Session) -> bool:
    return port == session.draft.value(HTTPS)


def web_kind(owner: Listener) -> str:
    """Return the kind of web server that ``owner`` is; empty for other programs, and for those in containers."""
    return "" if owner.container_id else recognised(owner.program)


def web_holder(prepared: Prepared, session: Session) -> Listener | None:
    """Return another program that has the port for web pages just now."""
    port, ours = session.draft.value(HTTPS), {one.id for one in prepared.observed.containers.values()}
    addresses = prepared.desired.addresses if prepared.desired else ()
    return next(
        (
            one
            for one in prepared.observed.listeners
            if (one.port, one.protocol) == (port, "tcp")
            and one.container_id not in ours
            and (not addresses or not one.address or one.address in addresses)
        ),
        None,
    )
