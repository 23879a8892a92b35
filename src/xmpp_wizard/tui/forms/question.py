"""One question of a form: its control, what the control says, and all that is known about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.containers import Horizontal, Vertical
from textual.events import DescendantBlur, DescendantFocus
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.answers.explain import explain
from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.tui.forms.controls import Choice, Entry, Ticks
from xmpp_wizard.tui.forms.fields import Spec
from xmpp_wizard.tui.forms.values import decided, parsed, shown_value, typed
from xmpp_wizard.tui.widgets import FOCUS, Plain


def widget_for(spec: Spec, draft: Draft, words: Callable[[Text], str] = str) -> Widget:
    """Return the control that asks ``spec``, with what holds now in it; ``words`` speaks the person's language."""
    value, name = draft.value(spec.key), _id(spec)
    why = say("In the answer file: {key}", key=spec.name)
    labels = [words(option.label) for option in spec.options]
    if spec.kind == "choice":
        known = [option.value for option in spec.options]
        if spec.key[-1] == "enabled":
            labels[0] = words(decided(spec, draft))
        return Choice(labels, known.index(value), why=why, id=name)
    if spec.kind == "ticks":
        on_now = value if isinstance(value, list | tuple) else ()
        ticked = {number for number, option in enumerate(spec.options) if option.value in on_now}
        return Ticks(labels, ticked, why=why, id=name)
    entry = Entry(typed(spec, value), hint=words(decided(spec, draft)), why=why, id=name)
    entry.set_class(spec.kind == "number" and not spec.is_optional, "short")
    return entry


def value_of(spec: Spec, widget: Widget) -> object:
    """Return what ``widget`` says."""
    match widget:
        case Choice():
            return spec.options[widget.chosen].value
        case Ticks():
            return [spec.options[number].value for number in sorted(widget.ticked)]
        case Input():
            return parsed(spec, widget.value)
    raise TypeError(widget)


def details(spec: Spec, draft: Draft, words: Callable[[Text], str]) -> str:
    """Return all that is known about a question, for the right side of a wide screen."""
    known = explain(spec.name)
    rows = [
        words(spec.title),
        "",
        words(spec.sentence),
        "",
        words(say("Now: {value}", value=shown_value(spec, draft))),
        words(say("May be: {kind}", kind=known.kind)),
        "",
        words(say("In the answer file:")),
        f"  {spec.name}",
        words(say("On the command line:")),
        f"  apply {known.option}",
    ]
    if known.standards:
        rows += ["", words(say("Standards: {all}", all=", ".join(known.standards)))]
    return "\n".join(rows)


class Question(Horizontal):
    """Focus sign, name, control and unit of one question; below it what it means, or what is wrong with the answer."""

    def __init__(self, spec: Spec, draft: Draft, words: Callable[[Text], str] = str) -> None:
        """Show what ``draft`` says, in the language of ``words``."""
        super().__init__(classes="question")
        self.spec, self._words = spec, words
        self.control = widget_for(spec, draft, words)

    def compose(self) -> Iterable[Widget]:
        """Lay it out."""
        yield Plain(" ", classes="sign")
        with Vertical(classes="asked"):
            with Horizontal(classes="asking"):
                yield Plain(self._words(self.spec.title), classes="label")
                yield self.control
                if self.spec.unit:
                    yield Plain(f" {self._words(self.spec.unit)}", classes="unit")
            yield Plain(self._words(self.spec.sentence), classes="sentence")
            yield Plain("", classes="problem")

    def on_descendant_focus(self, _: DescendantFocus) -> None:
        """Show the focus sign."""
        self.query_one(".sign", Plain).update(FOCUS)

    def on_descendant_blur(self, _: DescendantBlur) -> None:
        """Take it away."""
        self.query_one(".sign", Plain).update(" ")

    def show_problem(self, words: str) -> None:
        """Say beside the control what is wrong; the explanation comes back when nothing is."""
        problem = self.query_one(".problem", Plain)
        problem.update(f"! {words}" if words else "")
        self.set_class(bool(words), "wrong")


def _id(spec: Spec) -> str:
    return "ask-" + "-".join(spec.key)
