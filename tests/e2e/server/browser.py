"""A real browser without a screen: Debian's Chromium, steered by its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.e2e.server.faults import wait_until

_UNPACKED = Path(sys.prefix) / "browser"
PROGRAM = _UNPACKED / "usr/lib/chromium/chromium-headless-shell"
_SECONDS = 60.0
_POLL_SECONDS = 0.1
_GONE = ("context was destroyed", "Cannot find context", "Cannot find default execution context", "navigated or closed")
"""What the protocol says of a page that was left while it was asked something."""


class DevToolsError(AssertionError):
    """The browser says no, or a script in the page has failed; with its words."""

    @property
    def is_left(self) -> bool:
        """Whether that is only because the page was left meanwhile."""
        return any(words in str(self) for words in _GONE)


class Page:
    """One tab: what it shows, what it has asked for, and what went wrong in it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """``socket`` is that of the tab's DevTools."""
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.requests: list[str] = []
        """All addresses that it asked for, WebSockets and refused ones too."""
        self.complaints: list[str] = []
        """Exceptions, errors and everything that its policy forbade."""

    async def open(self, url: str) -> None:
        """Go to ``url``."""
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=url)

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol.

        Raises:
            DevToolsError: the browser says no.
        """
        self._number += 1
        answer = asyncio.get_running_loop().create_future()
        self._answers[self._number] = answer
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        async with asyncio.timeout(_SECONDS):
            told = await answer
        if "error" in told:
            raise DevToolsError(f"{method}: {told['error'].get('message')}")
        return dict(told["result"])

    async def value(self, script: str) -> Any:  # noqa: ANN401 any JSON
        """Return what an expression comes to in the page; a promise is waited for.

        It is asked again of the next page if this one is left meanwhile, so it must not do anything: see :meth:`click`.
        """
        async with asyncio.timeout(_SECONDS):
            while True:
                try:
                    return await self._evaluate(script)
                except DevToolsError as error:
                    if not error.is_left:
                        raise
                await asyncio.sleep(_POLL_SECONDS)

    async def click(self, selector: str) -> None:
        """Click an element, which may lead to another page before the browser has answered."""
        try:
            await self._evaluate(f"document.querySelector({json.dumps(selector)}).click()")
        except DevToolsError as error:
            if not error.is_left:
                raise

    async def _evaluate(self, script: str) -> Any:  # noqa: ANN401 any JSON
        found = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raised = found["exceptionDetails"]
            raise DevToolsError(f"{script}: {raised.get('exception', {}).get('description') or raised.get('text')}")
        return found["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until an expression comes to something true."""
        try:
            async with asyncio.timeout(_SECONDS):
                while not await self.value(f"Boolean({script})"):  # noqa: ASYNC110 pages do not tell
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            shown = await self.value("document.body.innerText")
            raise AssertionError(f"not so in time: {script}\n{shown}\n{self.complaints}") from None

    async def type(self, selector: str, text: str) -> None:
        """Click a field and type over what is in it."""
        await self.value(f"document.querySelector({json.dumps(selector)}).select()")
        await self.call("Input.insertText", text=text)

    async def press_enter(self) -> None:
        """Press the key where the cursor is."""
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **key)

    async def picture(self) -> bytes:
        """Return what is to be seen, as a PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])

    async def listen(self) -> None:
        """Take what the browser tells until it goes away."""
        async for message in self._socket:
            event = message.json()
            if "id" in event:
                answer = self._answers.pop(event["id"])
                if not answer.done():  # nobody waits for it any longer
                    answer.set_result(event)
            else:
                self._note(event["method"], event["params"])

    def hosts(self) -> set[str]:
        """Return all hosts that it asked for something."""
        return {str(urlsplit(url).hostname) for url in self.requests if not url.startswith(("data:", "blob:"))}

    def _note(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Network.webSocketCreated":
                self.requests.append(told["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["exceptionDetails"]))
            case "Log.entryAdded" if told["entry"]["level"] in ("warning", "error"):
                self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")


@asynccontextmanager
async def browse(folder: Path, name: str, address: str, root: str, language: str = "en") -> AsyncIterator[Page]:
    """Open a browser whose profile is ``folder``, for which all names lead to ``address``.

    It takes the key there for trusted, once that is proven by the authority ``root`` (PEM) for ``name``.
    """
    async with open_browser(folder, address, _proven_key(name, address, root), language) as page:
        yield page


@asynccontextmanager
async def open_browser(folder: Path, address: str, key: str = "", language: str = "en") -> AsyncIterator[Page]:
    """Open a browser whose profile is ``folder``, and which takes a server with this ``key`` for trusted."""
    with _started(folder, address, key, language):
        port = (folder / "DevToolsActivePort").read_text().split()[0]
        async with aiohttp.ClientSession() as web:
            async with web.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
                tab = await answer.json()
            async with web.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                try:
                    yield page
                finally:
                    listening.cancel()
                    with suppress(asyncio.CancelledError):
                        await listening


@contextmanager
def _started(folder: Path, address: str, key: str, language: str) -> Iterator[None]:
    """Run the browser; every name but those of the test's server ends nowhere."""
    libraries = _UNPACKED / "usr/lib" / f"{os.uname().machine}-linux-gnu"
    options = [
        f"--user-data-dir={folder}",
        "--remote-debugging-port=0",
        # tests may be run by root, for whom it has no walls of its own
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1100,800",
        f"--accept-lang={language}",
        f"--host-resolver-rules=MAP * {address}",
        f"--ignore-certificate-errors-spki-list={key}",
    ]
    environment = {**os.environ, "HOME": str(folder), "LD_LIBRARY_PATH": f"{libraries}:{libraries / 'pulseaudio'}"}
    folder.mkdir(parents=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, *options], stdout=log, stderr=log, env=environment)
        try:
            port = folder / "DevToolsActivePort"
            wait_until(lambda: port.exists() and port.read_text().split(), "the browser answers", _SECONDS)
            yield
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _proven_key(name: str, address: str, root: str) -> str:
    """Return the hash of the key that the server proves to be its own, as Chromium writes it."""
    context = ssl.create_default_context(cadata=root)
    with socket.create_connection((address, 443), 10) as raw, context.wrap_socket(raw, server_hostname=name) as wire:
        certificate = x509.load_der_x509_certificate(wire.getpeercert(binary_form=True) or b"")
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
