"""Errors in words: what happened, what to do next, and a status for scripts. No traceback reaches a person."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence

from xmpp_wizard.cli.terminal import folded, narrate, told
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import NOTHING, Text, say

BUG_STATUS = 70


def explain(error: Exception, arguments: Sequence[str]) -> int:
    """Tell the person what happened and return the exit status."""
    if isinstance(error, WizardError):
        tell(error.code, error.text, error.hint, as_json="--json" in arguments)
        return error.exit_status
    path = _keep(error)
    text = say("this is a bug in xmpp-wizard ({kind})", kind=type(error).__name__)
    hint = say("Please report it with this file: {path}", path=path) if path else NOTHING
    tell("bug", text, hint, as_json="--json" in arguments)
    return BUG_STATUS


def tell(code: str, text: Text, hint: Text, *, as_json: bool, words: Callable[[Text], str] = str) -> None:
    """Say what happened on stderr; with ``as_json`` also as one object on stdout."""
    if as_json:
        error = {"code": code, "message": told(text), "hint": told(hint)}
        print(json.dumps({"error": error}, ensure_ascii=False), flush=True)
    narrate(folded(f"xmpp-wizard: {words(text)}", 2, first=0))
    if hint:
        narrate(folded(words(hint), 2))


def _keep(error: Exception) -> str:
    """Write the traceback (without values of variables, so without secrets) to a file of the caller's own."""
    try:
        descriptor, path = tempfile.mkstemp(prefix="xmpp-wizard-bug-", suffix=".log")
    except OSError:
        return ""
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"python {sys.version}\n")
        file.writelines(traceback.format_exception(error))
    return path
