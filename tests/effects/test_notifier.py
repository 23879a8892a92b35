"""Mail and webhooks, taken by real servers on sockets of this machine."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.fakes import NOON

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.notify import Letter, MailServer
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import say
from xmpp_wizard.effects import notifier as module
from xmpp_wizard.effects.local_authority import LocalAuthority
from xmpp_wizard.effects.notifier import HostNotifier

LETTER = Letter("bücher.example", "disk", say("Böse: a person is needed"), say("The disk is full.\nMake room."))
SECONDS = 5.0


@dataclass
class Mailbox:
    """How a mail server behaves (RFC 5321), and what it was sent."""

    offers_tls: bool = False
    refuses: str = ""
    password: str = ""
    context: ssl.SSLContext | None = None
    said: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)


def mail_handler(box: Mailbox) -> type[socketserver.StreamRequestHandler]:  # noqa: C901 a verb a line
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.answer("220 mail.example ESMTP")
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                box.said.append(line)
                if not self.obey(line):
                    return

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def answer(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def obey(self, line: str) -> bool:
            verb = line.split(" ", maxsplit=1)[0].upper()
            if box.refuses == verb:
                self.answer("550 5.7.1 not from you")
                return True
            match verb:
                case "EHLO":
                    self.answer("250-mail.example")
                    if box.offers_tls and not isinstance(self.connection, ssl.SSLSocket):
                        self.answer("250-STARTTLS")
                    self.answer("250 AUTH PLAIN")
                case "STARTTLS":
                    assert box.context is not None
                    self.answer("220 go on")
                    self.connection = box.context.wrap_socket(self.connection, server_side=True)
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                case "AUTH":
                    self.answer("235 welcome" if box.password in line else "535 5.7.8 wrong")
                case "DATA":
                    self.answer("354 go on")
                    lines = []
                    while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                        lines.append(text)
                    box.letters.append("\n".join(lines))
                    self.answer("250 taken")
                case "QUIT":
                    self.answer("221 bye")
                    return False
                case _:
                    self.answer("250 fine")
            return True

    return Handler


@contextmanager
def listening(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def mail_server(box: Mailbox) -> Iterator[int]:
    with listening(socketserver.ThreadingTCPServer(("127.0.0.1", 0), mail_handler(box))) as port:
        yield port


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    """Return a mail server's certificate, which nobody else trusts."""
    files = LocalAuthority().issue(LocalAuthority().new_authority("test", NOON), ["mail.example"], NOON)
    (tmp_path / "chain.pem").write_bytes(files.chain)
    (tmp_path / "key.pem").write_bytes(files.key)
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    return made


def at(port: int, host: str = "127.0.0.1", password_file: str = "") -> MailServer:
    return MailServer(host, port, "ann", password_file, "server@a.example")


def test_a_mail_arrives_as_it_was_meant() -> None:
    box = Mailbox()
    with mail_server(box) as port:
        HostNotifier().mail(at(port), None, ["ann@a.example", "bob@b.example"], LETTER, SECONDS)
    (text,) = box.letters
    message = message_from_string(text)
    assert message["Auto-Submitted"] == "auto-generated"
    assert (message["From"], message["To"]) == ("server@a.example", "ann@a.example, bob@b.example")
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().splitlines() == ["The disk is full.", "Make room."]
    # older versions of Python write "TO" in capitals
    assert [line.lower() for line in box.said if line.lower().startswith("rcpt")] == [
        "rcpt to:<ann@a.example>",
        "rcpt to:<bob@b.example>",
    ]


def test_a_password_goes_through_tls(context: ssl.SSLContext) -> None:
    box = Mailbox(offers_tls=True, context=context)
    with mail_server(box) as port:
        HostNotifier().mail(at(port, password_file="/x"), Secret("hush"), ["ann@a.example"], LETTER, SECONDS)
    assert len(box.letters) == 1
    verbs = [line.split(" ")[0].upper() for line in box.said]
    assert verbs.index("STARTTLS") < verbs.index("AUTH")


def test_without_encryption_another_machine_gets_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_this_machine", lambda _host: False)
    box = Mailbox()
    with mail_server(box) as port, pytest.raises(EffectError, match="offers no encryption"):
        HostNotifier().mail(at(port, password_file="/x"), Secret("hush"), ["ann@a.example"], LETTER, SECONDS)
    assert not any(line.startswith("AUTH") for line in box.said)


def test_another_machine_must_prove_itself(context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_this_machine", lambda _host: False)
    box = Mailbox(offers_tls=True, context=context)
    with mail_server(box) as port, pytest.raises(EffectError, match="certificate verify failed"):
        HostNotifier().mail(at(port), None, ["ann@a.example"], LETTER, SECONDS)
    assert box.letters == []


@pytest.mark.parametrize(
    ("verb", "words"),
    [("RCPT", "takes no mail for ann@a.example"), ("DATA", "not from you"), ("MAIL", "not from you")],
)
def test_what_is_refused_is_told(verb: str, words: str) -> None:
    with mail_server(Mailbox(refuses=verb)) as port, pytest.raises(EffectError, match=words):
        HostNotifier().mail(at(port), None, ["ann@a.example"], LETTER, SECONDS)


def test_a_wrong_password_is_told_without_it() -> None:
    with mail_server(Mailbox(password="another")) as port, pytest.raises(EffectError) as caught:
        HostNotifier().mail(at(port, password_file="/x"), Secret("hush"), ["ann@a.example"], LETTER, SECONDS)
    assert "refuses the log-in of ann" in str(caught.value)
    assert "hush" not in f"{caught.value!r} {caught.value.hint}"


def test_nobody_there_is_told() -> None:
    with pytest.raises(EffectError, match=r"the mail server 127\.0\.0\.1 port 1: "):
        HostNotifier().mail(at(1), None, ["ann@a.example"], LETTER, SECONDS)


@contextmanager
def web_server(status: int, got: list[tuple[str, object]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers["Content-Type"], json.loads(body)))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with listening(HTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}/hook?token=hush"


def test_a_webhook_gets_json() -> None:
    got: list[tuple[str, object]] = []
    with web_server(204, got) as url:
        HostNotifier().post(url, LETTER, SECONDS)
    body = {
        "domain": "bücher.example",
        "code": "disk",
        "subject": "Böse: a person is needed",
        "text": "The disk is full.\nMake room.",
        "is_over": False,
    }
    assert got == [("application/json", body)]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_takes_nothing_is_told(status: int) -> None:
    got: list[tuple[str, object]] = []
    with web_server(status, got) as url, pytest.raises(EffectError, match=f"status {status}"):
        HostNotifier().post(url, LETTER, SECONDS)
    assert len(got) == 1


def test_a_webhook_s_address_is_never_told() -> None:
    with pytest.raises(EffectError) as caught:
        HostNotifier().post("http://127.0.0.1:1/hook?token=hush", LETTER, SECONDS)
    assert "hush" not in f"{caught.value!r} {caught.value.__cause__!r}"
