"""Changes on real name servers with a key: Knot and BIND, and each wrong thing told in words."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import dns.exception
import dns.message
import dns.query
import pytest
from tests.e2e.dns.lab import HERE, Lab
from tests.e2e.dns.programs import ALGORITHM, KEY_NAME, SECRET, Process
from tests.e2e.server.faults import wait_until
from tests.fakes import Fakes

from xmpp_wizard.core.dns.account import Access, DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.reply import Kind, Question, Reply
from xmpp_wizard.core.errors import DnsProviderError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.clock import SystemClock
from xmpp_wizard.effects.dns_providers import NetworkDnsProviders
from xmpp_wizard.effects.resolver import NetworkResolver
from xmpp_wizard.engine.dns.texts import texts

pytestmark = pytest.mark.e2e

Z = "example.lab"
RECORDS = (
    Record(f"new.{Z}", "A", "192.0.2.9"),
    Record(f"new.{Z}", "AAAA", "2001:db8::9"),
    Record(f"_xmpp-server._tcp.new.{Z}", "SRV", f"10 5 5269 new.{Z}."),
    Record(f"new.{Z}", "CAA", '0 issue "letsencrypt.org"'),
    Record(f"_5269._tcp.new.{Z}", "TLSA", "3 1 1 " + "ab" * 32),
    Record(f"_acme-challenge.new.{Z}", "TXT", 'a "text" \\ of ' + "x" * 300),
)


@pytest.fixture(scope="module")
def bind(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a BIND with the same key and zone; it only listens on addresses that an interface has."""
    folder = tmp_path_factory.mktemp("bind")
    subprocess.run(["ip", "address", "add", f"{lab.spare}/8", "dev", "lo"], check=True)
    (folder / "zone").write_text(f"$TTL 5\n@ SOA ns1 admin 1 60 60 600 5\n@ NS ns1\nns1 A {lab.spare}\n")
    (folder / "named.conf").write_text(f"""
key "{KEY_NAME}" {{ algorithm {ALGORITHM}; secret "{SECRET}"; }};
key "weak" {{ algorithm {ALGORITHM}; secret "{SECRET}"; }};
options {{ directory "{folder}"; listen-on {{ {lab.spare}; }}; listen-on-v6 {{ none; }}; recursion no; pid-file none;
  session-keyfile "{folder}/session.key"; dnssec-validation no; }};
controls {{ }};
zone "{Z}" {{ type primary; file "zone"; update-policy {{ grant {KEY_NAME} zonesub ANY; }}; }};
""")
    with Process(folder, "named", "-f", "-c", folder / "named.conf") as named:
        named.start(lab.spare)
        wait_until(lambda: has_zone(lab.spare), "BIND has loaded the zone")
        yield lab.spare
    subprocess.run(["ip", "address", "delete", f"{lab.spare}/8", "dev", "lo"], check=True)


def has_zone(server: str) -> bool:
    """Say whether a server knows the zone yet: BIND takes connections before it has read its files."""
    with suppress(dns.exception.Timeout):
        return bool(dns.query.udp(dns.message.make_query(Z, "SOA"), server, 1).answer)
    return False


@pytest.fixture(params=["knot", "bind"])
def server(request: pytest.FixtureRequest, lab: Lab) -> str:
    """Give the address of each name server."""
    return lab.ns1 if request.param == "knot" else str(request.getfixturevalue("bind"))


def access(server: str, name: str = KEY_NAME, secret: str = SECRET, algorithm: str = ALGORITHM) -> Access:
    account = DnsAccount("rfc2136", server=server, key_name=name, algorithm=algorithm, secret_file="/root/key")
    return Access(account, Secret(secret))


def apply(access: Access, *add: Record, zone: str = Z, remove: tuple[Record, ...] = ()) -> None:
    NetworkDnsProviders().apply(access, Change(zone, add, remove))


def ask(server: str, name: str, kind: Kind) -> Reply:
    question = Question(name, kind, server)
    return NetworkResolver().ask([question], [], 5)[question]


def test_all_kinds_of_records_come_and_go(server: str) -> None:
    apply(access(server), *RECORDS)
    assert {record: ask(server, record.name, record.kind).values for record in RECORDS} == {
        record: (record.value,) for record in RECORDS
    }
    apply(access(server), remove=RECORDS)
    assert {ask(server, record.name, record.kind).state for record in RECORDS} <= {"NODATA", "NXDOMAIN"}


def test_what_is_there_already_or_gone_already_is_fine(server: str) -> None:
    for _ in range(2):
        apply(access(server), RECORDS[0])
    for _ in range(2):
        apply(access(server), remove=RECORDS[:1])
    assert ask(server, RECORDS[0].name, "A").values == ()


def test_only_the_record_itself_goes(server: str) -> None:
    mine, other = Record(f"two.{Z}", "TXT", "mine"), Record(f"two.{Z}", "TXT", "another's")
    apply(access(server), mine, other)
    apply(access(server), remove=(mine,))
    assert ask(server, f"two.{Z}", "TXT").values == ("another's",)
    apply(access(server), remove=(other,))


@pytest.mark.parametrize(
    ("wrong", "words", "hint"),
    [
        ({"name": "other"}, "does not know the key other", "dns.key_name"),
        ({"algorithm": "hmac-sha512"}, "(hmac-sha512)", "dns.algorithm"),
        ({"algorithm": "hmac-sha999"}, "is for hmac-sha999, which is not known here", "hmac-sha256"),
        ({"algorithm": "hmac-md5"}, "is for hmac-md5, which is not known here", "hmac-sha256"),
        ({"secret": "AAAA"}, "has another secret for the key wizard-key", "dns.key_file"),
        ({"secret": "no base64!"}, "what is in /root/key is no key", "the secret alone"),
        ({"name": ""}, "the key in /root/key has no name", "dns.key_name"),
    ],
)
def test_a_wrong_key(server: str, wrong: dict[str, str], words: str, hint: str) -> None:
    with pytest.raises(DnsProviderError) as raised:
        apply(access(server, **wrong), RECORDS[0])
    assert words in str(raised.value)
    assert hint in str(raised.value.hint)
    assert SECRET not in repr(raised.value)


def test_a_zone_that_the_server_does_not_have(server: str) -> None:
    with pytest.raises(DnsProviderError) as raised:
        apply(access(server), Record("x.elsewhere.lab", "A", HERE), zone="elsewhere.lab")
    assert "elsewhere.lab" in str(raised.value)
    assert "dns.server" in str(raised.value.hint)


def test_a_key_without_rights(lab: Lab, bind: str) -> None:
    assert lab
    with pytest.raises(DnsProviderError, match="does not let the key weak change") as raised:
        apply(access(bind, name="weak"), RECORDS[0])
    assert "update-policy" in str(raised.value.hint)


def test_a_clock_that_is_wrong(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time
    monkeypatch.setattr("dns.message.time.time", lambda: now() - 365 * 86400)
    with pytest.raises(DnsProviderError, match="clock of this machine is wrong") as raised:
        apply(access(server), RECORDS[0])
    assert "timedatectl" in str(raised.value.hint)


def test_nobody_answers_there(lab: Lab) -> None:
    with pytest.raises(DnsProviderError, match="does not answer"):
        apply(access(lab.dead), RECORDS[0])


def test_something_else_answers_there() -> None:
    with socket.create_server(("127.66.1.99", 0)) as listener:
        address = f"127.66.1.99@{listener.getsockname()[1]}"
        listener.settimeout(5)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"\0\4HTTP")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(DnsProviderError, match="is no name server"):
            apply(access(address), RECORDS[0])
        thread.join()


def test_whole_keys_are_read_too(lab: Lab, bind: str) -> None:
    forms = (
        f'key "{KEY_NAME}" {{\n  algorithm {ALGORITHM};\n  secret "{SECRET}";\n}};',
        f"key:\n  - id: {KEY_NAME}\n    algorithm: {ALGORITHM}\n    secret: {SECRET}\n",
        f"{ALGORITHM}:{KEY_NAME}:{SECRET}",
    )
    for server in (lab.ns1, bind):
        for form in forms:
            apply(access(server, name="", secret=form, algorithm=""), RECORDS[0])
    apply(access(bind), remove=RECORDS[:1])
    apply(access(lab.ns1), remove=RECORDS[:1])


@pytest.fixture
def make_world() -> Callable[[], World]:
    fakes = Fakes()
    fakes.files.put("/root/key", SECRET)
    real = {"resolver": NetworkResolver(), "dns_providers": NetworkDnsProviders(), "clock": SystemClock()}
    return lambda: replace(fakes.world(), **real)  # type: ignore[arg-type]  # three fields of the world


def test_texts_are_on_both_servers_and_gone_after(lab: Lab, make_world: Callable[[], World]) -> None:
    account = DnsAccount("rfc2136", key_name=KEY_NAME, algorithm=ALGORITHM, secret_file="/root/key")
    names = {f"_acme-challenge.{Z}": ("one", "two"), "_acme-challenge.plain.lab": ("three",)}
    with texts(make_world(), Layout(), account, names, (lab.resolver,)):
        for server in (lab.ns1, lab.ns2):
            assert ask(server, f"_acme-challenge.{Z}", "TXT").values == ("one", "two")
            # it is an alias into the other zone
            assert ask(server, f"plain.acme.{Z}", "TXT").values == ("three",)
    assert ask(lab.ns1, f"_acme-challenge.{Z}", "TXT").state in ("NXDOMAIN", "NODATA")
    assert ask(lab.ns1, f"plain.acme.{Z}", "TXT").state in ("NXDOMAIN", "NODATA")
