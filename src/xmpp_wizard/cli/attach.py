"""Following the work that goes on in the background, whoever started it; leaving stops nothing."""

from __future__ import annotations

import sys

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.failures import tell
from xmpp_wizard.cli.progress import Progress
from xmpp_wizard.cli.terminal import confirm, draws_over, folded, is_interactive, mark, narrate
from xmpp_wizard.core.events import ApplyEnded, to_json
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory.journal import Journal, follow, request_stop, running

LEFT = 130
"""Exit status of a front end that left by Ctrl-C while the work goes on."""


def attach(context: Context, journal: Journal) -> ApplyEnded | None:
    """Show the events to the end and return it; None if the person left, which stops nothing."""
    seen = 0
    is_leaving = False
    while True:
        try:
            with Progress(sys.stderr, is_live=draws_over(sys.stderr), words=context.speak) as progress:
                for number, event in enumerate(follow(context.world, journal)):
                    progress.show(event)
                    if number < seen:
                        continue
                    seen = number + 1
                    if context.as_json:
                        print(to_json(event), flush=True)
                    if isinstance(event, ApplyEnded):
                        return event
        except KeyboardInterrupt:
            narrate()
            if is_leaving or not is_interactive() or not _stays(context, journal):
                come_back = say("Come back with: {command}", command=context.command("apply", "--attach"))
                for text in (say("The work goes on in the background; this window may be closed."), come_back):
                    narrate(folded(context.speak(text)))
                return None
            is_leaving = True


def tell_end(context: Context, ended: ApplyEnded) -> int:
    """Say how the work ended and return its exit status; JSON readers have seen the event already."""
    if ended.exit_status:
        tell(ended.code, ended.text, ended.hint, as_json=False, words=context.speak)
    elif not context.as_json:
        narrate(f"{mark('ok', words=context.speak)} {context.speak(ended.text)}")
    return ended.exit_status


def attach_running(context: Context) -> int | None:
    """Follow the apply that is going on now; return its exit status, or None if there is none."""
    journal = running(context.world, context.layout)
    if journal is None:
        return None
    text = say("An apply is going on (process {pid}); this is how it goes.", pid=journal.pid)
    narrate(folded(context.speak(text)))
    ended = attach(context, journal)
    return LEFT if ended is None else tell_end(context, ended)


def _stays(context: Context, journal: Journal) -> bool:
    """Ask whether to stop the work; return whether to go on watching it."""
    try:
        if not confirm(context.speak(say("Stop the work after the step it is at?"))):
            return False
    except KeyboardInterrupt:
        narrate()
        return False
    request_stop(context.world, journal, "stop")
    return True
