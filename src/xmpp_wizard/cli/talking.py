"""Telling and asking, line by line, in a person's language."""

from __future__ import annotations

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.terminal import folded, mark, narrate, next_line, next_secret
from xmpp_wizard.core.answers.fields import Question
from xmpp_wizard.core.answers.template import toml_value
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import Text


class Talking:
    """What every conversation is made of."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._world, self._layout = context.world, context.layout

    def _words(self, text: Text) -> str:
        return self._context.speak(text)

    def _tell(self, text: Text, word: str = "") -> None:
        narrate(
            (f"{mark(word, words=self._words)} " if word else "") + folded(self._words(text), 6 if word else 0).lstrip()
        )

    def _tell_error(self, error: WizardError) -> None:
        self._tell(error.text, "!")
        if error.hint:
            self._tell(error.hint)

    def _shown(self, question: Question, value: object) -> str:
        """Return an answer that holds now, as it is typed; in words where nothing was said."""
        if value is None or value in ((), [], ""):
            return self._words(question.left_out)
        return toml_value(value) if isinstance(value, list | tuple | bool) else str(value)

    def _ask(self, question: Text, default: str = "") -> str | None:
        """Return what is typed; None at the end of it."""
        typed = next_line(self._words(question) + (f" [{default}]" if default else ""))
        return typed or default if typed is not None else None

    def _ask_unseen(self, question: Text) -> str | None:
        """Return what is typed and nobody shall see."""
        return next_secret(self._words(question))
