"""From a page to the plan of what is to be changed: other answers, an earlier generation, or a repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.setup import GoBack
from xmpp_wizard.tui.base import Page

T = TypeVar("T")


def change(page: Page[T], draft: Draft | None, done: Callable[[], object] | None = None) -> None:
    """Show what another draft of the answers would change, then call ``done`` if it was applied.

    Nothing happens where there is no draft.
    """
    if draft is None:
        return
    from xmpp_wizard.tui.screens.plan import PlanPage  # noqa: PLC0415 whoever only looks needs no plan

    def after(is_applied: bool | None) -> None:  # noqa: FBT001 as Textual calls it
        if is_applied and done is not None:
            done()

    session = change_session(page.desk.world, page.desk.layout).with_draft(draft)
    page.app.push_screen(PlanPage(page.desk, session), after)


def go_back(page: Page[T], number: int | None = None) -> None:
    """Show what going back to an earlier generation would change; without a number, to the one before the last."""
    from xmpp_wizard.tui.screens.plan import PlanPage  # noqa: PLC0415 as above

    session = change_session(page.desk.world, page.desk.layout)
    page.app.push_screen(PlanPage(page.desk, replace(session, other=GoBack(number))))


def repair(page: Page[T]) -> None:
    """Show what has to be done to make the server again what its answers say."""
    from xmpp_wizard.tui.screens.plan import PlanPage  # noqa: PLC0415 as above

    page.app.push_screen(PlanPage(page.desk, change_session(page.desk.world, page.desk.layout)))
