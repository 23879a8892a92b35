"""The score of a running server: what is missing is named with what brings it."""

from __future__ import annotations

import json

import pytest
from tests.e2e.server.machine import Server, told

from xmpp_wizard.core.compliance import STEPS

pytestmark = pytest.mark.e2e


def test_what_is_switched_off_is_missed_and_nothing_else(running: Server) -> None:
    running.apply({"admins": ["boss"], "features.preset": "minimal", "features.mobile.enabled": False})
    done = running.cli("--json", "prove", "--compliance")
    assert done.returncode == 3, told(done)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    missed = {event["name"]: event for event in events if event["kind"] == "proof-ended" and not event["is_green"]}
    assert set(missed) == MISSED
    assert dict(missed["xep_0357"]["hint"]["values"])["key"] == "features.mobile"
    total = events[-1]["scores"][-1]
    assert total == {"suite": "", "met": total["of"] - len(MISSED), "of": total["of"]}


def test_the_standard_set_up_has_all_that_is_scored(running: Server) -> None:
    running.apply({"admins": ["boss"], "features.calls.enabled": True})
    done = running.cli("prove", "--compliance")
    assert done.returncode == 0, told(done)
    last = done.stdout.splitlines()[-1].split()
    assert (last[-2], last[2], last[4]) == ("100", str(len(STEPS)), str(len(STEPS)))


MISSED = {"rfc_7395", "rfc_8489", "xep_0065", "xep_0124", "xep_0156", "xep_0215", "xep_0352", "xep_0357", "xep_0363"}
