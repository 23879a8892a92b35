"""Whether the features that were chosen go together; each refusal is an AnswersError that names the way out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.kit import rooms
from xmpp_wizard.core.text import say
from xmpp_wizard.core.wanted.hosts import Part


def check(parts: Sequence[Part], on: set[str], off: Callable[[], Sequence[Part]]) -> None:
    """Look at ``parts``, the names of the features that are ``on``, and what those that are ``off`` would bring.

    Raises:
        AnswersError: some of them do not go together.
    """
    _check_needs(parts, on)
    _check_accounts(parts)
    _check_servers(parts)
    _check_rooms(parts, off)


def _check_needs(parts: Sequence[Part], on: set[str]) -> None:
    """Refuse a feature that lacks another one; ``on`` are the names of those that are switched on."""
    for part in parts:
        for need in part.contribution.needs:
            if need not in on:
                raise AnswersError(
                    say("features.{feature} needs features.{need}", feature=part.feature, need=need),
                    say(
                        "Switch on features.{need}, or switch off features.{feature}.", feature=part.feature, need=need
                    ),
                )


def _check_rooms(parts: Sequence[Part], off: Callable[[], Sequence[Part]]) -> None:
    """Refuse what leads people into rooms where there are none; ``off`` returns the parts of what is switched off."""
    lost = next((part.feature for part in parts if part.contribution.needs_rooms), "")
    if not lost or any(map(_has_rooms, parts)):
        return
    ways = dict.fromkeys(part.feature for part in off() if _has_rooms(part))
    named = ", ".join(f"features.{way}.enabled = true" for way in ways)
    raise AnswersError(
        say("features.{feature} needs rooms, and this server has none: nobody could talk there", feature=lost),
        say("Set one of: {ways}; or features.{feature}.enabled = false.", ways=named, feature=lost),
    )


def _has_rooms(part: Part) -> bool:
    return any(component.module == rooms.SERVICE for component in part.contribution.components)


def _check_servers(parts: Sequence[Part]) -> None:
    """Refuse what is only about other servers where none can be reached: it would publish that there is nothing."""
    shut = next((part.feature for part in parts if part.contribution.shuts_servers_out), "")
    about = next((part.feature for part in parts if part.contribution.needs_servers), "")
    if shut and about:
        raise AnswersError(
            say("features.{about} tells of other servers, but features.{shut} lets none in", about=about, shut=shut),
            say(
                "Set features.{about}.enabled = false, or features.{shut}.mode = open (or list).",
                about=about,
                shut=shut,
            ),
        )


def _check_accounts(parts: Sequence[Part]) -> None:
    """Refuse what makes accounts where they are kept elsewhere: it would promise people what cannot be."""
    sources = list(dict.fromkeys(part.feature for part in parts if part.contribution.accounts_elsewhere))
    if len(sources) > 1:
        first, second = sources[:2]
        raise AnswersError(
            say(
                "people can log in by features.{first} or by features.{second}, not by both",
                first=first,
                second=second,
            ),
            say(
                "Set features.{first}.enabled = false, or features.{second}.enabled = false.",
                first=first,
                second=second,
            ),
        )
    makers = list(dict.fromkeys(part.feature for part in parts if part.contribution.makes_accounts))
    if sources and makers:
        named = ", ".join(f"features.{maker}" for maker in makers)
        off = ", ".join(f"features.{maker}.enabled = false" for maker in makers)
        raise AnswersError(
            say(
                "features.{source} lets nobody join by {makers}: switch one off",
                source=sources[0],
                makers=named,
            ),
            say("Set {off}, or switch off features.{source}.", off=off, source=sources[0]),
        )
