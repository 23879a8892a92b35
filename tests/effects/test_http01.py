"""The responder on port 80, asked as an authority asks."""

from __future__ import annotations

import socket
from http.client import HTTPConnection

import pytest

from xmpp_wizard.core.acme.model import AcmeError
from xmpp_wizard.effects.http01 import HttpResponder

HERE = "127.61.0.1"


def free_port() -> int:
    with socket.create_server((HERE, 0)) as found:
        port: int = found.getsockname()[1]
        return port


def ask(port: int, path: str, method: str = "GET", address: str = HERE) -> tuple[int, bytes]:
    connection = HTTPConnection(address, port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_proofs_are_served_and_nothing_else() -> None:
    port = free_port()
    with HttpResponder(port).serve((HERE,), {"tok-en_1": "tok-en_1.thumb"}) as seen:
        assert ask(port, "/.well-known/acme-challenge/tok-en_1") == (200, b"tok-en_1.thumb")
        for path in ("/", "/.well-known/acme-challenge/", "/.well-known/acme-challenge/../tok-en_1", "/tok-en_1"):
            assert ask(port, path) == (404, b"")
        assert ask(port, "/", "POST")[0] == 501
        assert seen == ["127.0.0.1"] * 5
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/")


def test_a_client_that_says_nothing_blocks_nobody() -> None:
    port = free_port()
    with (
        HttpResponder(port).serve((HERE,), {"a": "a.b"}),
        socket.create_connection((HERE, port)),
        socket.create_connection((HERE, port)),
    ):
        assert ask(port, "/.well-known/acme-challenge/a") == (200, b"a.b")


def test_a_taken_port_is_told_with_its_address() -> None:
    with socket.create_server((HERE, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(AcmeError, match=f"{HERE} port {port}") as caught, HttpResponder(port).serve((HERE,), {}):
            pass
    assert caught.value.problem.type == "portTaken"


def test_a_foreign_address_is_refused() -> None:
    with pytest.raises(AcmeError, match=r"203\.0\.113\.1") as caught, HttpResponder(0).serve(("203.0.113.1",), {}):
        pass
    assert caught.value.problem.type == "noMethod"


def test_without_addresses_all_are_served() -> None:
    port = free_port()
    with HttpResponder(port).serve((), {"a": "a.b"}):
        assert ask(port, "/.well-known/acme-challenge/a", address="127.0.0.1") == (200, b"a.b")
