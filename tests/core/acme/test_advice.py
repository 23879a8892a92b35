"""Each thing that can go wrong is told in plain words, with the next thing to do; the details are Boulder's own."""

from __future__ import annotations

import pytest
from tests.core.acme.cases import CASES

from xmpp_wizard.core.acme.advice import RULES, explain, explain_once
from xmpp_wizard.core.acme.model import Problem

TLS_CASES = {
    "closed": ("connection", "203.0.113.7: Timeout during connect (likely firewall problem)"),
    "refused": ("connection", "203.0.113.7: Connection refused"),
    "connection": ("connection", "203.0.113.7: Timeout after connect (your server may be slow or overloaded)"),
    "partly-blocked": ("connection", "During secondary validation: 203.0.113.7: Timeout during connect"),
    "refused ": ("unauthorized", "Failed to connect to 203.0.113.7:443 for the tls-alpn-01 challenge"),
    "alpn": ("unauthorized", "Incorrect validation certificate for tls-alpn-01 challenge. Expected 1 DNS name"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_authorities_say_is_understood(case: str) -> None:
    kind, detail = CASES[case]
    (advice,) = explain(Problem(kind, detail), "a.example")
    assert advice.key == case.strip()
    assert str(advice.what)
    assert str(advice.do)
    assert "{" not in str(advice.what) + str(advice.do)


@pytest.mark.parametrize("case", TLS_CASES)
def test_checks_over_port_443_are_told_with_their_port(case: str) -> None:
    kind, detail = TLS_CASES[case]
    (advice,) = explain(Problem(kind, detail, method="tls-alpn-01"), "a.example")
    assert advice.key == case.strip()
    assert "443" in f"{advice.what} {advice.do}"


def test_what_has_nothing_to_do_with_the_port_is_told_for_port_443_too() -> None:
    for case in ("ipv6 ", "no-such-name  ", "no-address"):
        (advice,) = explain(Problem(*CASES[case], method="tls-alpn-01"), "a.example")
        assert advice.key == case.strip()


def test_no_rule_is_without_its_case() -> None:
    assert {rule.key for rule in RULES} == {case.strip() for case in CASES}


def test_names_are_told_from_the_text_where_they_are_nowhere_else() -> None:
    kind, detail = CASES["rate-failed"]
    (advice,) = explain(Problem(kind, detail, retry_after_seconds=3600))
    assert advice.name == "a.example"
    assert str(advice.what) == "a.example failed its check too often within an hour"
    assert (advice.retry, advice.wait_seconds) == ("at", 3600)


def test_the_address_that_answered_is_told() -> None:
    (advice,) = explain(Problem(*CASES["ipv6"]), "a.example")
    assert str(advice.what) == "over IPv6 another machine answers for a.example (2001:db8::1)"


def test_each_name_gets_advice_of_its_own() -> None:
    parts = (Problem("rejectedIdentifier", "policy", "a.example"), Problem("caa", "prevents", "b.example"))
    found = explain(Problem("compound", "Some of the identifiers requested were rejected", parts=parts))
    assert [(advice.name, advice.key) for advice in found] == [("a.example", "rejected"), ("b.example", "caa")]


def test_an_authority_that_names_a_time_is_obeyed() -> None:
    (advice,) = explain(Problem("busy", "HTTP 503", retry_after_seconds=120))
    assert (advice.retry, advice.wait_seconds) == ("at", 120)


def test_the_unknown_is_told_as_it_is() -> None:
    (advice,) = explain(Problem("teapot", "short and {stout}"))
    assert advice.key == "unknown"
    assert str(advice.what) == "the certificate authority said: short and {stout}"
    assert advice.retry == "backoff"


@pytest.mark.parametrize("problem", [*(Problem(*found) for found in CASES.values()), Problem("offline", "")])
def test_what_is_asked_for_once_is_promised_by_nobody(problem: Problem) -> None:
    if problem.type in {"connection", "unauthorized", "dns", "caa", "tls"} and explain(problem)[0].blame == "name":
        return  # such checks are part of no revocation
    _, hint = explain_once(problem)
    assert "tried again by itself" not in f"{hint}"
    assert "Nothing to do" not in f"{hint}"
