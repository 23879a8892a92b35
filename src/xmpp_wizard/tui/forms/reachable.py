"""What an answer means on a server that is set up, where that is more than on a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xmpp_wizard.core.storage.backends import title_of
from xmpp_wizard.core.text import say
from xmpp_wizard.tui.forms.fields import Group, Spec

_BACKEND = ("storage", "backend")


def reachable(group: Group, pinned: Mapping[str, str]) -> Group:
    """Return the questions; ``pinned`` are the facts of the running server that an answer changes with some effort."""
    plain, folded = (tuple(_told(spec, pinned) for spec in specs) for specs in (group.plain, group.folded))
    return replace(group, plain=plain, folded=folded)


def _told(spec: Spec, pinned: Mapping[str, str]) -> Spec:
    kept = pinned.get("storage")
    if spec.key != _BACKEND or kept is None:
        return spec
    why = say("All data are in {kept}. Another one: they move there, and the old ones stay.", kept=title_of(kept))
    return replace(spec, sentence=why)
