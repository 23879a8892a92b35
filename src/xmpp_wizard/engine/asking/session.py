"""The flow of a first set-up or a change: which question comes when, what was said so far, and what it leads to.

Both front ends, full screen and line by line, walk through the same :class:`Session`; it is only data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xmpp_wizard.core.addresses import parse_local_part
from xmpp_wizard.core.answers.file import MAX_BYTES, load
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.answers.sources import from_environment, from_options
from xmpp_wizard.core.answers.writing import effective_text
from xmpp_wizard.core.draft import Draft, Key
from xmpp_wizard.core.errors import AnswersError, WizardError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.names import is_at_home as is_home_name
from xmpp_wizard.core.names import is_public, parse_own_domain
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import NOTHING, Text, reason, say
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.setup import ApplyAnswers, Request

_FIRST = "version = 1\n"
_SCHEME = re.compile(r"\A(xmpp|https?):/{0,2}", re.IGNORECASE)
_NOBODY_SPECIAL = ("", "root")
_LONGEST_SHOWN = 200
_LONGEST_TYPED = 5000
_UNSEEN = "\0\x1b\x7f\u200b\u2060\ufeff"
WEB_SERVER: Key = ("network", "web_server")
HTTPS: Key = ("network", "https_port")
LOCAL_ADDRESS: Key = ("network", "local_http_address")
_FEDERATION = ("features", "federation", "mode")
_OWN_OR_HOME = say("Use a domain that is yours, or tick the box below.")
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


def parse_entry(typed: str, user: str, without_domain: Text = _OWN_OR_HOME) -> Entry:
    """Return the address that was meant; a bare domain takes the name of ``user``, who called sudo.

    ``without_domain`` says what people without one do here, where not every front end has a box to tick.

    Raises:
        AnswersError: it is none; the text says why, the hint what to do.
    """
    text = _SCHEME.sub("", _visible(typed[:_LONGEST_TYPED]))
    local, at, domain = text.rpartition("@")
    domain = re.split(r"[/?#]", domain)[0].removesuffix(".")
    try:
        found = parse_own_domain(domain)
        return Entry(parse_local_part(local) if at else _name_of(user), found)
    except ValueError as error:
        if "mail provider" in str(error):
            raise AnswersError(
                say("{domain} is a mail provider's.", domain=domain[:_LONGEST_SHOWN]),
                without_domain,
            ) from error
        raise AnswersError(reason(error)) from error


def _visible(typed: str) -> str:
    """Take off blanks and what pasting brings along unseen, such as line ends and zero-width signs."""
    return "".join(sign for sign in typed if not sign.isspace() and sign not in _UNSEEN)


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
    is_at_home: bool = False
    """Whether only this network is to reach the server."""
    is_new: bool = False
    """Whether nothing was said before, so that more may be proposed than what holds for all answer files."""
    typed: tuple[tuple[str, Secret], ...] = ()
    """Secrets that were typed, each with the file where the answers look for it."""
    proposed: str = ""
    """What was proposed as the source of certificates; whoever chooses another one is not asked again."""
    refused: str = ""
    """The web server that was proposed to pass the pages on, and is not wanted; it is not proposed again."""

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
        return replace(self, draft=draft).with_certificates()

    def with_draft(self, draft: Draft) -> Session:
        """Return the session with other answers; who takes the web's port back from a web server means it."""
        had, has = self.draft.value(WEB_SERVER), draft.value(WEB_SERVER)
        is_taken_back = had != has == "own" and self.draft.value(HTTPS) == draft.value(HTTPS)
        return replace(self, draft=draft, refused=str(had) if is_taken_back else self.refused)

    def at(self, entry: Entry, *, is_at_home: bool = False) -> Session:
        """Return the session for a server at ``entry``; a name that no DNS outside can know is always at home."""
        return self.with_entry(entry).at_home(is_wanted=is_at_home or is_home_name(entry.domain))

    def at_home(self, *, is_wanted: bool) -> Session:
        """Return the session for a server that only this network reaches, or for one that others do."""
        if is_wanted == self.is_at_home:
            return self
        # nobody outside can look such a name up, so there is nobody to talk with
        draft = self.draft.with_change(_FEDERATION, "off" if is_wanted else None)
        return replace(self, draft=draft, is_at_home=is_wanted).with_certificates()

    def with_certificates(self) -> Session:
        """Propose certificates that all apps trust where the name can have some, unless others were wished for."""
        before, draft = self.proposed or "local", self.draft
        proposed = "acme" if self.entry and not self.is_at_home and is_public(self.entry.domain) else "local"
        is_wished = draft.value(_SOURCE) != before or replace(draft, changes={}).said(_SOURCE) is not None
        if not self.is_new or proposed == before or is_wished or draft.said(_AUTHORITY) is not None:
            return self
        return replace(self, draft=draft.with_change(_SOURCE, proposed), proposed=proposed)

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
        return self.other or ApplyAnswers(self.answers(), self.draft.new_text(), self.path, self.typed)

    def problem(self) -> Text:
        """Return the first thing that is wrong with the answers, or nothing."""
        if self.other is not None:
            return NOTHING
        checked = self.draft.check()
        return next(iter(checked.problems.values()), NOTHING)


def first_session(world: World, layout: Layout, environment: Mapping[str, str], sets: Sequence[str] = ()) -> Session:
    """Return the session of a first set-up; environment and ``sets`` may have said something already.

    Answers that lie at the server's own place, perhaps from a set-up that was cut off, are taken up.

    Raises:
        UsageError: one of ``sets`` has another form.
    """
    before = _given(world, str(layout.answers)) or _cut_off(world, layout)
    session = _session(world, layout, environment, sets, before or _FIRST)
    return replace(session, is_new=not before)


def file_session(
    world: World, layout: Layout, path: str, environment: Mapping[str, str], sets: Sequence[str] = ()
) -> Session:
    """Return the session that begins with an answer file.

    Raises:
        AnswersError: there is no such file, or it is wrong.
    """
    text = _given(world, path)
    if not text and world.files.stat(path) is None:
        raise AnswersError(say("there is no file {path}", path=path), say("Is the path right?"))
    load(text.encode(), path, environment, sets)
    return replace(_session(world, layout, environment, sets, text), path=path)


def found_answer_file(world: World, layout: Layout, environment: Mapping[str, str]) -> str:
    """Return the path of an answer file that a person probably wants to begin with; empty where there is none."""
    for folder in dict.fromkeys((environment.get("PWD", ""), str(layout.root / "root"))):
        if not folder.startswith("/"):
            continue
        for name in _names(world, folder):
            path = f"{folder.rstrip('/')}/{name}"
            if name.endswith(".toml") and _is_answer_file(world, path):
                return path
    return ""


def _names(world: World, folder: str) -> Sequence[str]:
    try:
        return world.files.names(folder)
    except WizardError:
        # somebody's own folder, perhaps on a disk that is gone: nothing is found in it then
        return ()


def _is_answer_file(world: World, path: str) -> bool:
    try:
        content = world.files.read(path, MAX_BYTES)
        if content is None or b"domain" not in content:
            return False
        load(content, path, {}, ())
    except WizardError:
        return False
    return True


def change_session(world: World, layout: Layout) -> Session:
    """Return the session that changes the server that is set up here."""
    path = str(layout.answers)
    return Session(Draft(_given(world, path) or _FIRST), path, world.user, is_first=False)


def _session(world: World, layout: Layout, environment: Mapping[str, str], sets: Sequence[str], text: str) -> Session:
    said = effective_text(text, [*from_environment(environment), *from_options(sets)])
    return Session(Draft(said), str(layout.answers), world.user)


def _cut_off(world: World, layout: Layout) -> str:
    """Return the answers of a set-up that did not come to its end; empty where there was none."""
    tried = generations.all_generations(world, layout)
    return generations.load_answers(world, layout, tried[-1].number) if tried else ""


def _given(world: World, path: str) -> str:
    content = world.files.read(path)
    return content[:MAX_BYTES].decode(errors="replace") if content else ""
