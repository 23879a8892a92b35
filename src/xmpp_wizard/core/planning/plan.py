"""What has to be done to make the host what it is to be: actions, each with its cause.

:mod:`xmpp_wizard.core.planning.make_plan` makes one, :mod:`xmpp_wizard.engine.applying.apply` carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.planning.actions import Action, BuildImage
from xmpp_wizard.core.planning.move_data import MoveData
from xmpp_wizard.core.text import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One action, the steps that must be done before it, and why it is needed."""

    id: str
    action: Action
    needs: tuple[str, ...]
    title: Text
    cause: Text
    interrupts: bool = False
    """Whether people are cut off for a moment."""
    destroys: bool = False
    """Whether something of people's is lost or no longer reachable."""

    @property
    def deletes(self) -> bool:
        """Whether what it destroys is data, which no other answer brings back; if not, it is somebody's way in."""
        return self.destroys and isinstance(self.action, MoveData)

    def __str__(self) -> str:
        """Return ``[needs] id: Action, cause``, as tests compare it."""
        marks = (" INTERRUPTS" if self.interrupts else "") + (" DESTROYS" if self.destroys else "")
        return f"[{', '.join(self.needs)}] {self.id}: {type(self.action).__name__}, {self.cause}{marks}"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that makes the plan impossible until a person acts."""

    text: Text
    hint: Text
    port: int = 0
    """The port that is taken, where it is that."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One of our files that somebody else changed."""

    path: str
    on_disk: str
    """Hash of what is there."""
    wanted: str
    """Hash of what we would write; empty where we would remove it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order in which they can be done."""

    generation: int
    steps: tuple[Step, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    edits: tuple[Edit, ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is anything to do."""
        return bool(self.steps)

    def __str__(self) -> str:
        """Return one line for each step."""
        return "\n".join(map(str, self.steps))

    @property
    def builds(self) -> int:
        """How many images are built, which takes minutes."""
        return sum(isinstance(step.action, BuildImage) for step in self.steps)

    @property
    def interrupts(self) -> bool:
        """Whether people are cut off for a moment."""
        return any(step.interrupts for step in self.steps)

    @property
    def destroys(self) -> tuple[Step, ...]:
        """Steps that need an explicit yes."""
        return tuple(step for step in self.steps if step.destroys)
