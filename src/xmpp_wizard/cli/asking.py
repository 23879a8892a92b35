"""The question before anything is changed."""

from __future__ import annotations

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.terminal import confirm, is_interactive
from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.text import Text, say


def ask_to_go_on(context: Context, question: Text) -> None:
    """Return if the person says yes.

    Raises:
        NeedsPersonError: they say no, or nobody is there to ask.
    """
    if not is_interactive() or context.as_json:
        raise NeedsPersonError(
            say("nothing was done: there is nobody to ask whether to go on"), say("To say yes beforehand, add: --yes")
        )
    if not confirm(context.speak(question)):
        raise NeedsPersonError(say("nothing was done, as you wished"))
