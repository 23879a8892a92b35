"""The work as it goes on in the background: whoever opens this screen sees it; closing it stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.worker import get_current_worker

from xmpp_wizard.core.errors import EffectError, WizardError
from xmpp_wizard.core.events import ApplyEnded
from xmpp_wizard.core.states import state_word
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.applying.end import Ending, ending
from xmpp_wizard.engine.applying.picture import ApplyPicture, Line, clock
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.memory import journal
from xmpp_wizard.engine.memory.journal import Journal
from xmpp_wizard.engine.setup import GoBack
from xmpp_wizard.engine.welcome import owe
from xmpp_wizard.tui.base import ESC_BACK, Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.ended import BUTTONS, EndedPage, Retry
from xmpp_wizard.tui.screens.question import QuestionPage
from xmpp_wizard.tui.screens.text import TextPage
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.widgets import Group, Plain, Press, Row

_BAR = 54
_BAR_FRAME = 13
_LOG_ROWS = 5
_CUT_OFF = 3
_DRAW_SECONDS = 0.2
"""Between two drawings: a build that talks a lot is to have the processor for itself."""


class ApplyPage(EndedPage):
    """Ends with True once the work is done, with None to go back to the plan."""

    CSS = "#log.failed { text-wrap: wrap; height: auto; max-height: 9; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("l", "log", show=False)]

    def __init__(
        self,
        desk: Desk,
        record: Journal,
        *,
        is_first: bool,
        retry: Retry | None = None,
        onward: Callable[[], Page[None]] | None = None,
    ) -> None:
        """``retry`` is what Retry does again, ``onward`` makes what comes after.

        Without them, one goes back to where one came from.
        """
        super().__init__(desk, retry)
        self._journal, self._is_first = record, is_first
        self._onward = onward
        self.picture = ApplyPicture(words=desk.words)
        self._follows = True
        self._is_kept = False
        self._ending = Ending((), ())

    def heading(self) -> Text:
        """Return what goes on."""
        return say("Apply")

    def state(self) -> Text:
        """Return which step of how many."""
        domain, (step, count) = self.picture.domain, self.picture.step
        ended = self.picture.ended
        if ended is not None:
            return (
                say("{domain} • done", domain=domain)
                if not ended.exit_status
                else say("{domain} • not done", domain=domain)
            )
        if not count:
            return say("starting")
        return say("{domain} • step {step} of {count}", domain=domain, step=step, count=count)

    def promise(self) -> Text:
        """Say that the terminal is not needed."""
        ended = self.picture.ended
        if ended is not None:
            return NOTHING if ended.exit_status else ended.text
        command = self.desk.command()
        whole = say("You may close this window: the work goes on. Come back: {command}", command=command)
        # a command that is cut off would open another server
        is_cut = self._folded(self.words(whole)).endswith(" ...")
        return say("It goes on without this window. Back: {command}", command=command) if is_cut else whole

    def keys(self) -> Sequence[Key]:
        """Return the keys while it runs, or after its end."""
        if self.picture.ended is not None:
            return (("Enter", say("choose")), ("↑↓", say("step")), ("l", say("large log")), ESC_BACK)
        return (
            ("Esc", say("stop (asks first)")),
            ("↑↓", say("step")),
            ("Enter", say("details")),
            ("l", say("large log")),
        )

    def body(self) -> Iterable[Widget]:
        """Return bar, steps, log and, after the end, what can be done."""
        yield Plain("", id="bar")
        with Scroll(id="steps"):
            yield Group(id="lines")
        yield Plain("", id="log", classes="box")
        with Group(classes="buttons", id="after"):
            yield from ()

    def on_mount(self) -> None:
        """Follow the work from its first event."""
        super().on_mount()
        self._follow()
        self.set_interval(1.0, self._tick)

    @work(thread=True, group="follow")
    def _follow(self) -> None:
        world, worker = self.desk.world, get_current_worker()
        try:
            for events in journal.batches(world, self._journal, _DRAW_SECONDS):
                if worker.is_cancelled:
                    return
                self.post_message(self.Happened(events))
        except EffectError as error:
            end = ApplyEnded(_CUT_OFF, error.code, error.text, error.hint, world.clock.timestamp())
            self.post_message(self.Happened((end,)))
        except WizardError as error:
            end = ApplyEnded(error.exit_status, error.code, error.text, error.hint, world.clock.timestamp())
            self.post_message(self.Happened((end,)))

    @on(EndedPage.Happened)
    async def _happened(self, event: EndedPage.Happened) -> None:
        had = [line.id for line in self.picture.lines]
        for one in event.events:
            self.picture.take(one)
        group = self.query_one("#lines", Group)
        if [line.id for line in self.picture.lines] != had:
            new = [line for line in self.picture.lines if line.id not in had]
            await group.mount_all(Row("", name_width=0, id=f"line-{len(had) + number}") for number, _ in enumerate(new))
        self._keep()
        self._draw()
        if self.picture.ended is not None:
            await self._finish(self.picture.ended)

    def _keep(self) -> None:
        """Write down what the next start needs, as soon as the work has made a place for it."""
        world, layout = self.desk.world, self.desk.layout
        if self._is_kept or world.files.stat(str(layout.state)) is None:
            return
        self._is_kept = True
        # of no use on a full disk, and of no harm either
        with suppress(WizardError):
            self.desk.keep_language()
            if self._is_first:
                owe(world, layout)

    def _tick(self) -> None:
        if self.picture.ended is None and self.picture.lines:
            self._draw()

    def _draw(self) -> None:
        """Draw bar, lines and log; only what changed reaches the terminal."""
        now = self.desk.world.clock.timestamp()
        for number, line in enumerate(self.picture.lines):
            row = self.query_one(f"#line-{number}", Row)
            row.show(self._words_of(line, now))
            if line.word == "now" and self._follows and self.picture.ended is None and not row.has_focus:
                row.focus()
        share = self.picture.share(now)
        left = "" if self.picture.ended else self.words(self.picture.estimate(now))
        # the bar gives way to the words
        length = max(min(_BAR, self.size.width - len(left) - _BAR_FRAME), 1)
        filled = round(share * length)
        bar = "#" * filled + "." * (length - filled)
        self.query_one("#bar", Plain).update(f" [{bar}] {round(share * 100):>3} %  {left}")
        self._draw_log()
        self.show_frame()

    def _words_of(self, line: Line, now: float) -> str:
        seconds = now - line.since if line.word == "now" else line.seconds
        time = "" if line.word == "wait" else clock(seconds)
        start = f"{state_word(line.word, self.words):<5} {time:>5}   {self.words(line.title)}"
        room = max(self.size.width - len(start) - 8, 0)
        more = self.words(line.more).strip() if line.word in ("now", "FAIL") or line.id == "proof" else ""
        return f"{start}   {more[:room]}" if more and room else start

    def _draw_log(self) -> None:
        box = self.query_one("#log", Plain)
        box.border_title = self.words(say("Log"))
        ended = self.picture.ended
        if ended is not None and ended.exit_status:
            box.border_title = state_word("FAIL", self.words)
            box.update("\n".join(self.words(part) for part in self._ending.words if part))
            return
        rows = _LOG_ROWS if self.size.height <= 24 else self.size.height - 18  # noqa: PLR2004 the usual console
        width = max(self.size.width - 6, 10)
        box.update("\n".join(line[:width] for line in self.picture.log[-rows:]))

    # the end

    async def _finish(self, ended: ApplyEnded) -> None:
        if isinstance(self.app.screen, QuestionPage):
            # whether it is to stop is no question any more
            await self.app.pop_screen()
        self._ending = ending(self.desk.world, self.desk.layout, self.picture, ended)
        self.query_one("#log").set_class(bool(ended.exit_status), "failed")
        self._draw_log()
        after = self.query_one("#after", Group)
        await after.remove_children()
        buttons = [Press(self.words(BUTTONS[choice]), id=choice) for choice in self._ending.choices]
        await after.mount_all(buttons)
        buttons[0].focus()
        self.show_frame()
        if ended.exit_status == 0 and self._is_first:
            self._go_on()

    def _go_on(self) -> None:
        if not self._is_first:
            if self._onward is None:
                self.dismiss(True)  # noqa: FBT003 Textual's own
            else:
                self.app.push_screen(self._onward(), self._after_done)
            return
        from xmpp_wizard.tui.screens.done import DonePage  # noqa: PLC0415 opened once in a server's life

        self.app.push_screen(DonePage(self.desk, self.picture.domain, self.picture.proofs), self._after_done)

    def _after_done(self, _: None) -> None:
        self.dismiss(True)  # noqa: FBT003 Textual's own

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        match event.row.id:
            case "onward":
                self._go_on()
            case "retry":
                self.plan_again()
            case "prove":
                self.prove_again()
            case "undo":
                session = change_session(self.desk.world, self.desk.layout)
                self.plan_again(replace(session, other=GoBack(self._ending.back_to)))
            case "remove":
                self.ask_removal()
            case "report":
                self.save_report()
            case str() as name:
                line = self.picture.lines[int(name.removeprefix("line-"))]
                self._open_text(line.title, line.log or [self.words(say("Nothing was said."))])

    def action_log(self) -> None:
        """Give the log the whole screen."""
        self._open_text(say("Log"), self.picture.log)

    def _open_text(self, title: Text, lines: Sequence[str]) -> None:
        self.app.push_screen(TextPage(self.desk, title, say("The last lines are at the end."), lines))

    def action_walk(self, step: int) -> None:
        """From the first arrow key on, the focus no longer follows the work."""
        self._follows = False
        super().action_walk(step)

    def action_back(self) -> None:
        """Ask before anything is stopped; after the end, go back."""
        ended = self.picture.ended
        if ended is not None:
            self.dismiss(ended.exit_status == 0 or None)
            return
        text = say("The work goes on by itself. What is to happen?")
        options = {
            "on": say("Go on"),
            "leave": say("Leave it running and close this window"),
            "stop": say("Stop after this step"),
            "undo": say("Stop and take everything back"),
        }
        self.app.push_screen(QuestionPage(self.desk, text, options), self._take)

    def _take(self, choice: str | None) -> None:
        if choice == "leave":
            self.app.exit(0)
        elif choice in ("stop", "undo"):
            journal.request_stop(self.desk.world, self._journal, "undo" if choice == "undo" else "stop")
            self.tell(say("It stops after the step it is at."))
