"""Which answers a server that is set up can still take, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.text import say
from xmpp_wizard.tui.forms.fields import Group, Spec

_BACKEND = ("storage", "backend")


def reachable(group: Group, draft: Draft, pinned: Mapping[str, str]) -> Group:
    """Return the questions with the answers that can be carried out; ``pinned`` are the facts that cannot change."""
    plain, folded = (tuple(_limited(spec, draft, pinned) for spec in specs) for specs in (group.plain, group.folded))
    return replace(group, plain=plain, folded=folded)


def _limited(spec: Spec, draft: Draft, pinned: Mapping[str, str]) -> Spec:
    kept = pinned.get("storage")
    if spec.key != _BACKEND or kept is None:
        return spec
    shown = (kept, draft.value(_BACKEND))
    why = say("This server keeps its data there; it cannot move them to another one yet.")
    return replace(spec, options=tuple(option for option in spec.options if option.value in shown), sentence=why)
