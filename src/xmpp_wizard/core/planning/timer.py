"""What has to happen so that certificates are looked after without anybody."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from xmpp_wizard.core.observed import Observed, TimerState
from xmpp_wizard.core.planning.actions import StartTimer, StopTimer
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say


def stop(target: Target, observed: Observed) -> Iterator[Step]:
    """Yield the step that ends a timer which no longer belongs to the server; before its files go."""
    found = observed.timer
    if target.timer is None and found is not None and found.state in ("waiting", "failed"):
        title = say("No longer look after certificates every hour")
        yield Step("timer", StopTimer(found.name), (), title, say("no longer needed"))


def start(target: Target, observed: Observed, before: Collection[str]) -> Iterator[Step]:
    """Yield the step that begins with the timer; ``before`` are the ids of all steps so far.

    Cron needs none: it reads its files by itself.
    """
    found = observed.timer
    if target.timer is None or found is None or found.scheduler != "systemd":
        return
    paths = target.timer.files
    written = tuple(name for name in before if name.startswith("file:") and name.removeprefix("file:") in paths)
    cause = _cause(found.state, is_written=bool(written))
    if cause:
        needs = (*written, *(name for name in before if name.startswith("health:")))
        title = say("Look after certificates every hour ({name}.timer)", name=found.name)
        yield Step("timer", StartTimer(found.name), needs, title, cause)


def _cause(state: TimerState, *, is_written: bool) -> Text | None:
    if state == "missing":
        return say("there is no such timer yet")
    if is_written:
        return say("its files differ from what systemd has read")
    if state == "off":
        return say("somebody switched it off")
    if state == "failed":
        return say("it has failed")
    return None
