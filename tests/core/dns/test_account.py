"""Keys as name servers write them, and answers about who keeps the records."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.servers import answers

from xmpp_wizard.core.dns.account import parse_key

SECRET = "qfGZbU3sFFX4WbxRRL4Dp6G2fNrDWyxJxgVYQJ1AgFk="


@pytest.mark.parametrize(
    "text",
    [
        f'key "k.example." {{\n\talgorithm HMAC-SHA512;\n\tsecret "{SECRET}";\n}};\n',
        f"key:\n  - id: k.example\n    algorithm: hmac-sha512\n    secret: {SECRET}\n",
        f"hmac-sha512:k.example:{SECRET}\n",
    ],
)
def test_a_whole_key(text: str) -> None:
    key = parse_key(text)
    assert (key.name, key.algorithm, key.secret.reveal()) == ("k.example", "hmac-sha512", SECRET)


def test_a_secret_alone() -> None:
    key = parse_key(f"{SECRET}\n")
    assert (key.name, key.algorithm, key.secret.reveal()) == ("", "", SECRET)
    assert SECRET not in repr(key)


def test_nobody_keeps_the_records() -> None:
    assert answers().dns.account is None


def test_a_provider_with_more_than_a_token() -> None:
    account = answers("""
[dns]
provider = "ovh"
token_file = "/root/t"
options = ["auth_entrypoint=ovh-eu"]
secret_options = ["auth_application_secret=/root/s"]
zone = "bücher.example"
""").dns.account
    assert account is not None
    assert account.options == (("auth_entrypoint", "ovh-eu"),)
    assert account.files == ("/root/t", "/root/s")
    assert account.zone == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text",
    [
        'provider = "rfc2136"',
        'provider = "Some Provider"',
        'provider = "desec"\nsecret_options = ["auth_secret=not-a-path"]',
        'provider = "desec"\noptions = ["no-value"]',
        'server = "ns1.example.org"',
    ],
)
def test_wrong_answers_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        answers(f"[dns]\n{text}")


@pytest.mark.parametrize("url", ["https://auth.example.org/x/", "http://192.168.1.5:8080", "http://[fd00::1]/api/v1/"])
def test_where_secrets_may_go(url: str) -> None:
    account = answers(f'[dns]\nprovider = "desec"\napi_url = "{url}"').dns.account
    assert account is not None
    assert account.api_url == url.rstrip("/")


@pytest.mark.parametrize("url", ["http://auth.example.org", "http://9.9.9.9/", "ftp://192.168.1.5", "http://999.1.1.1"])
def test_no_secret_goes_through_the_open_internet(url: str) -> None:
    with pytest.raises(ValidationError, match=r"https://|no IP address"):
        answers(f'[dns]\nprovider = "desec"\napi_url = "{url}"')
