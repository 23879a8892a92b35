"""Which of the admin's files hold secrets, and which content and mode of one is not right."""

from __future__ import annotations

import re

import pytest
from tests.servers import answers, server

from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.secret_files import MOST_BYTES, NamedSecret, exposed, named_secrets, unfit

EVERYTHING = """
notify.smtp_password_file = "/root/smtp"
notify.smtp_host = "mail.example.org"
notify.smtp_user = "me@example.org"
dns.token_file = "/root/token"
dns.secret_options = ["auth_secret=/root/more"]
storage.backend = "external"
storage.external.password_file = "/root/database"
certificates.source = "files"
features.invitations.enabled = false
features.jwt.enabled = true
features.jwt.secret_file = "/root/jwt"
features.ldap.password_file = "/root/unused"
features.ldap.bind_name = "cn=reader"

[[certificates.files]]
chain_file = "/root/chain.pem"
key_file = "/root/key.pem"
"""


def test_all_that_are_used_are_found_with_the_answer_that_names_them() -> None:
    assert {secret.path: secret.key for secret in server(EVERYTHING).secret_files} == {
        "/root/smtp": "notify.smtp_password_file",
        "/root/token": "dns.token_file",
        "/root/more": "dns.secret_options",
        "/root/database": "storage.external.password_file",
        "/root/key.pem": "certificates.files.key_file",
        "/root/jwt": "features.jwt.secret_file",
    }
    assert "/root/unused" in {secret.path for secret in named_secrets(answers(EVERYTHING))}


def test_whatever_sounds_like_one_is_marked_as_one() -> None:
    """A new answer for a file with a secret must have the type that says so."""
    secret = re.compile(r"(password|secret|tokens?|hmac|key)_file")
    named = {name for name, question in _files().items() if secret.search(name) and "public_key" not in name}
    assert named == {name for name, question in _files().items() if "HoldsSecret" in question}
    assert "features.ldap.proof_password_file" in named


def _files() -> dict[str, str]:
    found = {question.name: question.field for question in questions().values() if question.name.endswith("_file")}
    return {name: f"{field.metadata} {field.annotation}" for name, field in found.items()}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"x" * (MOST_BYTES + 1), "larger than any"),
        (b"\0\0\0", "no text"),
        (b"\x7fELF\x02\x01\xff\xfe", "no text"),
    ],
)
def test_what_can_be_no_secret_is_told(content: bytes, words: str) -> None:
    assert words in str(unfit(content))


def test_what_can_be_one_passes() -> None:
    for content in (b"pass phrase\n", "schl\u00fcssel".encode(), b"-----BEGIN PRIVATE KEY-----\r\nMC4C\r\n"):
        assert unfit(content) is None


@pytest.mark.parametrize("mode", [0o644, 0o602, 0o777])
def test_what_others_may_read_or_write_is_told_with_what_to_type(mode: int) -> None:
    told = str(exposed(NamedSecret("/srv/pw", "features.jwt.secret_file"), mode))
    assert "/srv/pw (features.jwt.secret_file)" in told
    assert f"{mode:04o}" in told
    assert "sudo chmod 600 /srv/pw" in told


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_what_only_root_and_a_group_may_read_is_right(mode: int) -> None:
    assert exposed(NamedSecret("/srv/pw", "features.jwt.secret_file"), mode) is None


def test_the_command_for_a_path_with_spaces_is_one_that_a_shell_takes() -> None:
    told = str(exposed(NamedSecret("/srv/my passwords/pw", "features.jwt.secret_file"), 0o644))
    assert told.endswith("sudo chmod 600 '/srv/my passwords/pw'")
