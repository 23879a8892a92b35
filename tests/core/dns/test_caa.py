"""Who may issue certificates: the climb of RFC 8659, and the bounds of RFC 8657."""

from __future__ import annotations

import pytest

from xmpp_wizard.core.acme.issuer import issuer_of
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.dns.caa import Issuer, decide, questions
from xmpp_wizard.core.dns.reply import Question, Reply, State

OURS = Issuer(("letsencrypt.org",), "https://ca.example/acct/1", "dns-01")


def replies(**records: tuple[str, ...] | State) -> dict[Question, Reply]:
    """Return replies for ``a.b.example`` and above, which have nothing unless said otherwise."""
    found = {Question(name, "CAA"): Reply("NODATA") for name in ("a.b.example", "b.example", "example")}
    for key, said in records.items():
        name = {"a": "a.b.example", "b": "b.example", "top": "example"}[key]
        found[Question(name, "CAA")] = Reply(said) if isinstance(said, str) else Reply("OK", said)
    return found


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, ""),
        ({"b": ('0 issue "letsencrypt.org"',)}, ""),
        ({"b": ('0 issue "other.example"', '0 issue "letsencrypt.org"')}, ""),
        ({"b": ('0 iodef "mailto:a@b.example"',)}, ""),
        ({"b": ('0 issuewild "other.example"',)}, ""),
        ({"a": ('0 issue "letsencrypt.org"',), "b": ('0 issue "other.example"',)}, ""),
        ({"b": ('0 ISSUE "LetsEncrypt.org"',)}, ""),
        ({"b": ('0 issue "letsencrypt.org; validationmethods=http-01,dns-01"',)}, ""),
        ({"b": ('0 issue "letsencrypt.org; accounturi=https://ca.example/acct/1"',)}, ""),
        ({"b": ('0 issue "other.example"',)}, "allow other.example, not letsencrypt.org"),
        ({"top": ('0 issue "other.example"',)}, "the CAA records of example allow"),
        ({"b": ('0 issue ";"',)}, "forbids all certificates"),
        ({"b": ('0 issue "letsencrypt.org; validationmethods=http-01"',)}, "only by http-01"),
        ({"b": ('0 issue "letsencrypt.org; accounturi=https://ca.example/acct/2"',)}, "only for another account"),
        ({"b": ('128 new "x"',)}, "unknown rule new"),
        ({"b": "SERVFAIL"}, "nobody answers for the CAA records of b.example"),
        ({"a": ('0 issue "letsencrypt.org"',), "b": "TIMEOUT"}, ""),
    ],
)
def test_a_name(said: dict[str, tuple[str, ...] | State], words: str) -> None:
    verdict = decide("a.b.example", OURS, replies(**said))
    assert verdict.is_allowed is not bool(words)
    assert words in str(verdict.text)


def test_a_wildcard_has_rules_of_its_own() -> None:
    said = replies(b=('0 issue "letsencrypt.org"', '0 issuewild "other.example"'))
    assert decide("b.example", OURS, said).is_allowed
    assert not decide("*.b.example", OURS, said).is_allowed


def test_what_is_asked_for_is_all_that_is_needed() -> None:
    assert questions(["*.b.example", "b.example"]) == (Question("b.example", "CAA"), Question("example", "CAA"))


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("https://acme-v02.api.letsencrypt.org/directory", "letsencrypt.org"),
        ("https://acme.zerossl.com/v2/DV90", "sectigo.com"),
        ("https://notletsencrypt.org/directory", None),
        ("https://127.0.0.1:14000/dir", None),
    ],
)
def test_how_an_authority_is_called(url: str, identity: str | None) -> None:
    found = issuer_of(AcmeSource(url))
    assert (found.identities[0] if found else None) == identity


def test_a_local_authority_is_nobody_outside() -> None:
    assert issuer_of(None) is None
