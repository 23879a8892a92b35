"""A secret that two containers know is made once and is the same for both, whenever the second one comes."""

import pytest
from tests.fakes import NOON, Fakes

from xmpp_wizard.core.errors import DiskError
from xmpp_wizard.core.kit.feature import SecretFile
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.observed import Observed, ObservedFile
from xmpp_wizard.core.planning.actions import MakeSecret
from xmpp_wizard.core.planning.make_plan import make_plan
from xmpp_wizard.core.planning.plan import Plan
from xmpp_wizard.core.target import CertificateSource, KeptSecret, Target
from xmpp_wizard.engine.applying.carry_out import Hands, carry_out

FIRST, SECOND = "/secrets/prosody/turn", "/secrets/turn/turn"
SECRET = SecretFile("turn", shared_with=("turn",))


def plan_for(*there: str) -> Plan:
    """Return the plan for both files, where some are there already."""
    target = Target(
        domains=("fam.example",),
        folders=(),
        files=(),
        copies=(),
        secrets=(
            KeptSecret(SECRET, FIRST, (0, 1)),
            KeptSecret(SECRET, SECOND, (0, 2), same_as=FIRST, shared_with="turn"),
        ),
        certificates=(),
        certificate_source=CertificateSource("local"),
        containers=(),
        openings=(),
        pinned={},
    )
    files = {path: ObservedFile("", 0o640, (0, 1 if path == FIRST else 2)) for path in there}
    return make_plan(target, Observed(now=NOON, files=files, free_bytes=10**12))


def carry(plan: Plan, fakes: Fakes) -> None:
    for folder in ("/secrets/prosody", "/secrets/turn"):
        fakes.files.make_folder(folder, 0o750, (0, 0))
    for step in plan.steps:
        if isinstance(step.action, MakeSecret):
            carry_out(step.action, Hands(fakes.world(), Layout(), lambda _line: None))


def test_the_second_file_waits_for_the_first() -> None:
    needs = {step.id: step.needs for step in plan_for().steps}
    assert needs[f"secret:{SECOND}"] == (f"secret:{FIRST}",)
    assert needs[f"secret:{FIRST}"] == ()


def test_each_file_is_told_in_words_of_its_own() -> None:
    said = [str(step.title) for step in plan_for().steps if isinstance(step.action, MakeSecret)]
    assert said == ["Make the secret turn", "Give the container turn the secret turn"]


def test_both_files_have_the_same_secret_for_their_own_readers() -> None:
    fakes = Fakes()
    carry(plan_for(), fakes)
    assert fakes.files.read(FIRST)
    assert fakes.files.read(FIRST) == fakes.files.read(SECOND)
    seen = fakes.files.stat(SECOND)
    assert seen is not None
    assert (seen.mode, seen.owner) == (0o640, (0, 2))


def test_a_container_that_comes_later_learns_the_old_secret() -> None:
    fakes = Fakes()
    fakes.files.put(FIRST, b"old\n")
    carry(plan_for(FIRST), fakes)
    assert fakes.files.read(FIRST) == b"old\n"
    assert fakes.files.read(SECOND) == b"old\n"


def test_no_second_secret_is_invented_where_the_first_is_gone() -> None:
    with pytest.raises(DiskError, match="is gone"):
        carry(plan_for(FIRST), Fakes())
