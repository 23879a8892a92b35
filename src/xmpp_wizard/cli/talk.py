"""The wizard as a conversation, line by line: the same questions in the same order, each answered on a line of its own.

The end of what is typed is never taken for a yes.
"""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.attach import LEFT
from xmpp_wizard.cli.consent import agree, carry_out
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.edits import decide
from xmpp_wizard.cli.parser import did_you_mean
from xmpp_wizard.cli.talk_end import Ending
from xmpp_wizard.cli.talking import Talking
from xmpp_wizard.cli.terminal import folded, narrate, plain
from xmpp_wizard.core.answers.explain import as_text, explain
from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.answers.sources import parse_value
from xmpp_wizard.core.dns.free_names import DESEC, free_names_of
from xmpp_wizard.core.draft import Key
from xmpp_wizard.core.errors import AnswersError, NeedsPersonError, ObstacleError, WizardError
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.engine.applying.apply import Consent
from xmpp_wizard.engine.asking import detect
from xmpp_wizard.engine.asking.detect import Finding
from xmpp_wizard.engine.asking.first_address import TOKEN_FIRST
from xmpp_wizard.engine.asking.free_name import FreeName, name_checks, parse_free_entry, token_of, with_free_name
from xmpp_wizard.engine.asking.proposals import prepare_with_proposals
from xmpp_wizard.engine.asking.session import Entry, Session, change_session, file_session, first_session, parse_entry
from xmpp_wizard.engine.memory.generations import last_good
from xmpp_wizard.engine.plan_page import outside
from xmpp_wizard.engine.plan_page import rows as plan_rows
from xmpp_wizard.engine.plan_page import summary as plan_summary
from xmpp_wizard.engine.plan_page.router import explained, with_way
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.setup import Prepared

_TRIES = 5
_LONGEST_SHOWN = 60
_WITHOUT_DOMAIN = say("Without a domain take a name such as you@chat.lan: it works at home only.")
_OR_FREE = say(
    "Or a free name such as you@chat.{domain}: {title} gives it, and keeps its DNS, to everybody with an account.",
    domain=DESEC.domain,
    title=DESEC.title,
)
_ALL_SETTINGS = say("All settings: xmpp-wizard answers explain")


class Talk(Talking):
    """One conversation, line by line."""

    def __init__(self, context: Context, arguments: argparse.Namespace) -> None:
        super().__init__(context)
        self._arguments = arguments
        self._findings: dict[str, Finding] = {}

    def run(self) -> int:
        """Ask until there is a plan that is agreed to, carry it out, and return the exit status.

        Raises:
            NeedsPersonError: it was left, or what was typed ended; nothing was done.
        """
        session = self._begin()
        if session.is_first and not self._arguments.answers:
            session = self._ask_address(session)
        if not session.is_first:
            Ending(self._context).tell_if_waited_for()
        self._look_round(session)
        before: Session | None = None
        while True:
            try:
                session, prepared = prepare_with_proposals(self._world, self._layout, session)
            except WizardError as error:
                if before is None:
                    raise
                self._tell_error(error)
                session, before = before, None
                continue
            rows = plan_rows.rows(session, prepared, self._findings)
            self._show(rows, prepared)
            choice = self._choose(prepared)
            if not choice:
                return self._apply(session, prepared) if prepared.plan else 0
            before, session = session, self._change(session, rows, prepared, choice)

    def _choose(self, prepared: Prepared) -> str:
        """Return what is to be changed; nothing if the plan is to be carried out, or there is none.

        Raises:
            NeedsPersonError: nothing is to be done.
        """
        if not prepared.plan:
            self._tell(_ALL_SETTINGS)
            choice = self._ask(say("A key such as security.level changes a setting, Enter leaves:"))
            return "" if choice is None or choice == "q" else choice
        while True:
            choice = self._ask(say("Enter applies this plan, a number or a key changes something, q leaves:"))
            if choice is None:
                raise NeedsPersonError(say("nothing was done: the input ended before you agreed"))
            if choice == "q":
                raise NeedsPersonError(say("nothing was done, as you wished"))
            if choice or not prepared.plan.obstacles:
                return choice
            first = prepared.plan.obstacles[0]
            self._tell_error(ObstacleError(say("First: {problem}", problem=first.text), first.hint))

    def _begin(self) -> Session:
        environment, sets = self._context.environment, self._arguments.sets
        if self._arguments.answers:
            return file_session(self._world, self._layout, self._arguments.answers, environment, sets)
        if self._world.files.stat(str(self._layout.generations)) is not None:
            return change_session(self._world, self._layout)
        return first_session(self._world, self._layout, environment, sets)

    def _ask_address(self, session: Session) -> Session:
        """Ask for the one thing without a default; some wrong answers are forgiven."""
        known = session.entry.address if session.entry and session.draft.said(("domain",)) else ""
        if not known:
            self._tell(_WITHOUT_DOMAIN)
            self._tell(_OR_FREE)
        for _ in range(_TRIES):
            typed = self._ask(say("Your chat address, such as you@example.org:"), known)
            if typed is None:
                break
            try:
                entry = parse_entry(typed, session.user, _WITHOUT_DOMAIN)
            except AnswersError as error:
                self._tell_error(error)
                continue
            name = say(
                "You are {name}, the admin. All others will be name@{domain}", name=entry.local, domain=entry.domain
            )
            self._tell(name, "ok")
            if free_names_of(entry.domain) is None:
                return with_free_name(session, self._layout, None).at(entry)
            named = self._ask_token(session, entry)
            if named is not None:
                return named
        raise NeedsPersonError(say("nothing was done: no address was given"))

    def _ask_token(self, session: Session, entry: Entry) -> Session | None:
        """Ask for what a free name is had with, and look at once whether it is; None: rather another name."""
        try:
            entry = parse_free_entry(entry.address, session.user)
        except AnswersError as error:
            self._tell_error(error)
            return None
        self._tell(TOKEN_FIRST)
        for _ in range(_TRIES):
            typed = self._ask_unseen(say("The token, nothing chooses another name:"))
            if not typed:
                return None
            named = with_free_name(session, self._layout, FreeName(entry, Secret(typed)))
            if self._is_had(named):
                return named
        return None

    def _is_had(self, session: Session) -> bool:
        """Say whether the name can be had, or a person goes on all the same."""
        checks = name_checks(self._world, session.answers(), token_of(session))
        detect.run(checks, lambda finding: self._findings.__setitem__(finding.id, finding))
        found = self._findings["domain"]
        self._tell(found.text, found.word)
        if found.hint:
            self._tell(found.hint)
        return found.word != "!" or self._ask(say("Enter asks again, g goes on all the same:")) == "g"

    def _look_round(self, session: Session) -> None:
        answers = session.answers()
        checks = {
            **detect.host_checks(self._world, self._layout, detect.public_ports(answers), answers.network.listen),
            **name_checks(self._world, answers, token_of(session)),
            **detect.line_checks(self._world, answers),
        }
        if not session.is_first or last_good(self._world, self._layout) is not None:
            # the server itself has them
            del checks["ports"]
        detect.run(checks, lambda finding: self._findings.__setitem__(finding.id, finding))
        for name in checks:
            finding = self._findings[name]
            self._tell(finding.text, finding.word)

    def _show(self, rows: tuple[PlanRow, ...], prepared: Prepared) -> None:
        narrate()
        for number, row in enumerate(rows, 1):
            head = f"{number:>3}. {row.mark or ' '} {self._words(row.title):<14}"
            narrate(head + folded(self._words(row.value), 21).lstrip())
        narrate()
        self._tell(plan_summary.summary(prepared.plan))

    def _change(self, session: Session, rows: tuple[PlanRow, ...], prepared: Prepared, choice: str) -> Session:
        """Ask the questions behind a row or a key; what is wrong is said, and nothing changes then."""
        if not (choice.isascii() and choice.isdigit()):
            return self._change_key(session, choice)
        row = rows[int(choice) - 1] if len(choice) < len("1000") and 0 < int(choice) <= len(rows) else None
        if row is None:
            self._tell(say("There is no row {number}.", number=choice[:10]), "!")
            return session
        if row.opens == "address":
            return self._ask_address(session)
        if row.opens in ("dns", "router", "way"):
            return self._led_elsewhere(session, row, prepared)
        if not row.keys:
            self._tell(row.why or row.value)
            return session
        return self._ask_all(session, self._keys(row.keys))

    def _led_elsewhere(self, session: Session, row: PlanRow, prepared: Prepared) -> Session:
        """Take the way of a row where nobody can call this line; or say what is to be done elsewhere."""
        if row.opens != "way":
            self._list(row, prepared)
            return session
        found = with_way(session, row, prepared.observed.addresses)
        for line in explained(row, self._layout) if found is None else ():
            self._tell(line)
        return found or session

    def _list(self, row: PlanRow, prepared: Prepared) -> None:
        """Print what is to be entered elsewhere, as plain lines that can be copied."""
        wanted = prepared.desired
        if wanted is None:
            return
        address = next(iter(wanted.addresses or self._world.sockets.addresses()), "")
        lines = outside.dns_lines(wanted, address) if row.opens == "dns" else ()
        for line in lines or outside.router_lines(wanted, address, self._words):
            narrate(plain(line))

    def _change_key(self, session: Session, choice: str) -> Session:
        """Change the setting of this name, or those of this part of the answer file."""
        name = choice.partition("=")[0].strip()
        keys = self._keys((tuple(name.split(".")),))
        if keys and "=" not in choice:
            return self._ask_all(session, keys)
        if keys == [tuple(name.split("."))]:
            return self._changed(session, keys[0], choice.partition("=")[2].strip()) or session
        self._tell(say("There is no setting {name}.", name=name[:_LONGEST_SHOWN]), "!")
        self._tell(did_you_mean(name, map(".".join, questions())) or _ALL_SETTINGS)
        return session

    def _ask_all(self, session: Session, keys: list[Key]) -> Session:
        for key in keys:
            session = self._ask_one(session, key)
        return session

    def _keys(self, keys: tuple[Key, ...]) -> list[Key]:
        """Return the questions at or below ``keys``."""
        found = questions()
        return [name for key in keys for name, one in found.items() if name[: len(key)] == key and not one.group]

    def _ask_one(self, session: Session, key: Key) -> Session:
        name = ".".join(key)
        narrate()
        narrate(folded(as_text(explain(name), self._words, is_brief=True), 2))
        now = session.draft.value(key)
        question = say("{name}, Enter keeps {value}:", name=name, value=self._shown(questions()[key], now))
        for _ in range(_TRIES):
            typed = self._ask(question)
            if not typed:
                return session
            changed = self._changed(session, key, typed)
            if changed is not None:
                return changed
        return session

    def _changed(self, session: Session, key: Key, typed: str) -> Session | None:
        """Return the session with this answer; where that is wrong, say so and return None."""
        changed = session.with_draft(session.draft.with_change(key, parse_value(key, typed)))
        problem = next(iter(changed.draft.check().problems.values()), NOTHING)
        if problem:
            self._tell(problem, "!")
            return None
        return changed

    def _apply(self, session: Session, prepared: Prepared) -> int:
        consent = None
        if _has_questions(prepared):
            edits, prepared = decide(self._context, prepared, self._arguments)
            consent = agree(self._context, prepared, self._arguments, edits)
        if consent is None:
            consent = Consent(expected=str(prepared.plan))
        status = carry_out(self._context, session.request(), prepared, consent, detach=False)
        if status != LEFT and session.is_first:
            Ending(self._context).tell()
        return status


def _has_questions(prepared: Prepared) -> bool:
    plan = prepared.plan
    return bool(plan.edits or plan.destroys)
