"""A database elsewhere: TLS unless it is on this very machine, and nothing that a word could break out of."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError
from tests.servers import answers

from xmpp_wizard.core.wanted.desired import desired

EXTERNAL = 'storage.backend = "external"\nstorage.external.password_file = "/root/pw"\n'
ELSEWHERE = 'storage.external.host = "db.example.org"\n'
ROOTS = 'storage.external.trusted_roots = "/root/ca.pem"\n'
MYSQL = 'storage.external.driver = "mysql"\n'


def parameters(text: str, **pinned: str) -> Any:  # noqa: ANN401 Prosody's option "sql"
    return desired(answers(EXTERNAL + text), pinned).settings["sql"].value


@pytest.mark.parametrize(
    ("text", "mode", "roots"),
    [
        (ELSEWHERE, "verify-full", "system"),
        (ELSEWHERE + ROOTS, "verify-full", "/etc/prosody/database-roots.pem"),
        (ROOTS, "verify-full", "/etc/prosody/database-roots.pem"),
        ("", "prefer", None),
        ('storage.external.host = "127.0.0.9"', "prefer", None),
        ('storage.external.host = "::1"', "prefer", None),
        ('storage.external.host = "127.example.org"', "verify-full", "system"),
        ('storage.external.host = "192.168.1.5"', "verify-full", "system"),
    ],
)
def test_postgresql_elsewhere_is_believed_by_its_certificate_only(text: str, mode: str, roots: str | None) -> None:
    found = parse_qs(urlsplit(parameters(text)["database"]).query)
    assert found["sslmode"] == [mode]
    assert found.get("sslrootcert") == ([roots] if roots else None)
    assert parameters(text)["port"] == 5432


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ELSEWHERE, "host=db.example.org;ssl-capath=/etc/ssl/certs;ssl-verify-server-cert=1;connect-timeout=10"),
        (
            ELSEWHERE + ROOTS,
            "host=db.example.org;ssl-ca=/etc/prosody/database-roots.pem;ssl-verify-server-cert=1;connect-timeout=10",
        ),
        ("", "host=localhost;connect-timeout=10"),
    ],
)
def test_mariadb_elsewhere_too(text: str, words: str) -> None:
    found = parameters(MYSQL + text)
    assert (found["driver"], found["database"], found["host"], found["port"]) == ("MySQL", "prosody", words, 3306)


@pytest.mark.parametrize(
    "text",
    [
        'storage.external.host = "db;ssl-verify-server-cert=0"',
        'storage.external.host = "/run/mysqld"',
        'storage.external.database = "a?sslmode=disable"',
        'storage.external.user = "a b"',
        "storage.external.port = 0",
        'storage.external.password = "in the file"',
    ],
)
def test_words_that_could_be_options_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        answers(EXTERNAL + text)


def test_it_needs_a_password_where_it_is_used() -> None:
    answers('storage.external.host = "db.example.org"')
    with pytest.raises(ValidationError) as caught:
        answers('storage.backend = "external"')
    assert [error["loc"] for error in caught.value.errors()] == [("storage", "external", "password_file")]


def test_prosody_waits_for_it_and_an_empty_one_is_refused_once_data_are_there() -> None:
    first, later = (desired(answers(EXTERNAL), pinned) for pinned in ({}, {"storage": "external"}))
    prosody = next(spec for spec in first.containers if spec.name == "prosody")
    driver, _, *words = prosody.environment["AWAIT_DATABASE"].split(" ")
    assert (driver, *words) == ("PostgreSQL", "prosody", "/secrets/database.password", "localhost", "5432")
    assert [wanted.checks[-1].arguments[-1] for wanted in (first, later)] == ["new", "kept"]
    assert [(file.name, file.is_secret) for file in first.references] == [("database.password", True)]
