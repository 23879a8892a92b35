"""A plan without some of its steps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from xmpp_wizard.core.planning.actions import (
    CloseDoors,
    CopyFile,
    EnterRecords,
    FetchFile,
    MapPorts,
    OpenDoors,
    RemoveFile,
    StartTimer,
    StopTimer,
    UnmapPorts,
    WriteFile,
)
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.planning.plan import Plan


def leave_edits(plan: Plan) -> Plan:
    """Return the plan without the steps that would overwrite or remove what somebody else wrote."""
    edits = {edit.path for edit in plan.edits}
    left = {f"{verb}:{path}" for verb in ("file", "remove") for path in edits}
    return without_steps(replace(plan, edits=()), left)


def without_files(plan: Plan) -> Plan:
    """Return the plan without what is done to files of ours: a renewal waits for no answer and no hand edit."""
    files = WriteFile | RemoveFile | CopyFile | FetchFile | StartTimer | StopTimer
    others = files | OpenDoors | CloseDoors | MapPorts | UnmapPorts | EnterRecords | MoveData
    left = {step.id for step in plan.steps if isinstance(step.action, others)}
    return without_steps(replace(plan, edits=()), left)


def without_steps(plan: Plan, left: Collection[str]) -> Plan:
    """Return the plan without the steps with these ids; nothing waits for them any more."""
    steps = tuple(
        replace(step, needs=tuple(need for need in step.needs if need not in left))
        for step in plan.steps
        if step.id not in left
    )
    return replace(plan, steps=steps)
