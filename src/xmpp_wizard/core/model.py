"""The base of every model of answers: unknown keys are refused, values never change."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """A group of answers."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, str_strip_whitespace=True)


class Switchable(Model):
    """The answers of a feature that can be switched on and off."""

    enabled: bool | None = Field(
        default=None,
        title="Switched on",
        description="true or false; left out, the preset decides.",
    )
