"""The containers of a target as a ``compose.yaml``: the same stack as the engine is told to run."""

from __future__ import annotations

import json
from collections.abc import Mapping

from jinja2 import DictLoader, Environment, StrictUndefined

from xmpp_wizard.core.target import Target

COMPOSE_TEMPLATE = "compose/compose.yaml.j2"


def compose(target: Target, templates: Mapping[str, str]) -> str:
    """Return the text of the file (https://docs.docker.com/reference/compose-file/)."""
    environment = Environment(
        loader=DictLoader(dict(templates)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 it is YAML: every value goes through to_yaml
    )
    environment.filters["yaml"] = to_yaml
    return environment.get_template(COMPOSE_TEMPLATE).render(
        domain=target.domains[0], project=target.containers[0].project, containers=target.containers
    )


def to_yaml(text: str) -> str:
    """Return a text as a quoted YAML value (a JSON string is one), safe from compose's own ``$`` substitution."""
    return json.dumps(text.replace("$", "$$"), ensure_ascii=False)
