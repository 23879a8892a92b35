"""What an apply or a proof reports while it runs; each event is one JSON line of the journal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, TypeAdapter

from xmpp_wizard.core.text import NOTHING, Text


@dataclass(frozen=True, slots=True)
class StepTitle:
    """A step that is going to be done, with the seconds it is expected to take."""

    id: str
    title: Text
    cause: Text
    expected_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ApplyStarted:
    """The work has begun; ``generation`` is the number it gets when it succeeds."""

    generation: int
    pid: int
    domain: str
    steps: tuple[StepTitle, ...]
    at: float
    kind: Literal["apply-started"] = "apply-started"


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The step ``id`` is being done; ``title`` says it to people, also where it was not planned, as on the way back."""

    id: str
    at: float
    title: Text = NOTHING
    kind: Literal["step-started"] = "step-started"


@dataclass(frozen=True, slots=True)
class StepProgress:
    """A line of what the step does just now, such as a line of an image build."""

    id: str
    text: Text
    at: float
    kind: Literal["step-progress"] = "step-progress"


@dataclass(frozen=True, slots=True)
class StepEnded:
    """The step is done."""

    id: str
    seconds: float
    at: float
    left: Text = NOTHING
    """What could not be done now and is tried again later; it stops nothing."""
    kind: Literal["step-ended"] = "step-ended"


@dataclass(frozen=True, slots=True)
class StepFailed:
    """The step could not be done."""

    id: str
    code: str
    text: Text
    hint: Text
    at: float
    kind: Literal["step-failed"] = "step-failed"


@dataclass(frozen=True, slots=True)
class RollbackStarted:
    """A change failed; the last good generation is being put back."""

    generation: int
    at: float
    kind: Literal["rollback-started"] = "rollback-started"


@dataclass(frozen=True, slots=True)
class ProofStarted:
    """The proof has begun."""

    titles: tuple[tuple[str, Text], ...]
    at: float
    kind: Literal["proof-started"] = "proof-started"


@dataclass(frozen=True, slots=True)
class ProofEnded:
    """One proof step came out; ``text`` says what was seen or why not, ``hint`` what to do."""

    name: str
    title: Text
    is_green: bool
    text: Text
    seconds: float
    at: float
    hint: Text = NOTHING
    kind: Literal["proof-ended"] = "proof-ended"


@dataclass(frozen=True, slots=True)
class ApplyEnded:
    """The work is over; ``exit_status`` as in :mod:`xmpp_wizard.core.errors`, ``code`` empty on success."""

    exit_status: int
    code: str
    text: Text
    hint: Text
    at: float
    kind: Literal["apply-ended"] = "apply-ended"


Event: TypeAlias = (
    ApplyStarted
    | StepStarted
    | StepProgress
    | StepEnded
    | StepFailed
    | RollbackStarted
    | ProofStarted
    | ProofEnded
    | ApplyEnded
)


@cache
def _adapter() -> TypeAdapter[Event]:
    """Return the adapter; it takes a while to make, and most runs need none."""
    return TypeAdapter(Annotated[Event, Discriminator("kind")])


def to_json(event: Event) -> str:
    """Return the event as one line of JSON, without the line's end."""
    return _adapter().dump_json(event).decode()


def from_json(line: str) -> Event:
    """Return the event that :func:`to_json` wrote.

    Raises:
        pydantic.ValidationError: the line is not an event of this version.
    """
    return _adapter().validate_json(line)
