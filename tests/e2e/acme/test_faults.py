"""Everything that goes wrong on the way to an authority, made really and told in plain words."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest
from tests.core.acme.cases import CASES
from tests.e2e.acme.conftest import Get, prove
from tests.e2e.acme.fault_proxy import NS, FaultProxy
from tests.e2e.acme.pebble import Pebble, self_signed

from xmpp_wizard.core.acme.advice import Advice, explain
from xmpp_wizard.core.acme.model import AcmeError, CertificateAuthority
from xmpp_wizard.effects.acme_ca import AcmeAuthorities

pytestmark = pytest.mark.e2e

CHECKS = [
    case
    for case, (kind, _) in CASES.items()
    if kind in {"connection", "unauthorized", "dns", "caa", "tls"}
    and case.strip() not in {"profile", "account-lost", "binding-wrong"}
]


@pytest.fixture
def through(proxy: FaultProxy, pebble: Pebble, account_key: bytes) -> CertificateAuthority:
    found = AcmeAuthorities().connect(proxy.url, account_key, str(pebble.roots))
    found.log_in()
    proxy.requests.clear()
    return found


def told(work: Callable[[], object], name: str = "a.example") -> Advice:
    """Return the advice for what ``work`` fails with."""
    with pytest.raises(AcmeError) as caught:
        work()
    return explain(caught.value.problem, name)[0]


@pytest.mark.parametrize("case", ["rate-duplicate", "rate-domain", "rate-failed", "rate-account", "paused"])
def test_limits_are_told_with_their_end(proxy: FaultProxy, through: CertificateAuthority, case: str) -> None:
    proxy.refuse("newOrder", 429, *CASES[case], Retry_After="7200")
    advice = told(lambda: through.order(["a.example"]))
    assert advice.key == case
    assert advice.wait_seconds == 7200
    assert len(proxy.requests) == 1, "nobody hammers"


def test_an_end_may_be_a_date(proxy: FaultProxy, through: CertificateAuthority) -> None:
    date = formatdate(time.time() + 3600, usegmt=True)
    proxy.refuse("newOrder", 429, *CASES["rate-duplicate"], Retry_After=date)
    wait = told(lambda: through.order(["a.example"])).wait_seconds
    assert wait is not None
    assert 3590 < wait <= 3600


@pytest.mark.parametrize("case", CHECKS)
def test_a_check_that_fails_is_explained(
    proxy: FaultProxy, through: CertificateAuthority, host: str, case: str
) -> None:
    proxy.fail_checks(*CASES[case])
    (failed,) = prove(through, through.order(["a.example"]), host)
    problem = next(challenge.problem for challenge in failed.challenges if challenge.problem)
    assert explain(problem, failed.name)[0].key == case.strip()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_maintenance_is_told(proxy: FaultProxy, through: CertificateAuthority, status: int) -> None:
    proxy.answer("newOrder", status, b"<html>maintenance</html>", Content_Type="text/html", Retry_After="120")
    advice = told(lambda: through.order(["a.example"]))
    assert (advice.key, advice.retry, advice.wait_seconds) == ("ca-down", "at", 120)


@pytest.mark.parametrize("body", [b"<html>please log in</html>", b"[]", b"{}", b'{"newOrder": 7}', b"\xff\x00", b""])
def test_a_page_to_log_in_to_a_network_is_no_authority(
    proxy: FaultProxy, pebble: Pebble, account_key: bytes, body: bytes
) -> None:
    proxy.answer("directory", 200, body, Content_Type="text/html")
    assert told(lambda: AcmeAuthorities().connect(proxy.url, account_key, str(pebble.roots))).key == "not-acme"


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"status": "pending"}', b"<html>"])
def test_orders_that_make_no_sense_are_refused(proxy: FaultProxy, through: CertificateAuthority, body: bytes) -> None:
    proxy.answer("newOrder", 201, body, Content_Type="application/json")
    assert told(lambda: through.order(["a.example"])).key == "not-acme"


def test_a_cut_line_is_told_and_leaves_nothing_broken(proxy: FaultProxy, through: CertificateAuthority) -> None:
    proxy.cut("newOrder", times=1)
    assert told(lambda: through.order(["a.example"])).key == "offline"
    assert through.order(["a.example"]).status == "pending"


def test_three_bad_nonces_in_a_row_are_no_failure(proxy: FaultProxy, through: CertificateAuthority) -> None:
    proxy.refuse("newOrder", 400, "badNonce", "JWS has an invalid anti-replay nonce", times=3)
    assert through.order(["a.example"]).status == "pending"
    proxy.refuse("newOrder", 400, "badNonce", "JWS has an invalid anti-replay nonce")
    assert told(lambda: through.order(["a.example"])).key == "again"


@pytest.mark.parametrize("kind", ["alreadyReplaced", "conflict", "malformed", "serverInternal", "unauthorized"])
def test_what_a_renewal_replaces_is_only_a_hint(
    proxy: FaultProxy, through: CertificateAuthority, get: Get, kind: str
) -> None:
    old = get("a.example")
    proxy.refuse("newOrder", 500, kind, "could not find an order for the given certificate", times=1)
    assert through.order(["a.example"], replaces=old).status == "pending"


def test_each_refused_name_is_told(proxy: FaultProxy, through: CertificateAuthority) -> None:
    parts = [
        {"type": f"{NS}{kind}", "detail": "policy", "identifier": {"type": "dns", "value": name}}
        for kind, name in (("rejectedIdentifier", "a.example"), ("caa", "b.example"))
    ]
    body = {"type": f"{NS}compound", "detail": "Some were rejected", "status": 400, "subproblems": parts}
    proxy.answer("newOrder", 400, json.dumps(body).encode(), Content_Type="application/problem+json")
    with pytest.raises(AcmeError) as caught:
        through.order(["a.example", "b.example", "c.example"])
    found = {advice.name: advice.key for advice in explain(caught.value.problem)}
    assert found == {"a.example": "rejected", "b.example": "caa"}


def test_this_machine_is_told_apart_from_the_authority(pebble: Pebble, account_key: bytes) -> None:
    def connect(url: str, roots: str = str(pebble.roots)) -> Callable[[], object]:
        return lambda: AcmeAuthorities().connect(url, account_key, roots)

    assert told(connect("https://127.60.0.1:9/dir")).key == "offline"
    assert told(connect("https://no-such-name.invalid/dir")).key == "no-lookup"
    assert told(connect(pebble.url, "")).key == "intercepted"
    assert told(connect(pebble.url, "/no/such/roots.pem")).key == "not-acme"


def test_a_clock_that_is_wrong_is_told(folder: Path, account_key: bytes) -> None:
    chain, key = self_signed(folder, "127.60.0.1", begins_in_days=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with socket.create_server(("127.60.0.1", 0)) as listening:

        def serve() -> None:
            try:
                context.wrap_socket(listening.accept()[0], server_side=True)
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"https://127.60.0.1:{listening.getsockname()[1]}/dir"
        assert told(lambda: AcmeAuthorities().connect(url, account_key, str(chain))).key == "clock"
        thread.join()
