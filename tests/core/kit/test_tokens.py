"""What keys for tokens must be, told before anything is changed; and the tokens that a proof makes itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from tests.servers import config, host, server

from xmpp_wizard.core.errors import AnswersError, NeedsPersonError, ProofFailedError
from xmpp_wizard.core.kit import tokens

PUBLIC = serialization.PublicFormat
PEM = serialization.Encoding.PEM
RSA = rsa.generate_private_key(65537, 2048)
SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505 it is to be refused
EC = ec.generate_private_key(ec.SECP256R1())


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(PEM, PUBLIC.SubjectPublicKeyInfo)


def private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def test_keys_of_the_right_kind_are_taken() -> None:
    tokens.check_secret(b"x" * 32 + b"\nmore\n")
    tokens.check_rsa_key(b"a comment\n" + public(RSA))
    tokens.check_rsa_key(public(rsa.generate_private_key(3, 3072)))
    tokens.check_ec_key(public(EC).replace(b"\n", b"\r\n"))


REFUSED: list[tuple[Callable[[bytes], None], bytes, str]] = [
    (tokens.check_secret, b"", "has 0 bytes, which is too short"),
    (tokens.check_secret, b"x" * 31 + b"\n" + b"y" * 40, "has 31 bytes, which is too short"),
    (tokens.check_secret, b"x" * 31 + b"\r\n", "has 31 bytes, which is too short"),
    (tokens.check_secret, b" " * 64, "has 0 bytes, which is too short"),
    (tokens.check_secret, b"x" * 31 + b" " * 8 + b"\n", "has 31 bytes, which is too short"),
    (tokens.check_secret, b"\0" * 48, "signs in it that are no text"),
    (tokens.check_secret, b"x" * 40 + b"\xff\xfe", "signs in it that are no text"),
    (tokens.check_secret, b" " + b"x" * 40, "spaces at an end"),
    (tokens.check_secret, public(RSA), "a key, not a secret"),
    (tokens.check_rsa_key, public(SHORT), "has 1024 bits, which is too short"),
    (tokens.check_rsa_key, private(RSA), "a private key"),
    (tokens.check_rsa_key, public(EC), "RS256 needs a public key of the kind RSA"),
    (tokens.check_rsa_key, RSA.public_key().public_bytes(PEM, PUBLIC.PKCS1), "no public key"),
    (tokens.check_ec_key, public(RSA), "ES256 needs a public key of the kind EC"),
    (tokens.check_ec_key, public(ec.generate_private_key(ec.SECP384R1())), "ES256 needs"),
    (tokens.check_ec_key, public(ed25519.Ed25519PrivateKey.generate()), "ES256 needs"),
    *(
        (check, content, "no public key")
        for check in (tokens.check_rsa_key, tokens.check_ec_key)
        for content in (b"", b"\xff\x00", b"a secret of quite some length", public(RSA)[:200], public(EC)[:60])
    ),
]


@pytest.mark.parametrize(("check", "content", "words"), REFUSED)
def test_what_is_no_such_key_is_refused_with_the_way_out(
    check: Callable[[bytes], None], content: bytes, words: str
) -> None:
    with pytest.raises(NeedsPersonError, match=words) as caught:
        check(content)
    assert str(caught.value.hint)


@pytest.mark.parametrize("at", range(40))
def test_a_key_that_was_cut_or_changed_never_breaks_the_check(at: int) -> None:
    lines = public(RSA).decode().splitlines()
    body = "".join(lines[1:-1])
    for broken in (body[: at * 8], body[at * 4 :], f"{body[:at]}A{body[at + 1 :]}"):
        content = f"{lines[0]}\n{broken}\n{lines[-1]}\n".encode()
        with suppress(NeedsPersonError):
            tokens.check_rsa_key(content)


def test_the_end_of_a_token_is_read_without_believing_it() -> None:
    assert tokens.ends_at(tokens.signed("x" * 32, {"exp": 1700000000})) == 1700000000
    for strange in ("", "a.b.c", "..", "a.e30.c", "a.W10.c", "only one", "a.bnVsbA.c", "é.é.é"):
        assert tokens.ends_at(strange) is None


JWT = "features.invitations.enabled = false\nfeatures.jwt.enabled = true\n"
RS256 = f'{JWT}features.jwt.algorithm = "RS256"\nfeatures.jwt.public_key_file = "/root/key.pem"\n'


LDAP = """features.invitations.enabled = false
features.ldap = { enabled = true, server = "ldap.example", base = "dc=example" }
"""


@pytest.mark.parametrize("elsewhere", [JWT, LDAP])
def test_who_is_known_elsewhere_gets_no_token_that_holds_for_weeks(elsewhere: str) -> None:
    assert "sasl2_fast" in config("").options["modules_enabled"]
    found = config(elsewhere).options
    assert "sasl2_fast" not in found["modules_enabled"]
    assert "sasl2_fast" in found["modules_disabled"]


def test_a_token_for_one_domain_is_not_for_another() -> None:
    found = config(JWT + 'features.jwt.audience = "chat"\nextra_domains = ["bücher.example"]')
    assert host(found, "fam.example")["token_audiences"] == ["chat"]
    assert host(found, "bücher.example")["token_audiences"] == ["bücher.example", "xn--bcher-kva.example"]
    assert host(config(JWT), "fam.example")["token_audiences"] == ["fam.example"]


def test_the_secret_is_made_here_only_where_none_is_given_and_none_is_public() -> None:
    given = 'features.jwt.secret_file = "/root/secret"'
    assert "jwt" in {secret.name for secret in server(JWT).secrets}
    for other in (JWT + given, RS256):
        assert "jwt" not in {secret.name for secret in server(other).secrets}
    assert [(item.source, item.is_secret) for item in server(JWT + given).references] == [("/root/secret", True)]
    assert [(item.source, item.is_secret) for item in server(RS256).references] == [("/root/key.pem", False)]


def test_two_sources_of_people_are_named_with_the_way_out() -> None:
    with pytest.raises(AnswersError, match=r"by features\.jwt or by features\.ldap, not by both") as caught:
        server(JWT + "features.ldap.enabled = true")
    assert str(caught.value.hint) == "Set features.jwt.enabled = false, or features.ldap.enabled = false."


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("0\n", "has 1 lines, not two"),
        ("a.b.c\n\nd.e.f\ng.h.i\n", "has 3 lines, not two"),
        (f"a.b.c\n{tokens.signed('x', {'exp': 99})}\n", "token for xw-proof-2 has ended"),
    ],
)
def test_tokens_of_the_proof_that_are_of_no_use_are_told(lines: str, words: str) -> None:
    people = server(RS256).proof_people
    assert people is not None
    with pytest.raises(ProofFailedError, match=words):
        people.passwords(lines.encode(), "fam.example", 100.0)


def test_tokens_of_the_proof_are_for_the_domain_that_is_proven() -> None:
    people = server(JWT + 'features.jwt.issuer = "us"\nextra_domains = ["other.example"]').proof_people
    assert people is not None
    one = people.passwords(b"the secret\n", "other.example", 100.0)[1]
    claims: dict[str, str | int] = {
        "iss": "us",
        "aud": "other.example",
        "iat": 100,
        "exp": 700,
        "sub": "xw-proof-2@other.example",
    }
    assert one == tokens.signed("the secret", claims)
