"""Where the page with the plan leads: forms, lists to copy, files, every step, the saved answer file."""

from __future__ import annotations

from dataclasses import replace

from xmpp_wizard.core.planning.actions import WriteFile
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.text import say
from xmpp_wizard.engine import fronts
from xmpp_wizard.engine.asking.proposals import web_holder
from xmpp_wizard.engine.asking.session import HTTPS
from xmpp_wizard.engine.busy_ports import busy_port
from xmpp_wizard.engine.plan_page.diff import diff_lines
from xmpp_wizard.engine.plan_page.machine import OPEN_FIREWALL
from xmpp_wizard.engine.plan_page.outside import dns_lines
from xmpp_wizard.engine.plan_page.router import OPEN_ROUTER
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.plan_page.summary import step_lines, summary
from xmpp_wizard.tui.screens.elsewhere import show_forwarding, show_records
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.screens.front import FrontPage
from xmpp_wizard.tui.screens.launching import LaunchingPage
from xmpp_wizard.tui.screens.line_ways import take_way
from xmpp_wizard.tui.screens.port import PortPage
from xmpp_wizard.tui.screens.save import SavePage
from xmpp_wizard.tui.screens.search import SearchPage
from xmpp_wizard.tui.screens.text import TextPage, print_plain


def open_row(page: LaunchingPage, row: PlanRow) -> None:
    """Open what ``row`` is about."""
    match row.opens:
        case "address":
            page.dismiss(None)
        case "dns" | "router":
            _open_list(page, row.opens)
        case "edits":
            page.ask_edits()
        case "port":
            _open_port(page, row)
        case "web-server":
            _open_front(page)
        case "firewall":
            draft = page.session.draft
            page.take(draft.with_change(OPEN_FIREWALL, not draft.value(OPEN_FIREWALL)))
        case "way":
            take_way(page, row)
        case "order":
            draft = page.session.draft
            page.take(draft.with_change(OPEN_ROUTER, not draft.value(OPEN_ROUTER)))
        case "form" | "obstacle":
            form = FormOf(row.title, row.keys)
            page.app.push_screen(FormScreen(page.desk, form, page.session.draft), page.take)
        case _:
            show_steps(page)


def _open_port(page: LaunchingPage, row: PlanRow) -> None:
    busy = busy_port(page.prepared, page.session.draft, row.port) if page.prepared else None
    if busy is None:
        page.think()
    elif busy.key == HTTPS and fronts.kind_at(page.desk.world, busy.owner):
        page.app.push_screen(FrontPage(page.desk, page.session, busy.owner), page.take)
    else:
        page.app.push_screen(PortPage(page.desk, busy, page.session.draft), page.take)


def _open_front(page: LaunchingPage) -> None:
    owner = web_holder(page.prepared, page.session) if page.prepared else None
    page.app.push_screen(FrontPage(page.desk, page.session, owner), page.take)


def _open_list(page: LaunchingPage, kind: str) -> None:
    wanted = page.prepared.desired if page.prepared else None
    if wanted is None or page.prepared is None:
        return
    address = next(iter(wanted.addresses or page.prepared.observed.addresses), "")
    if kind == "dns":
        show_records(page, dns_lines(wanted, address))
    else:
        show_forwarding(page, wanted, address)


def show_files(page: LaunchingPage, row: PlanRow | None) -> None:
    """Show what Apply writes, as differences; on the row of another web server only its file."""
    if page.prepared is not None:
        plan = page.prepared.plan
        if row is not None and row.opens == "web-server":
            plan = replace(plan, steps=tuple(step for step in plan.steps if _is_for_front(step)))
        lines = tuple(diff_lines(plan, page.desk.world.files)) or (page.words(say("No file changes.")),)
        note = say("What Apply writes, against what is on this machine.")
        page.app.push_screen(TextPage(page.desk, say("Files"), note, lines))


def _is_for_front(step: Step) -> bool:
    return isinstance(step.action, WriteFile) and bool(step.action.file.reader)


def show_steps(page: LaunchingPage) -> None:
    """Show every step with its cause, whom it interrupts and what it deletes."""
    if page.prepared is not None:
        plan = page.prepared.plan
        lines = tuple(step_lines(plan, page.words)) or (page.words(say("Nothing to do.")),)
        page.app.push_screen(TextPage(page.desk, say("Every step"), summary(plan), lines, is_prose=True))


def print_command(page: LaunchingPage) -> None:
    """Print the command and the answers that give this very plan."""
    command = page.desk.command("apply", "--answers", "answers.toml")
    print_plain(page, ("# answers.toml", page.session.draft.new_text(), "", command))


def save(page: LaunchingPage) -> None:
    """Ask where to save the answers."""

    def told(path: str | None) -> None:
        if path:
            page.tell(say("Saved: {path}", path=path))

    name = f"{getattr(page.session.entry, 'domain', 'server')}.toml"
    proposal = str(page.desk.layout.root / "root" / name)
    page.app.push_screen(SavePage(page.desk, proposal, page.session.draft.new_text()), told)


def search(page: LaunchingPage) -> None:
    """Find any setting, and go on with it changed."""
    page.app.push_screen(SearchPage(page.desk, page.session.draft), page.take)
