"""When the disk is full: reckoned from how many people such a server usually has and what people usually send."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.kit.feature import Preset
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.wanted.desired import Desired

_PEOPLE: dict[Preset, int] = {"minimal": 5, "family": 20, "company": 100, "public": 500}
_MESSAGES_A_DAY = 50
_MESSAGE_BYTES = 3_000
"""An encrypted message with its index entries, once for whom it is from and once for whom it is to."""
_FILES_MB_A_DAY = 2
"""A photo or a few voice messages."""
_MB, _GB = 1_000_000, 1_000_000_000
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_MANY_DAYS = 60


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the data of ``people`` will take at most; ``days_until_full`` is 0 where that fits on the disk."""

    people: int
    most_bytes: int
    free_bytes: int
    days_until_full: int


def forecast(answers: Answers, wanted: Desired, free_bytes: int) -> Forecast:
    """Return what is to be expected; what is only kept for a while stops growing by itself."""
    people = _PEOPLE[answers.features.preset] * len(answers.domains)
    messages = people * _MESSAGES_A_DAY * _MESSAGE_BYTES
    files = people * _FILES_MB_A_DAY * _MB
    sharing = getattr(answers.features, "file_sharing", None)
    keep_days = getattr(sharing, "keep_days", 0)
    quota = getattr(sharing, "total_mb", 0) * _MB * len(answers.domains)
    most = messages * history_days(wanted) + min(files * keep_days, quota)
    is_enough = most < free_bytes
    days = 0 if is_enough else max(free_bytes // max(messages + files, 1), 1)
    return Forecast(people, most, free_bytes, days)


def history_days(wanted: Desired) -> int:
    """Return for how long messages are kept, whoever decided that; 0 for not at all."""
    expiry, modules = wanted.settings.get("archive_expires_after"), wanted.settings.get("modules_enabled")
    has_archive = modules is not None and isinstance(modules.value, tuple | list) and "mam" in modules.value
    found = re.fullmatch(r"(\d+)([dwmy])", str(expiry.value)) if expiry and has_archive else None
    return int(found[1]) * _DAYS[found[2]] if found else 0


def in_words(guess: Forecast) -> Text:
    """Return the forecast as a part of a sentence."""
    values = {"people": guess.people, "size": _size(guess.most_bytes), "free": _size(guess.free_bytes)}
    if not guess.days_until_full:
        return say("with {people} people about {size}, {free} are free", **values)
    if guess.days_until_full == 1:
        return say("with {people} people full within a day", **values)
    if guess.days_until_full < _MANY_DAYS:
        return say("with {people} people full in about {days} days", days=guess.days_until_full, **values)
    return say("with {people} people full in about {months} months", months=guess.days_until_full // 30, **values)


def reckoned_with(guess: Forecast) -> Text:
    """Say what the forecast rests on."""
    return say(
        "An estimate: {people} people, each {messages} messages and {files} MB of files a day.",
        people=guess.people,
        messages=_MESSAGES_A_DAY,
        files=_FILES_MB_A_DAY,
    )


def _size(count: int) -> str:
    return f"{count / _GB:.1f} GB" if count < 10 * _GB else f"{count // _GB} GB"
