"""What a person agrees to, by the command line or by being asked; then the work itself."""

from __future__ import annotations

import argparse
from dataclasses import replace

from xmpp_wizard.cli.asking import ask_to_go_on
from xmpp_wizard.cli.attach import LEFT, attach, tell_end
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.edits import Edits
from xmpp_wizard.cli.terminal import folded, is_interactive, is_typed, narrate
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.applying.apply import Consent, check_consent, launch
from xmpp_wizard.engine.plan_page.summary import harms
from xmpp_wizard.engine.setup import Prepared, Request


def agree(context: Context, prepared: Prepared, arguments: argparse.Namespace, edits: Edits) -> Consent:
    """Return what the person agrees to, by the command line or by being asked.

    Raises:
        NeedsPersonError: not to what the plan needs.
    """
    consent = Consent(allow_destroy=arguments.allow_destroy, edits=edits, wants_proof=not arguments.no_proof)
    plan = prepared.plan
    if plan.destroys and not consent.allow_destroy and is_interactive() and not arguments.yes:
        domain = prepared.target.domains[0]
        question = say("This {harms}. Type {domain} if you want that:", harms=harms(plan), domain=domain)
        consent = replace(consent, allow_destroy=is_typed(context.speak(question), domain))
    check_consent(plan, consent)
    if arguments.yes:
        return consent
    ask_to_go_on(context, say("Go on?"))
    return replace(consent, expected=str(plan))


def carry_out(context: Context, request: Request, prepared: Prepared, consent: Consent, *, detach: bool) -> int:
    """Start the work and follow it; return its exit status.

    Raises:
        NeedsPersonError: a person has to decide or to act first.
    """
    check_consent(prepared.plan, consent)
    if prepared.observed.is_unfinished:
        text = say("An earlier run was cut off before its end; this one goes on where it stopped.")
        narrate(folded(context.speak(text)))
    journal = launch(context.world, context.layout, request, consent)
    if detach:
        text = say("Started. See how it goes with: {command}", command=context.command("apply", "--attach"))
        narrate(folded(context.speak(text)))
        return 0
    ended = attach(context, journal)
    return LEFT if ended is None else tell_end(context, ended)
