"""What people get: one row for each feature, with what holds now; Enter opens its form."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit.feature import Feature
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.tui.base import ARROWS, ESC_BACK, Page
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.forms import switches
from xmpp_wizard.tui.forms.controls import Answered, Choice
from xmpp_wizard.tui.forms.fields import group_at, spec_at
from xmpp_wizard.tui.forms.values import decided, shown_value
from xmpp_wizard.tui.screens.changing import change
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.widgets import Group, Plain, Press, Row

_PRESET = ("features", "preset")
_NAME_WIDTH = 24


class FeaturesPage(Page[None]):
    """Collects changes of any number of features, then shows what they would change."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "turn", show=False)]
    AUTO_FOCUS: ClassVar[str | None] = "Row"

    def __init__(self, desk: Desk, draft: Draft) -> None:
        """``draft`` is what holds now."""
        super().__init__(desk)
        self.draft = self._opened_with = draft

    def heading(self) -> Text:
        """Return what this is."""
        return say("Features")

    def state(self) -> Text:
        """Say how many are on, and how much is different."""
        on_now, of = switches.features_on(self.draft)
        changes = len(self.draft.changes)
        if changes:
            return say("{on} of {all} on • {changes} changed", on=on_now, all=of, changes=changes)
        return say("{on} of {all} on", on=on_now, all=of)

    def promise(self) -> Text:
        """Say that looking costs nothing."""
        return say("Nothing is changed until you press Apply on the page with the plan.")

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        if isinstance(self.focused, Choice):
            return (("←→", say("choose")), ARROWS, ("Tab", say("group")), ESC_BACK)
        if isinstance(self.focused, Press):
            return (("Enter", say("show the plan")), ("Tab", say("group")), ESC_BACK)
        turn: tuple[Shortcut, ...] = (("Space", say("on/off")),) if self._switch() else ()
        return (
            ("Enter", say("settings")),
            *turn,
            ARROWS,
            ("Tab", say("group")),
            ("?", say("help")),
            ESC_BACK,
        )

    def would_lose(self) -> bool:
        """Say whether a feature is another way than when the page was opened."""
        return bool(self.draft.different_from(self._opened_with))

    def details(self) -> str:
        """Return the feature with the focus in full: what it is, whether it is on, and what can be chosen."""
        row = self.focused
        if not isinstance(row, Row) or isinstance(row, Press):
            return ""
        name = (row.id or "").removeprefix("feature-")
        asked = [spec for group in group_at(("features", name)) for spec in group.specs if spec.key[-1] != "enabled"]
        lines = [row.title, "", self.words(row.why), "", row.value, ""]
        for spec in asked:
            lines += [f"{self.words(spec.title)}:", f"  {self.words(shown_value(spec, self.draft))}"]
        return "\n".join(lines)

    def body(self) -> Iterable[Widget]:
        """Return the preset, the features, and the way to the plan."""
        spec = spec_at(_PRESET)
        labels = [self.words(option.label) for option in spec.options]
        chosen = [option.value for option in spec.options].index(self.draft.value(_PRESET))
        yield Plain(self.words(say("Preset: what is on unless you say otherwise")), classes="note")
        yield Group(Choice(labels, chosen, why=say("Each preset switches on what such a server needs."), id="preset"))
        yield Plain("")
        with Scroll(id="features"):
            yield Group(*map(self._row, self._by_title()))
        yield Group(Press(self.words(say("Show what changes")), id="show"), classes="buttons")

    def _by_title(self) -> list[Feature[Any]]:
        """Return the features as they are looked for: by what is read on the page, umlauts beside their letters."""
        return sorted(all_features(), key=lambda feature: _as_in_a_dictionary(self.words(feature.title)))

    def _row(self, feature: Feature[Any]) -> Row:
        mark, value = self._value(feature.name)
        return Row(
            self.words(feature.title),
            value,
            mark=mark,
            why=feature.summary,
            name_width=_NAME_WIDTH,
            id=f"feature-{feature.name}",
        )

    def _value(self, name: str) -> tuple[str, str]:
        key = ("features", name, "enabled")
        changed = any(item[:2] == key[:2] for item in self.draft.changes)
        note = f"  ({self.words(say('changed'))})" if changed else ""
        if not switches.is_switchable(name):
            return " ", self.words(say("always on")) + note
        said = self.draft.value(key)
        if said is None:
            return " ", self.words(decided(spec_at(key), self.draft)) + note
        return " ", self.words(say("on") if said else say("off")) + note

    def _show(self) -> None:
        for feature in all_features():
            mark, value = self._value(feature.name)
            self.query_one(f"#feature-{feature.name}", Row).show(value, mark=mark)
        self.show_frame()

    def _switch(self) -> str:
        """Return the feature with the focus, if it can be switched."""
        name = (self.focused.id or "").removeprefix("feature-") if isinstance(self.focused, Row) else ""
        return name if switches.is_switchable(name) else ""

    def action_turn(self) -> None:
        """Switch the feature with the focus on or off."""
        name = self._switch()
        if name:
            is_on = switches.is_on(name, self.draft)
            self._try(self.draft.with_change(("features", name, "enabled"), not is_on))

    @on(Answered)
    def _preset(self, event: Answered) -> None:
        control = event.control
        if isinstance(control, Choice):
            value = spec_at(_PRESET).options[control.chosen].value
            self._try(self.draft.with_change(_PRESET, value))

    def _try(self, draft: Draft) -> None:
        """Take the draft over and say at once what does not go together."""
        self.draft = draft
        self._show()
        problem = next(iter(draft.check().problems.values()), NOTHING)
        if problem:
            self.tell(say("! {problem}", problem=problem))

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        if event.row.id == "show":
            self._finish()
            return
        name = (event.row.id or "").removeprefix("feature-")
        if not group_at(("features", name)):
            self.tell(say("There is nothing to choose here: every app expects it."))
            return
        form = FormOf(say("{title}", title=event.row.title), (("features", name),), leads_to_plan=False)
        self.app.push_screen(FormScreen(self.desk, form, self.draft), self._take)

    def _take(self, draft: Draft | None) -> None:
        if draft is not None:
            self._try(draft)

    def _finish(self) -> None:
        problem = next(iter(self.draft.check().problems.values()), NOTHING)
        if problem:
            self.tell(say("! {problem}", problem=problem))
        elif not self.draft.changes:
            self.tell(say("Nothing is different from before."))
        else:
            change(self, self.draft, lambda: self.dismiss(None))


def _as_in_a_dictionary(title: str) -> str:
    letters = unicodedata.normalize("NFKD", title).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
