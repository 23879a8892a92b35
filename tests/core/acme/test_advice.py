"""Each thing that can go wrong is told in plain words, with the next thing to do; the details are Boulder's own."""

from __future__ import annotations

import pytest

from xmpp_wizard.core.acme.advice import RULES, explain, explain_once
from xmpp_wizard.core.acme.model import Problem

URL = "http://a.example/.well-known/acme-challenge/x"
LATER = "retry after 2026-11-25 10:00:00 UTC: see https://letsencrypt.org/docs/rate-limits/"
CASES = {
    "rate-duplicate": (
        "rateLimited",
        f"too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, {LATER}",
    ),
    "rate-domain": (
        "rateLimited",
        f'too many certificates (50) already issued for "a.example" in the last 168h0m0s, {LATER}',
    ),
    "rate-failed": ("rateLimited", f'too many failed authorizations (5) for "a.example" in the last 1h0m0s, {LATER}'),
    "rate-account": (
        "rateLimited",
        f"too many new registrations (10) from this IP address in the last 3h0m0s, {LATER}",
    ),
    "paused": ("rateLimited", "Your account is temporarily prevented; visit the self-service portal: https://x"),
    "rate-other": ("rateLimited", "Service busy"),
    "closed": ("connection", f"203.0.113.7: Fetching {URL}: Timeout during connect (likely firewall problem)"),
    "refused": ("connection", f"203.0.113.7: Fetching {URL}: Connection refused"),
    "connection": ("connection", f"203.0.113.7: Fetching {URL}: Timeout during read (your server may be slow)"),
    "ipv6": ("unauthorized", f"2001:db8::1: Invalid response from {URL}: 404"),
    "other-machine": ("unauthorized", f"198.51.100.9: Invalid response from {URL}: 404"),
    "other-machine ": (
        "unauthorized",
        'The key authorization file from the server did not match this challenge. Expected "a.MAC" (got "c")',
    ),
    "partly-blocked": (
        "connection",
        f"During secondary validation: 203.0.113.7: Fetching {URL}: Timeout during connect (likely firewall problem)",
    ),
    "redirect": ("connection", "203.0.113.7: Fetching https://10.0.0.1/: Invalid host in redirect target"),
    "redirect ": (
        "connection",
        "203.0.113.7: Fetching https://a.example/x: Timeout during connect (likely firewall problem)",
    ),
    "ipv6  ": ("connection", f"2001:db8::1: Fetching {URL}: Connection refused"),
    "no-such-name": ("dns", "DNS problem: NXDOMAIN looking up A for a.example - check that a DNS record exists"),
    "no-address": ("dns", "no valid A records found for a.example; no valid AAAA records found for a.example"),
    "txt": ("dns", "DNS problem: NXDOMAIN looking up TXT for _acme-challenge.a.example - check that"),
    "txt ": ("unauthorized", "No TXT record found at _acme-challenge.a.example"),
    "txt  ": ("unauthorized", 'Incorrect TXT record "old" found at _acme-challenge.a.example'),
    "dns-server": ("dns", "DNS problem: SERVFAIL looking up A for a.example - the domain's nameservers may be"),
    "caa-lookup": ("dns", "DNS problem: query timed out looking up CAA for a.example"),
    "dnssec": ("dns", "DNS problem: looking up A for a.example: DNSSEC: Bogus: validation failure"),
    "caa": ("caa", "CAA record for a.example prevents issuance"),
    "alpn": ("unauthorized", 'Cannot negotiate ALPN protocol "acme-tls/1" for tls-alpn-01 challenge'),
    "alpn ": ("tls", "203.0.113.7: remote error: tls: unrecognized name"),
    "not-public": ("malformed", "Domain name does not end with a valid public suffix (TLD)"),
    "rejected": ("rejectedIdentifier", "The ACME server refuses to issue: forbidden by policy"),
    "profile": ("unauthorized", 'account ID 1 is not permitted to use certificate profile "shortlived"'),
    "profile ": ("invalidProfile", "not found"),
    "account-lost": ("unauthorized", "Account is not valid, has status deactivated"),
    "binding": ("externalAccountRequired", "No external account binding"),
    "terms": ("userActionRequired", "Terms of service have changed: https://x"),
    "ca-down": ("serverInternal", "Service busy; retry later."),
    "ca-down ": ("busy", "HTTP 503 Service Unavailable"),
    "offline": ("offline", "Connection refused"),
    "no-lookup": ("noLookup", "Temporary failure in name resolution"),
    "clock": ("clock", "certificate is not yet valid"),
    "intercepted": ("intercepted", "self-signed certificate in certificate chain"),
    "not-acme": ("notAcme", "HTTP 404 Not Found"),
    "port-taken": ("portTaken", "192.0.2.7 port 80: Address already in use"),
    "dns-other": ("dns", "DNS problem: something new"),
    "binding-wrong": ("unauthorized", "external account binding is not valid"),
    "bad-key": ("badPublicKey", "key is too small"),
    "bad-request": ("badCSR", "Error finalizing order :: CSR is malformed"),
    "rejected ": ("unsupportedIdentifier", "type ip"),
    "ca-slow": ("slow", "not done after 90 s"),
    "ca-slow ": ("orderNotReady", "Order is not ready"),
    "again": ("badNonce", "JWS has an invalid anti-replay nonce"),
    "no-challenge": ("noChallenge", "offered are: dns-01"),
    "no-method": ("noMethod", "no DNS account"),
    "no-such-name ": ("noSuchName", ""),
    "no-such-name  ": ("connection", "no such host"),
    "ipv6 ": ("connection", "dial tcp [2001:db8::1]:80: network is unreachable"),
    "disk": ("disk", "the disk is full"),
    "account-lost ": ("accountDoesNotExist", "unknown kid"),
    "dns-provider": ("dnsProvider", "REFUSED"),
    "no-alias": ("noAlias", "_acme-challenge.a.example CNAME x.auth.example."),
    "no-zone": ("noZone", "_acme-challenge.a.example"),
    "tls-taken": ("tlsTaken", "nginx (pid 7)"),
    "no-way-past": ("noWayPast", "the program nft (package nftables) is missing"),
}


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
