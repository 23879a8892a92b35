"""A line of text that takes keys in the order in which they were pressed."""

from __future__ import annotations

from textual.events import Key
from textual.widgets import Input

from xmpp_wizard.core.text import say


class Typed(Input):
    """A line of text; what does not fit is refused as a whole, and that is said."""

    async def _on_key(self, event: Key) -> None:
        """Do at once what this key does here.

        Textual takes letters at once and all other keys only after they went up to the app, so that with keys pressed
        fast, or on a slow line, a Backspace takes away a letter that was typed after it.
        """
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return

    def restricted(self) -> None:
        """Say why nothing happened."""
        tell = getattr(self.screen, "tell", None)
        if tell is not None:
            most = self.max_length or 0
            tell(say("! That is too long: at most {count} signs fit here. Nothing was taken over.", count=most))
