"""Checks on port 443, asked as an authority asks; where a server has the port, nobody whom it serves is cut off."""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from tests.e2e.acme.pebble import self_signed

from xmpp_wizard.core.acme.model import AcmeError
from xmpp_wizard.effects import aside
from xmpp_wizard.effects.aside import hindrance
from xmpp_wizard.effects.tls_alpn import TlsAlpnResponder

ROOT = Path(__file__).parents[2]
HERE = "127.61.0.2"
NAME, PROOF = "a.example", "token.thumb"
IDENTIFIER = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31")
TABLE = "xmpp-wizard-test"


def greet(address: str, port: int, *protocols: str, name: str = NAME) -> ssl.SSLSocket:
    """Connect by TLS, offering ``protocols``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(list(protocols))
    return context.wrap_socket(socket.create_connection((address, port), 3), server_hostname=name)


def shown(address: str, port: int, name: str = NAME) -> x509.Certificate:
    """Return what an authority is shown that checks ``name``."""
    with greet(address, port, "acme-tls/1", name=name) as connection:
        assert connection.selected_alpn_protocol() == "acme-tls/1"
        return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")


def is_proof(certificate: x509.Certificate, proof: str = PROOF, name: str = NAME) -> bool:
    """Say whether it is as RFC 8737 3 has it."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    found = certificate.extensions.get_extension_for_oid(IDENTIFIER)
    assert isinstance(found.value, x509.UnrecognizedExtension)
    assert found.critical
    assert list(names) == [x509.DNSName(name)]
    return found.value.value == b"\x04\x20" + hashlib.sha256(proof.encode()).digest()


def free_port() -> int:
    with socket.create_server((HERE, 0)) as found:
        port: int = found.getsockname()[1]
        return port


def test_each_name_gets_its_proof_and_others_get_nothing() -> None:
    port = free_port()
    proofs = {NAME: PROOF, "b.example": "other.thumb"}
    with TlsAlpnResponder(port).serve((HERE,), proofs) as seen:
        assert is_proof(shown(HERE, port))
        assert is_proof(shown(HERE, port, "b.example"), "other.thumb", "b.example")
        assert is_proof(shown(HERE, port, "B.example"), "other.thumb", "b.example")
        assert seen == ["127.0.0.1"] * 3
        for protocols, name in ((("h2", "http/1.1"), NAME), ((), NAME), (("acme-tls/1",), "c.example")):
            with pytest.raises(OSError, match=r"EOF|reset"):
                greet(HERE, port, *protocols, name=name)
        with socket.create_connection((HERE, port), 3) as plain:
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert plain.recv(100) == b""
    with pytest.raises(ConnectionRefusedError):
        shown(HERE, port)


def test_an_address_is_proven_by_its_place_for_reverse_look_ups() -> None:
    port = free_port()
    with TlsAlpnResponder(port).serve((HERE,), {"192.0.2.7": PROOF}):
        found = shown(HERE, port, "7.2.0.192.in-addr.arpa")
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.IPAddress(ip_address("192.0.2.7"))]


def test_a_client_that_says_nothing_or_little_blocks_nobody() -> None:
    port = free_port()
    with (
        TlsAlpnResponder(port).serve((HERE,), {NAME: PROOF}),
        socket.create_connection((HERE, port)),
        socket.create_connection((HERE, port)) as slow,
    ):
        slow.sendall(b"\x16\x03")
        assert is_proof(shown(HERE, port))


def test_a_taken_port_is_told_with_its_address() -> None:
    with socket.create_server((HERE, 0)) as other:
        port = other.getsockname()[1]
        responder = TlsAlpnResponder(port)
        with pytest.raises(AcmeError, match=f"{HERE} port {port}") as caught, responder.serve((HERE,), {}):
            pass
    assert caught.value.problem.type == "tlsTaken"


# --- past a server that has the port

SERVER = """
import socket, ssl, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(*sys.argv[1:3])
context.set_alpn_protocols(["xmpp-client"])
def serve(connection):
    with context.wrap_socket(connection, server_side=True) as stream:
        while said := stream.recv(100000):
            stream.sendall(said)
listener = socket.create_server(("::", 443), family=socket.AF_INET6, dualstack_ipv6=True, backlog=100)
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""
RESPONDER = """
import sys
from xmpp_wizard.effects.tls_alpn import TlsAlpnResponder
table, name, proof, *addresses = sys.argv[1:]
with TlsAlpnResponder().serve(addresses, {name: proof}, table) as seen:
    print("ready", flush=True)
    sys.stdin.readline()
print(*seen, flush=True)
sys.stdin.readline()
"""
CHAIN = "table inet filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n %s\n }\n}\n"
NEIGHBOURS = "  icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n  iif lo accept\n"
FIREWALLS = {
    "none": "",
    "by port": CHAIN % f"{NEIGHBOURS} tcp dport 443 accept",
    "by connection": CHAIN % f"{NEIGHBOURS} ct state established accept\n ct state invalid drop\n tcp dport 443 accept",
}


@dataclass
class Host:
    """A host in a network of its own, whose server has port 443; this machine is the world outside."""

    space: str
    address: str
    outside: str

    def program(self, *words: str) -> subprocess.Popen[str]:
        command = ["ip", "netns", "exec", self.space, *words]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return subprocess.Popen(command, **pipes, text=True, env=environment)  # type: ignore[call-overload,no-any-return]

    @contextmanager
    def responder(self, *addresses: str, before: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
        with self.program(*before, sys.executable, "-c", RESPONDER, TABLE, NAME, PROOF, *addresses) as running:
            assert line(running) == "ready"
            try:
                yield running
            finally:
                running.kill()

    def tables(self) -> str:
        return run("ip", "netns", "exec", self.space, "nft", "list", "tables")


def run(*words: str, stdin: str = "") -> str:
    return subprocess.run(words, input=stdin, check=True, capture_output=True, text=True).stdout


def line(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline().strip()


def go_on(program: subprocess.Popen[str]) -> None:
    assert program.stdin is not None
    program.stdin.write("\n")
    program.stdin.flush()


def echoes(connection: ssl.SSLSocket, said: bytes = b"hello") -> bool:
    connection.sendall(said)
    heard = b""
    while len(heard) < len(said) and (more := connection.recv(100000)):
        heard += more
    return heard == said


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    if os.geteuid() != 0 or not Path("/usr/sbin/nft").exists():
        pytest.skip("needs root and nftables")
    here = space = f"xw-{uuid.uuid4().hex[:8]}"
    net = f"198.{18 + secrets.randbelow(2)}.{secrets.randbelow(256)}"
    found = Host(space, f"{net}.2", f"{net}.77")
    run("ip", "netns", "add", space)
    try:
        run("ip", "link", "add", here, "type", "veth", "peer", "name", "uplink0", "netns", space)
        run("ip", "address", "add", f"{found.outside}/24", "dev", here)
        run("ip", "link", "set", here, "up")
        for words in (f"address add {found.address}/24 dev uplink0", "link set uplink0 up", "link set lo up"):
            run("ip", "-n", space, *words.split())
        pair = map(str, self_signed(tmp_path, found.address))
        with found.program(sys.executable, "-c", SERVER, *pair) as server:
            assert line(server) == "ready"
            yield found
            server.kill()
    finally:
        run("ip", "netns", "delete", space)


@pytest.mark.e2e
@pytest.mark.parametrize("rules", FIREWALLS.values(), ids=FIREWALLS)
def test_an_authority_is_led_past_the_server_and_nobody_is_cut_off(host: Host, rules: str) -> None:
    with ExitStack() as stack:
        before = [stack.enter_context(greet(host.address, 443, "xmpp-client")) for _ in range(30)]
        run("ip", "netns", "exec", host.space, "nft", "-f", "-", stdin=rules)
        with host.responder() as responder:
            assert is_proof(shown(host.address, 443))
            assert all(echoes(one) for one in before)
            new = stack.enter_context(greet(host.address, 443, "xmpp-client"))
            assert new.selected_alpn_protocol() == "xmpp-client"
            assert echoes(new, os.urandom(300_000))
            go_on(responder)
            assert line(responder) == host.outside
            assert TABLE not in host.tables()
            assert echoes(new), "who came meanwhile stays while the program runs"
            assert all(echoes(one) for one in before)
            with greet(host.address, 443, "acme-tls/1") as after:
                assert after.selected_alpn_protocol() is None
        assert all(echoes(one) for one in before)


@pytest.mark.e2e
def test_a_killed_run_shuts_nobody_out_and_the_next_one_clears_up(host: Host) -> None:
    with greet(host.address, 443) as before:
        with host.responder() as responder:
            os.kill(responder.pid, signal.SIGKILL)
            responder.wait()
            assert TABLE in host.tables()
            with greet(host.address, 443) as new:
                assert echoes(new)
            assert echoes(before)
        with host.responder() as responder:
            assert is_proof(shown(host.address, 443))
            go_on(responder)
            line(responder)
        assert TABLE not in host.tables()
        with host.responder() as responder:
            os.kill(responder.pid, signal.SIGKILL)
        tidied = (
            f"from xmpp_wizard.effects.tls_alpn import TlsAlpnResponder as T; T().tidy({TABLE!r}); T().tidy('none')"
        )
        with host.program(sys.executable, "-c", tidied) as tidying:
            assert tidying.wait(20) == 0
        assert TABLE not in host.tables()
        assert echoes(before)


@pytest.mark.e2e
def test_only_the_addresses_of_this_server_are_led_aside(host: Host) -> None:
    with host.responder("192.0.2.1"), greet(host.address, 443, "acme-tls/1") as connection:
        assert connection.selected_alpn_protocol() is None
    for addresses in (("192.0.2.1", host.address, "2001:db8::1"), ("::", "0.0.0.0")):  # noqa: S104 as people write it
        with host.responder(*addresses):
            assert is_proof(shown(host.address, 443))


@pytest.mark.e2e
def test_the_rights_of_the_timer_are_enough(host: Host) -> None:
    unit = (ROOT / "templates/systemd/renew.service.j2").read_text()
    rights = unit.partition("CapabilityBoundingSet=")[2].splitlines()[0].lower().replace("cap_", "+").split()
    limited = ["setpriv", "--no-new-privs", f"--bounding-set=-all,{','.join(rights)}", "--inh-caps=-all"]
    with host.responder(before=limited):
        assert is_proof(shown(host.address, 443))
        with greet(host.address, 443, "xmpp-client") as new:
            assert echoes(new)


@pytest.mark.e2e
def test_what_nftables_minds_is_told_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MARK", "of no number")
    assert "Could not parse packet mark" in hindrance(TABLE)
    assert "^" not in hindrance(TABLE)


@pytest.mark.e2e
def test_a_machine_that_may_not_lead_aside_says_so(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = f"from xmpp_wizard.effects.aside import hindrance; print(hindrance({TABLE!r}))"
    with host.program(sys.executable, "-c", asked) as able:
        assert line(able) == ""
    assert TABLE not in host.tables()
    with host.program("setpriv", "--bounding-set=-net_admin", sys.executable, "-c", asked) as unable:
        assert "Operation not permitted" in line(unable)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("xmpp_wizard.effects.program._PATH", "")
    assert hindrance(TABLE) == "the program nft (package nftables) is missing"
