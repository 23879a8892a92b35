"""Names: what is taken, in which form, and one good sentence for each that is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_wizard.core import addresses, names
from xmpp_wizard.core.text import WrongValueError

PARSERS = [
    names.parse_domain,
    names.parse_own_domain,
    addresses.parse_local_part,
    addresses.parse_address,
    addresses.parse_admin,
]

# signs that such names are made of, and those that break them
NAME_LIKE = st.text(st.sampled_from("aAbxn-_.:/@[]19 ößſאب。\uff11\u200d\u0301😀İ"), max_size=40)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("example.org", "example.org"),
        ("EXAMPLE.Org", "example.org"),
        ("example.org.", "example.org"),
        (" example.org ", "example.org"),
        ("xn--bcher-kva.example", "bücher.example"),
        ("BÜCHER.example", "bücher.example"),
        ("bücher。example", "bücher.example"),
        ("bücher。example。", "bücher.example"),
        ("faß.example", "faß.example"),
        ("שלום.example", "שלום.example"),
        ("chat.home.lan", "chat.home.lan"),
        ("1und1.example", "1und1.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
    ],
)
def test_a_domain_gets_one_form(text: str, domain: str) -> None:
    assert names.parse_domain(text) == domain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (".", "empty|dot"),
        ("localhost", "single word"),
        ("example。", "single word"),
        ("example.org..", "dot"),
        ("org.", "single word"),
        ("my server.example", "space"),
        ("https://example.org", "scheme"),
        ("xmpp:/example.org", "scheme"),
        ("example.org/chat", "path"),
        ("example.org:5222", "port"),
        ("alice@example.org", "whole address"),
        ("192.168.1.5", "IP address"),
        ("192.168.1.5:5222", "IP address"),
        ("\uff11\uff12\uff17.0.0.1", "IP address"),
        ("2001:db8::1", "IP address"),
        ("[2001:db8::1]", "IP address"),
        ("[::1]:5222", "IP address"),
        ("-example.org", "hyphen"),
        ("example-.org", "hyphen"),
        ("ab--cd.org", "hyphens"),
        ("my_server.example", "underscore"),
        ("a..example", "two dots"),
        (".example.org", "dot at its start"),
        ("a" * 64 + ".example", "63"),
        ("ü" * 60 + ".example", "63"),
        ("a." * 126 + "example", "253"),
        ("a" * 10_000, "too long"),
        ("a." * 5_000 + "example", "too long"),
        ("😀.example", "😀"),
        ("a\x00b.example", "u0000"),
        ("a\ud800.example", "ud800"),
        ("אa.example", "from the left"),
        ("xn--a.example", "xn--"),
        ("try.test", "looked up"),
        ("abc.onion", "looked up"),
    ],
)
def test_a_wrong_domain_is_told_in_one_short_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        names.parse_domain(text)
    message = str(caught.value)
    assert len(message) < 220
    assert "\n" not in message
    assert message.isprintable()


@pytest.mark.parametrize("text", ["gmail.com", "GMail.com.", "web.de"])
def test_a_mail_providers_domain_is_not_ones_own(text: str) -> None:
    with pytest.raises(ValueError, match="mail provider"):
        names.parse_own_domain(text)
    assert names.parse_domain(text)


def test_services_must_fit_below_ones_own_domain() -> None:
    long = ".".join(["a" * 60] * 4)
    assert names.parse_domain(long) == long
    with pytest.raises(ValueError, match=r"groups\. fit"):
        names.parse_own_domain(long)


def test_the_form_for_certificates_is_ascii() -> None:
    assert names.ascii_name("bücher.example") == "xn--bcher-kva.example"


def test_a_long_or_invisible_text_is_shown_short_and_visible() -> None:
    assert names.shown("a" * 1000) == '"' + "a" * 50 + '…"'
    assert names.shown("a\nb") == '"a\\u000ab"'


@pytest.mark.parametrize("parse", PARSERS)
@given(text=st.text() | NAME_LIKE)
def test_what_is_taken_stays_as_it_is_and_all_else_is_a_value_error(parse: Callable[[str], str], text: str) -> None:
    try:
        once = parse(text)
    except ValueError as error:
        assert type(error) is WrongValueError  # noqa: PT017 not the library's own, which shows the whole text
        return
    assert parse(once) == once
