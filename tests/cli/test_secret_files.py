"""Files with secrets that others may read, or that hold none, as plan, apply and status tell of them."""

from __future__ import annotations

import pytest
from tests.cli.conftest import ANSWERS, Cli

from xmpp_wizard.core.errors import DiskError
from xmpp_wizard.core.text import say

SECRET = "/srv/jwt.txt"
LINES = f"""domain = "a.example"
features.calls.enabled = false
features.invitations.enabled = false
features.jwt.enabled = true
features.jwt.secret_file = "{SECRET}"
"""


@pytest.fixture
def website(cli: Cli) -> Cli:
    cli.fakes.files.put(ANSWERS, LINES)
    cli.fakes.files.put(SECRET, "x" * 48, 0o600)
    return cli


def plan(cli: Cli) -> str:
    cli.run("plan", "--answers", ANSWERS)
    return " ".join((cli.out + cli.err).split())


def test_one_that_others_may_read_is_told_by_plan_and_status_and_stops_nothing(website: Cli) -> None:
    assert "chmod" not in plan(website)
    website.fakes.files.put(SECRET, "x" * 48, 0o644)
    told = f"{SECRET} (features.jwt.secret_file) has the mode 0644"
    assert told in plan(website)
    assert f"sudo chmod 600 {SECRET}" in plan(website)
    assert told in website.json("plan", "--answers", ANSWERS)["notes"][0]
    assert website.run("apply", "--answers", ANSWERS, "--yes", "--no-proof") == 0, website.err
    website.run("status")
    assert f"chmod 600 {SECRET}" in " ".join(website.out.split())
    website.fakes.files.put(SECRET, "x" * 48, 0o600)
    website.run("status")
    assert "chmod" not in website.out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no secret: it is empty"),
        (b"\0" * 60, "holds no secret: it has signs in it that are no text"),
        (b"x" * 70_000, "holds no secret: it is larger than any password or key"),
        (b"x" * 9, "has 9 bytes, which is too short"),
    ],
)
def test_one_without_a_secret_is_refused_with_the_answer_that_names_it(
    website: Cli, content: bytes, words: str
) -> None:
    website.fakes.files.put(SECRET, content, 0o600)
    assert website.run("apply", "--answers", ANSWERS, "--yes") == 5
    said = " ".join(website.err.split())
    assert f"{SECRET} (features.jwt.secret_file)" in said
    assert words in said


def test_one_that_cannot_be_read_is_told_with_the_answer_that_names_it(website: Cli) -> None:
    website.fakes.files.fail_at[f"read {SECRET}"] = DiskError(say("cannot read {path}: it is a folder", path=SECRET))
    assert f"{SECRET} (features.jwt.secret_file): cannot read" in plan(website)
