"""Name servers that answer oddly, or want to do harm: what is made of each answer, and that the asking goes on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from xmpp_wizard.core.dns.reply import Kind, Question, Reply
from xmpp_wizard.effects.resolver import NetworkResolver

NAME = "chat.fam.lab"
Answer = Callable[[dns.message.Message, str], dns.message.Message | bytes | None]
"""From a question, and the way that it came (udp or tcp), to what is sent; None: nothing."""


def _one_port() -> tuple[socket.socket, socket.socket]:
    """Return a socket for UDP and one for TCP with the same port; what one has free may be taken for the other."""
    while True:
        udp = socket.socket(type=socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        try:
            return udp, socket.create_server(udp.getsockname())
        except OSError:
            udp.close()


@contextmanager
def server(answer: Answer, source: str = "") -> Iterator[str]:
    """Give the address, with its port, of a server that answers over UDP and TCP; over UDP from ``source``."""
    with ExitStack() as stack:
        udp, tcp = _one_port()
        stack.enter_context(udp)
        stack.enter_context(tcp)
        port = udp.getsockname()[1]
        speaker = udp
        if source:
            speaker = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            speaker.bind((source, port))
        for turn in (lambda: _datagram(udp, speaker, answer), lambda: _stream(tcp, answer)):
            thread = threading.Thread(target=_until_closed, args=(turn,))
            thread.start()
            stack.callback(thread.join)
        stack.callback(_wake, udp, tcp, port)
        yield f"127.0.0.1@{port}"


def _wake(udp: socket.socket, tcp: socket.socket, port: int) -> None:
    """Let both threads end."""
    tcp.shutdown(socket.SHUT_RDWR)
    udp.sendto(b"", ("127.0.0.1", port))


def _until_closed(turn: Callable[[], bool]) -> None:
    while turn():
        pass


def _datagram(udp: socket.socket, speaker: socket.socket, answer: Answer) -> bool:
    data, caller = udp.recvfrom(65535)
    if data:
        reply = answer(dns.message.from_wire(data), "udp")
        if reply is not None:
            speaker.sendto(reply if isinstance(reply, bytes) else reply.to_wire(max_size=65535), caller)
    return bool(data)


def _stream(tcp: socket.socket, answer: Answer) -> bool:
    try:
        connection, _ = tcp.accept()
    except OSError:
        return False
    # who asked may have gone away meanwhile
    with connection, suppress(OSError):
        data = connection.recv(65535)
        reply = answer(dns.message.from_wire(data[2:]), "tcp") if data else None
        if reply is not None:
            wire = reply if isinstance(reply, bytes) else reply.to_wire(max_size=65535)
            connection.sendall(len(wire).to_bytes(2, "big") + wire)
    return True


def right(query: dns.message.Message, *values: str, ttl: int = 60, kind: str = "") -> dns.message.Message:
    """Return an answer with authority."""
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA
    question = query.question[0]
    found = kind or question.rdtype.name
    reply.answer = [dns.rrset.from_text(question.name, ttl, "IN", found, *(values or ("192.0.2.9",)))]
    return reply


def ask(at: str, name: str = NAME, kind: Kind = "A", *, recursive: bool = False, seconds: float = 8) -> Reply:
    question = Question(name, kind, resolver=at) if recursive else Question(name, kind, at)
    return NetworkResolver().ask([question], [], seconds)[question]


def test_one_that_answers() -> None:
    with server(lambda query, _: right(query)) as at:
        assert ask(at) == Reply("OK", ("192.0.2.9",), (), 60)


@pytest.mark.parametrize("code", [dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.SERVFAIL, dns.rcode.BADVERS])
def test_one_that_takes_no_extensions(code: dns.rcode.Rcode) -> None:
    """EDNS is from 1999, and still there are servers and firewalls that do not know it."""

    def answer(query: dns.message.Message, _: str) -> dns.message.Message:
        if query.edns < 0:
            return right(query)
        reply = dns.message.make_response(query)
        if code != dns.rcode.BADVERS:
            reply.use_edns(None)
        reply.set_rcode(code)
        return reply

    with server(answer) as at:
        assert ask(at).values == ("192.0.2.9",)


def test_one_that_does_not_answer_extensions_at_all() -> None:
    with server(lambda query, _: right(query) if query.edns < 0 else None) as at:
        assert ask(at).values == ("192.0.2.9",)


def test_one_that_only_says_all_over_tcp() -> None:
    def answer(query: dns.message.Message, way: str) -> dns.message.Message:
        if way == "tcp":
            return right(query)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.TC | dns.flags.AA
        return reply

    with server(answer) as at:
        assert ask(at).values == ("192.0.2.9",)


def test_one_that_answers_from_another_address_is_not_believed() -> None:
    with server(lambda query, _: right(query), source="127.0.0.2") as at:
        assert ask(at, seconds=3).state == "TIMEOUT"


def test_letters_may_come_back_large_or_small() -> None:
    def answer(query: dns.message.Message, _: str) -> dns.message.Message:
        reply = right(query)
        name = dns.name.from_text("cHaT.FaM.lAb")
        reply.question[0].name = name
        reply.answer = [dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.9")]
        return reply

    with server(answer) as at:
        assert ask(at).values == ("192.0.2.9",)


def test_nothing_that_is_remembered() -> None:
    with server(lambda query, _: right(query, ttl=0)) as at:
        assert ask(at) == Reply("OK", ("192.0.2.9",), (), 0)


def test_three_hundred_records() -> None:
    values = [f"10.0.{number // 250}.{number % 250}" for number in range(300)]

    def answer(query: dns.message.Message, way: str) -> dns.message.Message:
        if way == "tcp":
            return right(query, *values)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.TC | dns.flags.AA
        return reply

    with server(answer) as at:
        assert set(ask(at).values) == set(values)


@pytest.mark.parametrize(
    "wire",
    [b"\x00", b"\x00" * 12, b"\xff" * 512],
    ids=["one byte", "an empty head", "noise"],
)
def test_noise(wire: bytes) -> None:
    with server(lambda query, _: query.to_wire()[:2] + wire) as at:
        assert ask(at, seconds=3).state == "TIMEOUT"


def test_a_circle_of_one() -> None:
    with server(lambda query, _: right(query, f"{NAME}.", kind="CNAME")) as at:
        assert ask(at).state == "LOOP"


def test_a_chain_over_two_zones() -> None:
    def answer(query: dns.message.Message, _: str) -> dns.message.Message:
        reply = right(query, "Web.Other.LAB.", kind="CNAME")
        reply.answer.append(dns.rrset.from_text("web.other.lab.", 60, "IN", "A", "192.0.2.9"))
        return reply

    with server(answer) as at:
        assert ask(at).chain == ("web.other.lab",)
        assert ask(at).values == ("192.0.2.9",)


def test_a_reason_that_a_terminal_obeys_is_harmless() -> None:
    def answer(query: dns.message.Message, _: str) -> dns.message.Message:
        reply = dns.message.make_response(query)
        reply.set_rcode(dns.rcode.SERVFAIL)
        reply.use_edns(
            0, options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, "bad\x1b[2J\r\nsigns " + "x" * 500)]
        )
        return reply

    with server(answer) as at:
        reason = ask(at, recursive=True).reason
    assert reason.isprintable()
    assert reason.startswith("bad")
    assert len(reason) <= 200


def test_a_text_that_a_terminal_obeys_is_harmless() -> None:
    with server(lambda query, _: right(query, '"a\\027[2J\\010b \\255"', kind="TXT")) as at:
        (text,) = ask(at, kind="TXT").values
    assert text.isprintable()


def test_a_name_that_is_too_long_is_asked_of_nobody() -> None:
    with server(lambda query, _: right(query)) as at:
        names = [f"{'a' * 64}.lab", ".".join(["a" * 60] * 5), "a..b"]
        assert [ask(at, name).state for name in names] == ["TIMEOUT"] * 3
