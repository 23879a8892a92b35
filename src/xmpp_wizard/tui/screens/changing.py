"""From a page to the plan of what is to be changed: other answers, an earlier generation, or a repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.setup import GoBack
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.screens.form import FormOf, FormScreen

T = TypeVar("T")


def ask(page: Page[T], form: FormOf, draft: Draft, typed: Draft | None = None) -> None:
    """Ask by a form and show what its answers would change.

    Whoever goes back from there finds the form as it was left, with what was ``typed`` in it.
    """

    def after(made: Draft | None) -> None:
        change(page, made, left=lambda: ask(page, form, draft, made))

    page.app.push_screen(FormScreen(page.desk, form, draft, typed=typed), after)


def change(
    page: Page[T],
    draft: Draft | None,
    done: Callable[[], object] | None = None,
    left: Callable[[], object] | None = None,
) -> None:
    """Show what another draft of the answers would change, then call ``done`` if it was applied, else ``left``.

    Nothing happens where there is no draft.
    """
    if draft is None:
        return
    from xmpp_wizard.tui.screens.plan import PlanPage  # noqa: PLC0415 whoever only looks needs no plan

    def after(is_applied: bool | None) -> None:  # noqa: FBT001 as Textual calls it
        then = done if is_applied else left
        if then is not None:
            then()

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
