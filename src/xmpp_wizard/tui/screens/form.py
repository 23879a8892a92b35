"""One form for every group of settings: made from the answers' model, checked as the answer file is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.events import Blur, DescendantBlur, DescendantFocus
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.draft import WHOLE, Checked, Draft, Key
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.memory import state
from xmpp_wizard.tui.base import ESC_BACK, Page
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.forms import fields
from xmpp_wizard.tui.forms.controls import Answered, Choice, Ticks
from xmpp_wizard.tui.forms.question import Question, details, value_of
from xmpp_wizard.tui.forms.reachable import reachable
from xmpp_wizard.tui.forms.values import problem_for
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.widgets import Group, Plain, Press


@dataclass(frozen=True, slots=True)
class FormOf:
    """Which questions a form asks, and what it is called."""

    title: Text
    keys: tuple[Key, ...]
    leads_to_plan: bool = True
    """Whether the plan follows; else the page that opened the form takes the answers over."""


class Fold(Press):
    """Shows the questions that most people never need."""


class FormScreen(Page[Draft]):
    """Asks questions; ends with a draft that is right, or with None."""

    CSS_PATH = Path(__file__).with_suffix(".tcss")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "onward", show=False, priority=True)]

    def __init__(
        self,
        desk: Desk,
        form: FormOf,
        draft: Draft,
        *,
        start: Key = (),
        before: Draft | None = None,
        typed: Draft | None = None,
    ) -> None:
        """``start`` is the question to begin at, ``before`` what holds if ``draft`` is a proposal already.

        ``typed`` is what somebody who was here before has made of ``draft``.
        """
        super().__init__(desk)
        self.form, self.draft, self.start = form, typed or draft, start
        self._before = before or draft
        self._opened_with = draft
        self._told_next = NOTHING
        pinned = state.pinned(desk.world, desk.layout)
        self._groups = tuple(reachable(group, pinned) for group in fields.group_at(*form.keys))
        self._open = {group.key for group in self._groups if any(spec.key == start for spec in group.folded)}

    def heading(self) -> Text:
        """Return what the form is about."""
        return self.form.title

    def state(self) -> Text:
        """Say how much is different."""
        count = len(self.draft.different_from(self._before))
        if not count:
            return say("nothing changed")
        return say("1 change") if count == 1 else say("{count} changes", count=count)

    def promise(self) -> Text:
        """Say that looking costs nothing."""
        return say("Nothing is changed until you press Apply on the page with the plan.")

    def keys(self) -> Sequence[Shortcut]:
        """Return what the control with the focus takes."""
        onward: Shortcut = ("Enter", say("open") if isinstance(self.focused, Press) else say("next"))
        match self.focused:
            case Choice():
                return (onward, ("←→", say("choose")), ("↑↓", say("field")), ESC_BACK)
            case Ticks():
                return (onward, ("←→", say("move")), ("Space", say("tick")), ("↑↓", say("field")), ESC_BACK)
            case _:
                return (onward, ("↑↓", say("field")), ("Tab", say("group")), ESC_BACK)

    def body(self) -> Iterable[Widget]:
        """Return the questions, with the buttons always in sight below them."""
        with Scroll(id="questions"):
            for group in self._groups:
                yield Plain(self.words(group.title), classes="section")
                if group.sentence:
                    yield Plain(self.words(group.sentence), classes="note about")
                yield Group(*self._questions(group))
        yield Plain("", id="whole", classes="note")
        onward = say("Show what changes") if self.form.leads_to_plan else say("Take over")
        yield Group(Press(self.words(onward), id="show"), classes="buttons")

    def _questions(self, group: fields.Group) -> Iterable[Widget]:
        for spec in group.plain:
            yield Question(spec, self.draft, self.words)
        if not group.folded:
            return
        more = Fold(self.words(_more(len(group.folded))), id=_fold_id(group.key))
        more.display = group.key not in self._open
        yield more
        for spec in group.folded:
            question = Question(spec, self.draft, self.words)
            question.display = group.key in self._open
            yield question

    def on_mount(self) -> None:
        """Start at the question that was asked for, else at the first."""
        wanted = next((item for item in self.query(Question) if item.spec.key == self.start), None)
        first = wanted or next(iter(self.query(Question)), None)
        if first is not None:
            first.control.focus()

    def would_lose(self) -> bool:
        """Say whether an answer is another one than when the form was opened."""
        return bool(self.draft.different_from(self._opened_with))

    def losing(self) -> Text:
        """Name the button that is there."""
        if self.form.leads_to_plan:
            return super().losing()
        return say("! Esc again drops what you changed here; Take over keeps it.")

    def details(self) -> str:
        """Return all that is known about the question with the focus."""
        question = next((item for item in self.query(Question) if item.control is self.focused), None)
        return details(question.spec, self.draft, self.words) if question else ""

    @on(Answered)
    @on(Input.Changed)
    def take(self, event: Answered | Input.Changed) -> None:
        """Take the answer over; what is typed is checked when the field is left, a choice at once."""
        question = next((item for item in self.query(Question) if item.control is event.control), None)
        if question is None:
            return
        self.draft = self.draft.with_change(question.spec.key, value_of(question.spec, question.control))
        if isinstance(event, Answered):
            self._show_problems(self.draft.check())
        self.show_frame()

    def on_descendant_blur(self, event: DescendantBlur | Blur) -> None:
        """Check what was typed."""
        if isinstance(getattr(event, "widget", None), Input):
            self._show_problems(self.draft.check())

    def _show_problems(self, checked: Checked) -> None:
        found = checked.problems
        for question in self.query(Question):
            question.show_problem(self.words(problem_for(question.spec, found)))
        whole = self.words(found.get(WHOLE, NOTHING))
        self.query_one("#whole", Plain).update(f"! {whole}" if whole else "")

    def action_onward(self) -> None:
        """Do what has the focus: open the fold, end, or go to the next field."""
        match self.focused:
            case Fold():
                self._unfold(self.focused)
            case Press():
                self._finish()
            case _:
                self.focus_next()

    def _unfold(self, fold: Fold) -> None:
        group = next(group for group in self._groups if _fold_id(group.key) == fold.id)
        self._open.add(group.key)
        shown = [question for question in self.query(Question) if question.spec in group.folded]
        for question in shown:
            question.display = True
        shown[0].control.focus()
        fold.display = False

    def _finish(self) -> None:
        """End with the draft; where something is wrong, go to the first wrong answer instead."""
        checked = self.draft.check()
        self._show_problems(checked)
        if checked.answers is not None:
            if self.draft.different_from(self._before):
                self.dismiss(self.draft)
            else:
                self.tell(say("Nothing is different from before."))
            return
        wrong = next((q for q in self.query(Question) if problem_for(q.spec, checked.problems)), None)
        if wrong is None:
            elsewhere = [f"{name}: {self.words(text)}" for name, text in checked.problems.items() if name != WHOLE]
            what = say("! {what}", what="; ".join(elsewhere))
            self.tell(what if elsewhere else say("! Something is not right yet."))
            return
        for group in self._groups:
            if wrong.spec in group.folded and group.key not in self._open:
                self._unfold(self.query_one(f"#{_fold_id(group.key)}", Fold))
        self._told_next = say("! Something is not right yet.")
        wrong.control.focus()
        # what was folded a moment ago has no place yet
        self.call_after_refresh(wrong.scroll_visible, animate=False)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Keep what is told about the place that the focus was sent to."""
        if self._told_next:
            # the handler of Page, which would come next, takes away what is told
            event.prevent_default()
            self.tell(self._told_next)
            self._told_next = NOTHING


def _more(count: int) -> Text:
    return say("1 more setting") if count == 1 else say("{count} more settings", count=count)


def _fold_id(key: Key) -> str:
    return "fold-" + "-".join(key)
