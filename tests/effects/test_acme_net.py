"""The way to an authority: whoever does not answer is not waited for."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from xmpp_wizard.core.acme.model import AcmeError
from xmpp_wizard.effects import acme_net
from xmpp_wizard.effects.acme_ca import AcmeAuthorities


def test_a_name_server_that_never_answers_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: released.wait(30))
    monkeypatch.setattr(acme_net, "_CONNECT_SECONDS", 0.2)
    authorities, begun = AcmeAuthorities(), time.monotonic()
    key = authorities.new_key("ec256")
    with pytest.raises(AcmeError) as caught:
        authorities.connect("https://acme.example/directory", key)
    released.set()
    assert caught.value.problem.type == "noLookup"
    assert time.monotonic() - begun < 5


def test_the_words_of_an_authority_are_one_line_of_limited_length() -> None:
    part = {"type": "urn:ietf:params:acme:error:dns", "detail": "b", "identifier": {"value": "a.example\n"}}
    hostile = {"type": "dns", "detail": "\x1b[2Jone\r\ntwo\u202e" + "x" * 5000, "subproblems": [part] * 5000}
    found = acme_net.problem(hostile)
    assert found.detail.startswith("[2Jone twox")
    assert len(found.detail) <= 1000
    assert len(found.parts) == 100
    assert (found.parts[0].type, found.parts[0].name) == ("dns", "a.example")
    assert len(acme_net.problem("no\nobject" * 5000).detail) <= 1000


def test_an_authority_that_never_picks_up_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acme_net, "_CONNECT_SECONDS", 0.2)
    begun = time.monotonic()
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # nobody takes calls off this queue, so that further ones are not answered
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)  # noqa: FBT003 a standard call
            one.connect_ex(full.getsockname())
        authorities = AcmeAuthorities()
        with pytest.raises(AcmeError) as caught:
            authorities.connect(f"https://127.0.0.1:{full.getsockname()[1]}/", authorities.new_key("ec256"))
        for one in waiting:
            one.close()
    assert caught.value.problem.type == "offline"
    assert time.monotonic() - begun < 5
