"""Templates hold all foreign syntax and no decision; an unknown name in one is an error (StrictUndefined)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, StrictUndefined, Template

from xmpp_wizard.core.kit.feature import ConfigFile
from xmpp_wizard.core.lua import to_lua


def config_file(file: ConfigFile, templates: Mapping[str, str]) -> str:
    """Return the text of a configuration file that is not Lua.

    Raises:
        ValueError: a value has a line break or another invisible sign in it, and could end its line.
    """
    return compiled(templates[file.template]).render(file.values)


@cache
def compiled(template: str) -> Template:
    """Return the template of this text; values become Lua by the filter ``lua``, and one line by ``line``."""
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 no HTML: every value goes through one of these filters
    )
    environment.filters["lua"] = to_lua
    environment.filters["line"] = _line
    return environment.from_string(template)


def _line(value: str | int) -> str:
    text = str(value)
    if not text.isprintable():
        message = f"{text!r} cannot stand on one line"
        raise ValueError(message)
    return text
