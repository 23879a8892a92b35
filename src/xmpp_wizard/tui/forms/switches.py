"""Which features are on: by their own answer, or else by the preset."""

from __future__ import annotations

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.features import all_features, optional_features


def is_switchable(name: str) -> bool:
    """Say whether there is a feature of that name that can be switched on and off."""
    return any(feature.name == name for feature in optional_features())


def is_on(name: str, draft: Draft) -> bool:
    """Say whether a feature is on, by its own answer or else by the preset."""
    if not is_switchable(name):
        return True
    said = draft.value(("features", name, "enabled"))
    feature = next(feature for feature in all_features() if feature.name == name)
    return draft.value(("features", "preset")) in feature.presets if said is None else bool(said)


def features_on(draft: Draft) -> tuple[int, int]:
    """Return how many of the features that can be switched are on, and how many there are."""
    states = [is_on(feature.name, draft) for feature in optional_features()]
    return sum(states), len(states)
