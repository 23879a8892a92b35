"""The flow of a first set-up or a change: which question comes when, what was said so far, and what it leads to.

Both front ends, full screen and line by line, walk through the same :class:`Session`; it is only data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xmpp_wizard.core.answer_file import MAX_BYTES, load
from xmpp_wizard.core.answer_sources import from_environment, from_options
from xmpp_wizard.core.answer_writing import effective_text
from xmpp_wizard.core.answers import Answers
from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import is_public, parse_local_part, parse_own_domain
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine import generations
from xmpp_wizard.engine.setup import ApplyAnswers, Request

_FIRST = "version = 1\n"
_SCHEME = re.compile(r"\A(xmpp|https?):/{0,2}", re.IGNORECASE)
_NOBODY_SPECIAL = ("", "root")
_LONGEST_SHOWN = 200
_FEDERATION = ("features", "federation", "mode")
_SOURCE = ("certificates", "source")
_AUTHORITY = ("certificates", "acme")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the address field says: who administers the server, and its domain."""

    local: str
    domain: str

    @property
    def address(self) -> str:
        """The bare address."""
        return f"{self.local}@{self.domain}"


def parse_entry(typed: str, user: str) -> Entry:
    """Return the address that was meant; a bare domain takes the name of ``user``, who called sudo.

    Raises:
        AnswersError: it is none; the text says why, the hint what to do.
    """
    text = _SCHEME.sub("", typed.strip())
    local, at, domain = text.rpartition("@")
    domain = re.split(r"[/?#]", domain)[0].strip().removesuffix(".")
    try:
        found = parse_own_domain(domain)
        return Entry(parse_local_part(local) if at else _name_of(user), found)
    except ValueError as error:
        if "mail provider" in str(error):
            raise AnswersError(
                say("{domain} is a mail provider's.", domain=domain[:_LONGEST_SHOWN]),
                say("Use a domain that is yours, or tick the box below."),
            ) from error
        raise AnswersError(say("{reason}", reason=error)) from error


def _name_of(user: str) -> str:
    if user in _NOBODY_SPECIAL:
        return "admin"
    try:
        return parse_local_part(user)
    except ValueError:
        return "admin"


@dataclass(frozen=True, slots=True)
class Session:
    """What was said so far. ``other`` is a wish that no answers make, such as going back to a generation."""

    draft: Draft
    path: str
    """Where the answers come from, for the history of changes."""
    user: str = ""
    is_first: bool = True
    other: Request | None = None

    @property
    def entry(self) -> Entry | None:
        """The address said so far, if it is one."""
        domain, admins = self.draft.said(("domain",)), self.draft.said(("admins",))
        if not isinstance(domain, str) or not domain:
            return None
        first = admins[0] if isinstance(admins, list | tuple) and admins else ""
        return Entry(str(first).partition("@")[0] or _name_of(self.user), domain)

    def with_entry(self, entry: Entry) -> Session:
        """Return the session with this address; admins who were named before stay."""
        said = self.draft.said(("admins",))
        others = [name for name in said if name != entry.local] if isinstance(said, list | tuple) else []
        before = self.entry
        if before is not None:
            others = [name for name in others if str(name).partition("@")[0] != before.local]
        draft = self.draft.with_change(("domain",), entry.domain)
        draft = draft.with_change(("admins",), [entry.local, *others])
        return _certified(replace(self, draft=draft), is_wanted=is_public(entry.domain))

    def with_draft(self, draft: Draft) -> Session:
        """Return the session with other answers."""
        return replace(self, draft=draft)

    def at_home(self, *, is_wanted: bool) -> Session:
        """Return the session for a server that only this network reaches, or for one that others do."""
        # nobody outside can look such a name up, so there is nobody to talk with
        session = replace(self, draft=self.draft.with_change(_FEDERATION, "off" if is_wanted else None))
        domain = self.entry.domain if self.entry is not None else ""
        return _certified(session, is_wanted=not is_wanted and is_public(domain))

    def answers(self) -> Answers:
        """Return the answers.

        Raises:
            AnswersError: they describe no server; every wrong value is in the text.
        """
        answers, _ = load(self.draft.new_text().encode(), self.path, {}, ())
        return answers

    def request(self) -> Request:
        """Return what is wished.

        Raises:
            AnswersError: as for :meth:`answers`.
        """
        return self.other or ApplyAnswers(self.answers(), self.draft.new_text(), self.path)

    def problem(self) -> Text:
        """Return the first thing that is wrong with the answers, or nothing."""
        if self.other is not None:
            return NOTHING
        checked = self.draft.check()
        return next(iter(checked.problems.values()), NOTHING)


def _certified(session: Session, *, is_wanted: bool) -> Session:
    """Return a first session with certificates that all apps trust if ``is_wanted``, unless others were wished for."""
    draft = session.draft
    is_wished = draft.said(_SOURCE) not in (None, "acme") or draft.said(_AUTHORITY) is not None
    if is_wished or not session.is_first:
        return session
    return replace(session, draft=draft.with_change(_SOURCE, "acme" if is_wanted else None))


def first_session(world: World, layout: Layout, environment: Mapping[str, str], sets: Sequence[str] = ()) -> Session:
    """Return the session of a first set-up; environment and ``sets`` may have said something already.

    Answers that lie at the server's own place, perhaps from a set-up that was cut off, are taken up.

    Raises:
        UsageError: one of ``sets`` has another form.
    """
    return _session(world, layout, environment, sets, _given(world, str(layout.answers)) or _cut_off(world, layout))


def file_session(
    world: World, layout: Layout, path: str, environment: Mapping[str, str], sets: Sequence[str] = ()
) -> Session:
    """Return the session that begins with an answer file.

    Raises:
        AnswersError: there is no such file, or it is wrong.
    """
    text = _given(world, path)
    if not text:
        raise AnswersError(say("there is no file {path}", path=path), say("Is the path right?"))
    load(text.encode(), path, environment, sets)
    return replace(_session(world, layout, environment, sets, text), path=path)


def change_session(world: World, layout: Layout) -> Session:
    """Return the session that changes the server that is set up here."""
    path = str(layout.answers)
    return Session(Draft(_given(world, path) or _FIRST), path, world.user, is_first=False)


def _session(world: World, layout: Layout, environment: Mapping[str, str], sets: Sequence[str], text: str) -> Session:
    said = effective_text(text, [*from_environment(environment), *from_options(sets)])
    return Session(Draft(said), str(layout.answers), world.user)


def _cut_off(world: World, layout: Layout) -> str:
    """Return the answers of a set-up that did not come to its end, else the beginning of an answer file."""
    tried = generations.all_generations(world, layout)
    return (generations.load_answers(world, layout, tried[-1].number) if tried else "") or _FIRST


def _given(world: World, path: str) -> str:
    content = world.files.read(path)
    return content[:MAX_BYTES].decode(errors="replace") if content else ""
