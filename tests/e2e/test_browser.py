"""The browser of the tests: pages may be left at any moment, and what goes wrong is told in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.e2e.server.browser import PROGRAM, DevToolsError, Page, open_browser

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not PROGRAM.exists(), reason="Chromium is no package here")]

OTHER = "data:text/html,<title>other</title>"


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """Give a page with a link to another one."""
    async with open_browser(tmp_path / "browser", "127.0.0.1") as opened:
        await opened.open("about:blank")
        await opened.value("document.body.append(document.createElement('a'))")
        yield opened


async def test_what_was_asked_of_a_page_that_is_left_is_asked_of_the_next(page: Page) -> None:
    asked = asyncio.create_task(page.value("document.title || new Promise(() => {})"))
    await asyncio.sleep(0.2)
    await page.call("Page.navigate", url=OTHER)
    assert await asked == "other"


async def test_a_click_may_lead_away_at_once(page: Page) -> None:
    await page.value("document.querySelector('a').onclick = () => { location.href = 'about:blank#next' }, true")
    await page.click("a")
    await page.until("location.hash == '#next'")


async def test_what_goes_wrong_is_told_in_words(page: Page) -> None:
    with pytest.raises(DevToolsError, match=r"nothing\.here.*ReferenceError: nothing is not defined"):
        await page.value("nothing.here")
    with pytest.raises(DevToolsError, match=r"Page\.fly: 'Page\.fly' wasn't found"):
        await page.call("Page.fly")
    with pytest.raises(DevToolsError, match="null"):
        await page.click("button")
