"""What the conversation ends with after a first set-up: the sheet, what is left to do elsewhere, and the way in."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from xmpp_wizard.cli.talking import Talking
from xmpp_wizard.cli.terminal import narrate, plain
from xmpp_wizard.cli.welcome import on_certificates
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.emergency import write_sheet
from xmpp_wizard.engine.left import Left, look
from xmpp_wizard.engine.memory.generations import is_first_good
from xmpp_wizard.engine.setup import current
from xmpp_wizard.engine.welcome import Welcome, settle, welcome


class Ending(Talking):
    """The last words of a first set-up, also to somebody who lost the line in the middle and comes back."""

    def tell_if_waited_for(self) -> None:
        """Tell it where one set-up has been made here, and its admin has no account yet."""
        if is_first_good(self._world, self._layout):
            self.tell()

    def tell(self) -> None:
        """Tell what is left, and the invitation last; a server that does not run yet has none."""
        try:
            answers = change_session(self._world, self._layout).answers()
            made = welcome(self._world, self._layout) if answers.admins else None
            if made is not None and made.is_there_already:
                return
            sheet = write_sheet(self._world, self._layout, self._words)
            settle(self._world, self._layout)
            # DNS may take some seconds
            self._tell(say("Looking where {domain} leads", domain=answers.domain), "now")
            left = tuple(self._left(answers))
        except WizardError as error:
            self._tell(error.text, "!")
            return
        self._tell(say("Print this and keep it: {path}", path=sheet))
        for text, command in left:
            self._tell(text, "todo")
            self._show(command)
        if made is not None:
            self._invite(made)
        else:
            self._tell(say("Addresses are name@{domain}. Make yourself an account:", domain=answers.domain))
            self._show(self._layout.command("user", "add", "NAME"))

    def _show(self, command: str) -> None:
        """Print a command on one line, however long, to be copied."""
        narrate(plain(f"      {command}"))

    def _left(self, answers: Answers) -> Iterator[tuple[Text, str]]:
        """Yield what is to be done elsewhere, each with the command that says how."""
        target, wanted = current(self._world, self._layout)
        if wanted is not None:
            yield from self._ways_in(look(self._world, answers, wanted))
        yield from on_certificates(self._context, target)

    def _ways_in(self, found: Left) -> Iterator[tuple[Text, str]]:
        if found.missing or found.way == "elsewhere":
            names = ", ".join(found.missing) or found.domain
            yield say("These names do not lead to this machine yet: {names}", names=names), self._dns(found)
        if found.ports:
            ports = " ".join(found.ports)
            text = say("Ports to be forwarded by the router, to {address}: {ports}", address=found.address, ports=ports)
            yield text, self._layout.command("router")

    def _dns(self, found: Left) -> str:
        return self._layout.command("dns", "check" if found.way == "elsewhere" else "show")

    def _invite(self, made: Welcome) -> None:
        if made.elsewhere:
            self._tell(made.elsewhere)
        if made.link:
            self._tell(say("Open this on your phone; it makes {address}, within a day:", address=made.address))
            sys.stdout.write(f"{made.link}\n")
            sys.stdout.flush()
