"""Providers with a programming interface, by dns-lexicon, in a process of its own with a time limit.

Its providers print, wait as long as they like, and some report success on refusal: nothing of that reaches this
program, and what came of a change is seen by asking the name servers. Secrets go through a pipe.
"""

from __future__ import annotations

import json
import subprocess
import sys
from difflib import get_close_matches

from xmpp_wizard.core.dns.account import Access
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError
from xmpp_wizard.core.kit.foreign import one_line
from xmpp_wizard.core.text import NOTHING, Text, say

_SECONDS = 180.0
"""Providers that limit the rate of requests make one wait."""
_WORKER = "xmpp_wizard.effects.dns_providers.lexicon_worker"
_PERSONS = ("unknown", "extra", "token")
"""Failures that waiting does not mend."""


def change_records(access: Access, change: Change) -> None:
    """Make the change record by record.

    Raises:
        DnsProviderError: no such provider, refused, or no answer in time; what was done before that stays.
    """
    secrets = _secrets(access)
    task = {
        "provider": access.account.provider,
        "zone": change.zone,
        "ttl": change.ttl_seconds,
        "options": {**dict(access.account.options), **secrets},
        "steps": [
            *(_step("delete", record) for record in change.remove),
            *(_step("create", record) for record in change.add),
        ],
    }
    outcome = _run(json.dumps(task), access.account.provider)
    if "error" in outcome:
        raise _error(outcome, access, tuple(secrets.values()))


def _secrets(access: Access) -> dict[str, str]:
    named = {name: secret.reveal() for name, secret in access.secrets}
    token = access.secret.reveal()
    return {**({"auth_token": token} if token else {}), **named}


def _step(verb: str, record: Record) -> dict[str, str]:
    return {"verb": verb, "kind": record.kind, "name": record.name, "content": record.value}


def _run(task: str, provider: str) -> dict[str, str]:
    # -P: the folder that somebody happens to stand in has no say in what is loaded
    command = [sys.executable, "-P", "-m", _WORKER]
    try:
        ended = subprocess.run(  # noqa: S603 this very program
            command, input=task, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        found = json.loads(ended.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        raise DnsProviderError(
            say("{provider} did not answer within {seconds} s", provider=provider, seconds=round(_SECONDS)),
            say("Run it again later; it goes on where it stopped."),
        ) from None
    except (IndexError, ValueError):
        # its words may hold what was handed to it
        return {"error": "crash", "reason": ""}
    return dict(found) if isinstance(found, dict) else {"error": "crash", "reason": ""}


def _error(outcome: dict[str, str], access: Access, secrets: tuple[str, ...]) -> DnsProviderError:
    provider = access.account.provider
    reason = outcome.get("reason", "")
    for secret in secrets:
        reason = reason.replace(secret, "(secret)")
    reason = one_line(reason)
    text, hint = _words(outcome["error"], provider, reason, access.account.secret_file)
    if outcome["error"] == "unknown":
        close = get_close_matches(provider, json.loads(outcome.get("known", "[]")), n=1)
        hint = say("Did you mean: {word}", word=close[0]) if close else hint
    # a refusal means that nothing was done; what is half done, a later run goes on with
    kind = DnsRefusedError if outcome["error"] in _PERSONS and "done" not in outcome else DnsProviderError
    return kind(text, hint or NOTHING)


def _words(kind: str, provider: str, reason: str, path: str) -> tuple[Text, Text]:
    values = {"provider": provider, "reason": reason, "path": path or "dns.token_file"}
    if kind == "unknown":
        return (
            say("there is no DNS provider {provider} among those that this program knows", **values),
            say("The names are those of dns-lexicon. Without it: xmpp-wizard dns show, and enter them yourself."),
        )
    if kind == "extra":
        return (
            say("{provider} needs a library that does not come with this program", **values),
            say("Enter the records yourself: xmpp-wizard dns show"),
        )
    if kind == "token":
        return (
            say("{provider} refuses the token: {reason}", **values),
            say("Make a new token there, with the right to change this zone, and put it into {path}.", **values),
        )
    if kind == "rate":
        return (
            say("{provider} takes no more changes for now: {reason}", **values),
            say("Run it again later; it goes on where it stopped."),
        )
    if kind == "line":
        return (
            say("{provider} is not reached: {reason}", **values),
            say("Is this machine online? If it is, the provider has a fault: run it again later."),
        )
    return (
        say("{provider} did not take the change: {reason}", **values),
        say("What is missing can be entered by hand: xmpp-wizard dns check says it."),
    )
