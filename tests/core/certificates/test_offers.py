"""Which of the admin's certificates are served."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.certificates.offers import choices

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WISH = CertificateRequest("a.example", ("a.example", "groups.a.example", "share.a.example"))


def offer(*names: str, days: int = 30) -> ObservedCertificate:
    end = NOW + timedelta(days=days)
    return ObservedCertificate(names, end - timedelta(days=90), end, "Somebody", 1, sha256="x")


def chosen(*offered: ObservedCertificate) -> list[tuple[str, tuple[str, ...]]]:
    found, missing = choices(WISH, offered, NOW)
    assert not missing
    return [(choice.folder, choice.names) for choice in found]


def test_one_for_all_names_comes_before_several() -> None:
    single = offer(*WISH.names)
    assert chosen(offer("a.example", days=80), single, offer("groups.a.example")) == [("a.example", WISH.names)]


def test_the_one_that_lasts_longest_is_taken() -> None:
    older, newer = offer(*WISH.names), offer(*WISH.names, days=60)
    assert choices(WISH, [older, newer], NOW)[0][0].certificate is newer


def test_several_make_up_a_whole() -> None:
    found = chosen(offer("groups.a.example"), offer("share.a.example"), offer("a.example"))
    assert sorted(found) == [(name, (name,)) for name in WISH.names]
    assert chosen(offer("*.a.example"), offer("a.example")) == [
        ("groups.a.example", ("groups.a.example", "share.a.example")),
        ("a.example", ("a.example",)),
    ]


def test_valid_ones_come_before_those_that_have_ended() -> None:
    found, missing = choices(WISH, [offer(*WISH.names, days=-1), offer("a.example")], NOW)
    assert [choice.names for choice in found] == [("a.example",), ("groups.a.example", "share.a.example")]
    assert not missing


def test_valid_ones_come_before_those_that_have_not_begun() -> None:
    early = offer(*WISH.names, days=300)
    assert choices(WISH, [early, (valid := offer(*WISH.names))], NOW)[0][0].certificate is valid


def test_names_without_any_are_told() -> None:
    assert choices(WISH, [], NOW) == ((), WISH.names)
    assert choices(WISH, [offer("a.example"), offer("b.example")], NOW)[1] == WISH.names[1:]
