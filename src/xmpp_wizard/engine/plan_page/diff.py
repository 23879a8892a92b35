"""What a plan changes in files, as unified diffs against what is on the disk."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from xmpp_wizard.core.planning.actions import RemoveFile, WriteFile
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.planning.plan import Plan
from xmpp_wizard.core.ports import Files


def diff_lines(plan: Plan, files: Files) -> Iterator[str]:
    """Yield a unified diff of each file that the plan writes or removes."""
    for step in plan.steps:
        match step.action:
            case WriteFile(file) | MoveData(config=file):
                path, new = file.path, file.text
            case RemoveFile(path):
                new = ""
            case _:
                continue
        old = (files.read(path) or b"").decode(errors="replace")
        yield from difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"{path} (on this machine)", f"{path} (planned)", lineterm=""
        )
