"""Following an apply: each event once, whole and in order, however it was written."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes import FakeClock, Fakes

from xmpp_wizard.core.events import ApplyEnded, Event, StepProgress, to_json
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.engine.memory import journal

LINES: list[Event] = [StepProgress("build", say("line {number} of ü", number=number), 0.0) for number in range(5)]
END: Event = ApplyEnded(0, "", say("done"), NOTHING, 0.0)


def test_events_come_once_and_whole_though_lines_are_cut_anywhere(fakes: Fakes, layout: Layout) -> None:
    record = replace(journal.new_journal(fakes.world(), layout), pid=4711)
    fakes.background.alive.add(4711)
    whole = "".join(to_json(event) + "\n" for event in (*LINES, END)).encode()
    steps = iter([whole[at : at + 7] for at in range(0, len(whole), 7)])

    class WritingClock(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            node = fakes.files.nodes[record.path]
            fakes.files.nodes[record.path] = replace(node, content=node.content + next(steps))

    fakes.clock = WritingClock()
    found = list(journal.follow(fakes.world(), record))
    assert found == [*LINES, END]


def test_what_is_there_already_comes_at_once_and_nothing_after_the_end(fakes: Fakes, layout: Layout) -> None:
    world = fakes.world()
    record = journal.new_journal(world, layout)
    for event in (*LINES, END, LINES[0]):
        journal.write(world, record, event)
    assert [len(batch) for batch in journal.batches(world, record)] == [len(LINES) + 1]
