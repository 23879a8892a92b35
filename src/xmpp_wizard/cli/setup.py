"""``xmpp-wizard setup``: the wizard; ``--plain`` asks the same line by line, for screen readers and scripts."""

from __future__ import annotations

import argparse
import sys
from textwrap import indent

from xmpp_wizard.cli.attach import LEFT, attach_running
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.consent import agree, carry_out
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.edits import decide
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import ask, folded, is_interactive, mark, narrate
from xmpp_wizard.core.answer_explain import as_text, explain
from xmpp_wizard.core.answer_fields import questions
from xmpp_wizard.core.answer_sources import parse_value
from xmpp_wizard.core.catalogue import Catalogue, language_of, parse
from xmpp_wizard.core.draft import Key
from xmpp_wizard.core.errors import AnswersError, NeedsPersonError, UsageError, WizardError
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine import detect, plan_rows
from xmpp_wizard.engine.accounts import People
from xmpp_wizard.engine.detect import Finding
from xmpp_wizard.engine.emergency import write_sheet
from xmpp_wizard.engine.plan_rows import PlanRow
from xmpp_wizard.engine.session import Session, change_session, file_session, first_session, parse_entry
from xmpp_wizard.engine.setup import Prepared, prepare

_EXAMPLES = """
sudo xmpp-wizard setup
sudo xmpp-wizard setup --plain             line by line
sudo xmpp-wizard setup --plain --answers answers.toml
"""
_TRIES = 5


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "setup", COMMANDS["setup"].summary, run, examples=_EXAMPLES)
    parser.add_argument("--plain", action="store_true", help="ask line by line instead of on the full screen")
    parser.add_argument("--answers", metavar="FILE", help="begin with this answer file")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="sets", help="another answer")
    parser.set_defaults(yes=False, allow_destroy=False, keep_edits=False, overwrite_edits=False, no_proof=False)


def run(arguments: argparse.Namespace) -> int:
    """Ask, show the plan, do it, and give the invitation."""
    context: Context = arguments.context
    world = context.world
    if not arguments.plain:
        if not is_interactive() or context.open_wizard is None or arguments.answers:
            raise UsageError(
                say("the full screen needs a terminal, and asks for a file by itself"),
                say("Line by line: xmpp-wizard setup --plain. Without questions: xmpp-wizard apply --answers FILE"),
            )
        return context.open_wizard(context, arguments.sets)
    status = attach_running(context)
    if status is not None:
        return status
    language = language_of(context.environment)
    talk = _Talk(context, Catalogue(language, parse(world.appliance.catalogue(language))), arguments)
    return talk.run()


class _Talk:
    """One conversation, line by line."""

    def __init__(self, context: Context, catalogue: Catalogue, arguments: argparse.Namespace) -> None:
        self._context, self._catalogue, self._arguments = context, catalogue, arguments
        self._world, self._layout = context.world, context.layout
        self._findings: dict[str, Finding] = {}

    def run(self) -> int:
        session = self._begin()
        if session.is_first and not self._arguments.answers:
            session = self._ask_address(session)
        self._look_round(session)
        while True:
            prepared = prepare(self._world, self._layout, session.request())
            rows = plan_rows.rows(session, prepared, self._findings)
            self._show(rows, prepared)
            if not prepared.plan:
                return 0
            question = say("Enter applies this plan, a number changes a row, q leaves:")
            choice = ask(self._words(question)).strip().lower()
            if choice == "q" or (not choice and prepared.plan.obstacles):
                raise NeedsPersonError(say("nothing was done, as you wished"))
            if not choice:
                return self._apply(session, prepared)
            session = self._change(session, rows, choice)

    def _begin(self) -> Session:
        environment, sets = self._context.environment, self._arguments.sets
        if self._arguments.answers:
            return file_session(self._world, self._layout, self._arguments.answers, environment, sets)
        if self._world.files.stat(str(self._layout.generations)) is not None:
            return change_session(self._world, self._layout)
        return first_session(self._world, self._layout, environment, sets)

    def _words(self, text: Text) -> str:
        return self._catalogue.words(text)

    def _tell(self, text: Text, word: str = "") -> None:
        narrate((f"{mark(word)} " if word else "") + folded(self._words(text), 6 if word else 0).lstrip())

    def _ask_address(self, session: Session) -> Session:
        """Ask for the one thing without a default; some wrong answers are forgiven."""
        known = session.entry.address if session.entry and session.draft.said(("domain",)) else ""
        for _ in range(_TRIES):
            default = f" [{known}]" if known else ""
            typed = ask(self._words(say("Your chat address, such as you@example.org:")) + default) or known
            try:
                entry = parse_entry(typed, session.user)
            except AnswersError as error:
                self._tell(error.text, "!")
                if error.hint:
                    self._tell(error.hint)
                continue
            name = say(
                "You are {name}, the admin. All others will be name@{domain}", name=entry.local, domain=entry.domain
            )
            self._tell(name, "ok")
            session = session.with_entry(entry)
            if is_at_home(entry.domain):
                return session.at_home(is_wanted=True)
            return session
        raise NeedsPersonError(say("nothing was done: no address was given"))

    def _look_round(self, session: Session) -> None:
        answers = session.answers()
        checks = {
            **detect.host_checks(self._world, self._layout, detect.public_ports(answers)),
            **detect.domain_checks(self._world, answers),
            **detect.line_checks(self._world, answers),
        }
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
        self._tell(plan_rows.summary(prepared.plan))

    def _change(self, session: Session, rows: tuple[PlanRow, ...], choice: str) -> Session:
        """Ask the questions behind one row; what is wrong is said, and nothing changes then."""
        number = int(choice) if choice.isascii() and choice.isdigit() else 0
        if not 0 < number <= len(rows):
            self._tell(say("There is no row {number}.", number=choice[:10]), "!")
            return session
        row = rows[number - 1]
        if row.opens == "address":
            return self._ask_address(session)
        if not row.keys:
            self._tell(row.why)
            return session
        for key in self._keys(row.keys):
            session = self._ask_one(session, key)
        return session

    def _keys(self, keys: tuple[Key, ...]) -> list[Key]:
        """Return the questions at or below ``keys``."""
        found = questions()
        return [name for key in keys for name, one in found.items() if name[: len(key)] == key and not one.group]

    def _ask_one(self, session: Session, key: Key) -> Session:
        name = ".".join(key)
        narrate()
        narrate(indent(as_text(explain(name)).partition("\n  Option:")[0], "  "))
        now = session.draft.value(key)
        shown = self._words(say("the level or preset decides")) if now is None else now
        typed = ask(self._words(say("{name}, Enter keeps {value}:", name=name, value=shown)))
        if not typed:
            return session
        changed = session.with_draft(session.draft.with_change(key, parse_value(key, typed)))
        problem = changed.draft.check().problems
        if problem:
            self._tell(next(iter(problem.values())), "!")
            return session
        return changed

    def _apply(self, session: Session, prepared: Prepared) -> int:
        consent = None
        if _has_questions(prepared):
            edits, prepared = decide(self._context, prepared, self._arguments)
            consent = agree(self._context, prepared, self._arguments, edits)
        if consent is None:
            from xmpp_wizard.engine.apply import Consent  # noqa: PLC0415 beside agree, which makes the other kind

            consent = Consent(expected=str(prepared.plan))
        status = carry_out(self._context, session.request(), prepared, consent, detach=False)
        if status != LEFT and session.is_first and session.entry is not None:
            self._invite(session.entry.address)
        return status

    def _invite(self, address: str) -> None:
        """Give the first invitation; a server that does not run yet has none."""
        try:
            people = People(self._world, self._layout)
            link = "" if people.exists(address) else people.invitation(address)
            sheet = write_sheet(self._world, self._layout)
        except WizardError as error:
            self._tell(error.text, "!")
            return
        if link:
            self._tell(say("Open this on your phone; it makes {address}, within a day:", address=address))
            sys.stdout.write(f"{link}\n")
            sys.stdout.flush()
        self._tell(say("Print this and keep it: {path}", path=sheet))


def _has_questions(prepared: Prepared) -> bool:
    plan = prepared.plan
    return bool(plan.edits or plan.destroys)
