"""The base of every model of answers: unknown keys are refused, values never change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from xmpp_wizard.core.text import Text, say

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Beside the type of an answer that may be left out: who decides then. Without it there is simply no value."""

    who: Text


OrByLevel: TypeAlias = Annotated[T | None, LeftOut(say("the level decides"))]
OrByPreset: TypeAlias = Annotated[T | None, LeftOut(say("the preset decides"))]
OrChosen: TypeAlias = Annotated[T | None, LeftOut(say("decided for you"))]
"""What is left out follows from other answers, from this machine, or from what is usual."""


class Model(BaseModel):
    """A group of answers."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, str_strip_whitespace=True)


class Switchable(Model):
    """The answers of a feature that can be switched on and off."""

    enabled: OrByPreset[bool] = Field(
        default=None,
        title="Switched on",
        description="true or false; left out, the preset decides.",
    )
