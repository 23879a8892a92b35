"""What has to be done elsewhere, as lists to copy: records in DNS, openings in the router."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from xmpp_wizard.core.text import say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.engine.plan_page.outside import router_lines
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.screens.text import TextPage

T = TypeVar("T")


def show_records(page: Page[T], lines: Sequence[str]) -> None:
    """Show records as a zone file has them."""
    note = say("Copy these to where your domain is managed; the address must be that of your line.")
    page.app.push_screen(TextPage(page.desk, say("DNS records"), note, lines))


def show_forwarding(page: Page[T], wanted: Desired, address: str) -> None:
    """Show what the router has to forward to ``address``."""
    note = say("Forward these in your router, so that phones outside reach this machine.")
    page.app.push_screen(TextPage(page.desk, say("Router"), note, router_lines(wanted, address, page.words)))
