"""Which screen the wizard opens with: the apply that runs, the first set-up, or the menu of a server that is there."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.screen import Screen

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.tui.app import WizardApp, run
from xmpp_wizard.tui.desk import Desk, LateDesk
from xmpp_wizard.tui.screens.opening import OpeningPage


def start(
    make_world: Callable[[], World], layout: Layout, environment: Mapping[str, str], sets: Sequence[str] = ()
) -> int:
    """Run the wizard and return its exit status; ``make_world`` is called once the first frame is there.

    Raises:
        WizardError: what is there cannot be read.
    """
    desk = LateDesk(make_world, layout, environment, socket.gethostname())
    return run(WizardApp(desk, lambda: OpeningPage(desk, lambda: first_screen(desk, sets))))


def first_screen(desk: Desk, sets: Sequence[str] = ()) -> Callable[[], Screen[Any]]:
    """Return what makes the first screen.

    Raises:
        WizardError: what is there cannot be read.
    """
    # the first frame must not wait for these
    from xmpp_wizard.engine import welcome  # noqa: PLC0415
    from xmpp_wizard.engine.asking.session import change_session, first_session  # noqa: PLC0415
    from xmpp_wizard.engine.memory import generations, journal  # noqa: PLC0415
    from xmpp_wizard.engine.proving.proven import last_lines  # noqa: PLC0415

    is_first = generations.last_good(desk.world, desk.layout) is None
    record = journal.running(desk.world, desk.layout)
    if record is not None:
        from xmpp_wizard.tui.screens.apply import ApplyPage  # noqa: PLC0415 only one of them is needed
        from xmpp_wizard.tui.screens.ended import Retry  # noqa: PLC0415 as above
        from xmpp_wizard.tui.screens.menu import MenuPage  # noqa: PLC0415 as above
        from xmpp_wizard.tui.screens.plan import PlanPage  # noqa: PLC0415 as above

        # what it carries out is in its generation: Retry takes that up
        session = first_session(desk.world, desk.layout, {}) if is_first else change_session(desk.world, desk.layout)
        again = Retry(session, lambda wished: PlanPage(desk, wished))
        return lambda: ApplyPage(desk, record, is_first=is_first, retry=again, onward=lambda: MenuPage(desk))
    if not is_first and welcome.is_owed(desk.world, desk.layout):
        from xmpp_wizard.tui.screens.done import DonePage  # noqa: PLC0415 as above

        domain = change_session(desk.world, desk.layout).answers().domain
        return lambda: DonePage(desk, domain, last_lines(desk.world, desk.layout))
    if not is_first:
        from xmpp_wizard.tui.screens.menu import MenuPage  # noqa: PLC0415 as above

        return lambda: MenuPage(desk)
    from xmpp_wizard.tui.screens.address import AddressPage  # noqa: PLC0415 as above

    session = first_session(desk.world, desk.layout, desk.environment, sets)
    return lambda: AddressPage(desk, session, sets)
