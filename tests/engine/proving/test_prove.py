"""The proof: what is reported, and that its accounts never stay."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import ParseError

import pytest
from tests.fakes import Fakes

from xmpp_wizard.core.answers.model import answers_model
from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EngineError, ProofFailedError, StoppedError
from xmpp_wizard.core.events import Event, ProofEnded, ProofStarted, to_json
from xmpp_wizard.core.kit.feature import ProofStep
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.rendering.render import render
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.wanted.desired import Desired, desired
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.proving import prove as module
from xmpp_wizard.engine.proving.prove import prove, ways_in

LAYOUT = Layout(PurePosixPath("/"))
PASSWORD = "made-inside"


@dataclass
class Accounts:
    """The accounts of a server, as the program inside it sees them."""

    names: list[str] = field(default_factory=lambda: ["alice"])
    problems: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def run(self, _name: str, command: Sequence[str], user: str, _stdin: bytes) -> CommandResult:
        """Answer as templates/prosody/proof.lua does."""
        assert user == "5222:5222"
        self.commands.append(command[-1])
        words = json.loads("[" + command[-1].rpartition("end)(")[2].removesuffix(")") + "]")
        action, host, rest = words[0], words[1], words[2:]
        answer: dict[str, Any] = {"problems": self.problems, "others": [], "host": host}
        if action == "open":
            others = [name for name in self.names if name.startswith("xw-proof-")]
            answer["others"] = [{"name": name, "pid": int(name.split("-")[2])} for name in others]
            new = [f"xw-proof-{rest[0]}-{len(self.names)}{letter}" for letter in "ab"]
            answer["accounts"] = [{"name": name, "password": PASSWORD} for name in new]
            answer["invitation"] = {"url": f"https://{host}/invite?t0ken", "token": "t0ken"}
            self.names += new
        else:
            self.names = [name for name in self.names if name not in rest]
        return CommandResult(0, f"Result: {json.dumps(answer)}\n", "")


class Bench:
    """A bench that no step of these tests looks at."""

    domain = "home.example"


@dataclass
class Stage:
    """Everything a proof needs, and what it reported."""

    fakes: Fakes
    accounts: Accounts
    wanted: Desired
    events: list[Event] = field(default_factory=list)

    def prove(self, **steps: Callable[[Any], Awaitable[Text]]) -> bool:
        """Prove with these steps."""
        proofs = tuple(ProofStep(name, say("Do {name}", name=name), run) for name, run in steps.items())
        return prove(self.fakes.world(), LAYOUT, replace(self.wanted, proofs=proofs), self.events.append)

    def ended(self) -> dict[str, ProofEnded]:
        """Return the outcomes by name."""
        return {event.name: event for event in self.events if isinstance(event, ProofEnded)}


@pytest.fixture
def stage() -> Stage:
    return make_stage()


def make_stage(**answers: Any) -> Stage:  # noqa: ANN401 any answers
    fakes, accounts = Fakes(), Accounts()
    fakes.containers.on_run = accounts.run
    fakes.benches.bench = Bench()  # type: ignore[assignment]  # no step looks at it
    fakes.appliance.texts = dict(ShippedAppliance().templates())
    wanted = desired(answers_model().model_validate({"domain": "home.example", **answers}))
    target = render(wanted, fakes.appliance.texts, {"prosody": "proven:1", "turn": "proven:2"}, LAYOUT)
    name = LAYOUT.container("prosody")
    fakes.containers.images["proven:1"] = "sha256:1"
    fakes.containers.create(target.containers[0], name)
    fakes.containers.start(name)
    return Stage(fakes, accounts, wanted)


async def green(_bench: Any) -> Text:  # noqa: ANN401 no step looks at it
    return say("seen")


async def red(_bench: Any) -> Text:  # noqa: ANN401
    raise ProofFailedError(say("nothing came"), say("Look at the log."))


def test_all_green(stage: Stage) -> None:
    assert stage.prove(one=green, two=green)
    started = stage.events[0]
    assert isinstance(started, ProofStarted)
    assert [(name, str(title)) for name, title in started.titles] == [("one", "Do one"), ("two", "Do two")]
    assert {name: (event.is_green, str(event.text)) for name, event in stage.ended().items()} == {
        "one": (True, "seen"),
        "two": (True, "seen"),
    }
    assert stage.accounts.names == ["alice"]


def test_one_red_step_has_its_reason_and_the_others_go_on(stage: Stage) -> None:
    assert not stage.prove(one=red, two=green)
    one, two = stage.ended()["one"], stage.ended()["two"]
    assert (one.is_green, str(one.text), str(one.hint)) == (False, "nothing came", "Look at the log.")
    assert two.is_green
    assert stage.accounts.names == ["alice"]


def test_a_step_that_hangs_is_red_in_the_end(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP_SECONDS", 0.05)

    async def hang(_bench: Any) -> Text:  # noqa: ANN401
        await asyncio.sleep(60)
        raise AssertionError

    assert not stage.prove(one=hang, two=green)
    assert str(stage.ended()["one"].text).startswith("not done after")
    assert stage.ended()["two"].is_green


def test_steps_left_when_the_time_of_a_domain_is_over_are_red(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DOMAIN_SECONDS", 0.1)

    async def slow(_bench: Any) -> Text:  # noqa: ANN401
        await asyncio.sleep(0.08)
        return say("seen")

    assert not stage.prove(**{f"step{number}": slow for number in range(13)})
    assert len(stage.ended()) == 13
    assert not stage.ended()["step12"].is_green


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(5, "broken"), "could not be tried: OSError: [Errno 5] broken"),
        (ValueError("no number"), "could not be tried: ValueError: no number"),
        (KeyError("url"), "could not be tried: KeyError: 'url'"),
        (AttributeError("text"), "could not be tried: AttributeError: text"),
        (ParseError("no element {found}"), "could not be tried: ParseError: no element {found}"),
    ],
)
def test_an_answer_that_a_step_cannot_read_is_red_and_the_others_go_on(
    stage: Stage, error: Exception, words: str
) -> None:
    async def surprised(_bench: Any) -> Text:  # noqa: ANN401
        raise error

    assert not stage.prove(one=surprised, two=green)
    one, two = stage.ended()["one"], stage.ended()["two"]
    assert (one.is_green, str(one.text), two.is_green) == (False, words, True)
    assert stage.accounts.names == ["alice"]


def test_the_accounts_go_when_a_step_has_a_bug(stage: Stage) -> None:
    async def buggy(_bench: Any) -> Text:  # noqa: ANN401
        raise ZeroDivisionError

    with pytest.raises(BaseExceptionGroup):
        stage.prove(one=buggy)
    assert stage.accounts.names == ["alice"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_accounts_go_when_a_person_or_the_system_stops_it(stage: Stage, sign: signal.Signals) -> None:
    async def interrupted(_bench: Any) -> Text:  # noqa: ANN401
        os.kill(os.getpid(), sign)
        await asyncio.sleep(60)
        raise AssertionError

    before = signal.getsignal(sign)
    with pytest.raises(StoppedError):
        stage.prove(one=interrupted, two=green)
    assert stage.accounts.names == ["alice"]
    assert signal.getsignal(sign) is before


def test_what_a_killed_proof_left_is_swept_and_one_at_work_is_not(stage: Stage) -> None:
    stage.fakes.background.alive = {4001}
    stage.accounts.names += ["xw-proof-4000-dead", "xw-proof-4001-busy"]
    assert stage.prove(one=green)
    assert stage.accounts.names == ["alice", "xw-proof-4001-busy"]


def test_our_own_accounts_go_when_those_of_a_killed_proof_cannot(stage: Stage) -> None:
    stage.accounts.names.append("xw-proof-4000-dead")

    def run(name: str, command: Sequence[str], user: str, stdin: bytes) -> CommandResult:
        if '"xw-proof-4000-dead"' in command[-1]:
            raise EngineError(say("the server is busy"))
        return stage.accounts.run(name, command, user, stdin)

    stage.fakes.containers.on_run = run
    assert not stage.prove(one=green)
    assert str(stage.ended()["accounts"].text) == "the server is busy"
    assert stage.accounts.names == ["alice", "xw-proof-4000-dead"]


def test_a_server_that_makes_no_accounts_is_red_with_its_words(stage: Stage) -> None:
    stage.accounts.problems.append("database is locked")
    assert not stage.prove(one=green)
    assert str(stage.ended()["accounts"].text) == "no throw-away accounts on home.example: database is locked"


def test_output_that_is_no_answer_is_never_shown(stage: Stage) -> None:
    stage.fakes.containers.on_run = lambda *_: CommandResult(1, f"Result: broken {PASSWORD}", "")
    assert not stage.prove(one=green)
    assert "prosodyctl ended with status 1" in str(stage.ended()["accounts"].text)
    assert PASSWORD not in "".join(map(to_json, stage.events))


def test_a_container_that_does_not_run_is_red(stage: Stage) -> None:
    stage.fakes.containers.fail_at["run"] = EngineError(say("no such container"), say("Start it."))
    assert not stage.prove(one=green)
    assert str(stage.ended()["accounts"].hint) == "Start it."


def test_a_bench_that_cannot_be_opened_is_red(stage: Stage) -> None:
    stage.fakes.benches.bench = None
    assert not stage.prove(one=green)
    assert "nobody answers" in str(stage.ended()["accounts"].text)
    assert stage.accounts.names == ["alice"]


def test_passwords_are_in_no_command_and_no_event(stage: Stage) -> None:
    assert stage.prove(one=green)
    assert PASSWORD not in "".join([*stage.accounts.commands, *map(to_json, stage.events)])


def test_every_domain_is_proven_under_its_own_name() -> None:
    stage = make_stage(extra_domains=("club.example",))
    assert stage.prove(one=green)
    assert sorted(stage.ended()) == ["club.example/one", "one"]
    assert str(stage.ended()["club.example/one"].title) == "club.example: Do one"


def test_every_domain_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DOMAIN_SECONDS", 0.7)
    stage = make_stage(extra_domains=tuple(f"club{number}.example" for number in range(3)))

    async def slow(_bench: Any) -> Text:  # noqa: ANN401
        await asyncio.sleep(0.2)
        return say("seen")

    # six at once: 0.2 s of 0.7 for each domain, 0.8 s for all of them
    assert stage.prove(**{f"step{number}": slow for number in range(6)})
    assert len(stage.ended()) == 24


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        (
            {},
            {
                "starttls": ("127.0.40.9", 5222),
                "direct-tls": ("127.0.40.9", 5223),
                "https-port": ("127.0.40.9", 443),
                "websocket": ("127.0.40.9", 443),
            },
        ),
        (
            {"port_443": {"enabled": False}, "direct_tls": {"enabled": False}},
            {"starttls": ("127.0.40.9", 5222), "websocket": ("127.0.40.9", 443)},
        ),
        (
            {"preset": "minimal", "direct_tls": {"enabled": False}},
            {"starttls": ("127.0.40.9", 5222)},
        ),
    ],
)
def test_ways_in_are_those_that_the_options_open(
    features: dict[str, Any], expected: dict[str, tuple[str, int]]
) -> None:
    answers = {"domain": "home.example", "features": features, "network": {"listen": ["127.0.40.9"]}}
    assert ways_in(desired(answers_model().model_validate(answers))) == expected
