"""Short ways from answers to a server, for tests of the pure core."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.lua_reader import Config, read_config

from xmpp_wizard.core.answers.model import Answers, answers_model
from xmpp_wizard.core.kit.feature import Feature
from xmpp_wizard.core.rendering.render import prosody_config
from xmpp_wizard.core.wanted.desired import Desired, desired

TEMPLATES_FOLDER = Path(__file__).parents[1] / "templates"


def templates() -> dict[str, str]:
    """Return all templates, as the effects read them."""
    return {
        str(path.relative_to(TEMPLATES_FOLDER)): path.read_text()
        for path in TEMPLATES_FOLDER.rglob("*")
        if path.is_file()
    }


def answers(text: str = "", domain: str = "fam.example") -> Answers:
    """Return valid answers from TOML lines; the domain is given beside them."""
    return answers_model().model_validate({"domain": domain, **tomllib.loads(text)})


def server(text: str = "", features: Sequence[Feature[Any]] | None = None) -> Desired:
    """Return the server that the TOML lines describe."""
    return desired(answers(text), features=features)


def config_text(wanted: Desired) -> str:
    """Return ``prosody.cfg.lua``."""
    return prosody_config(wanted, templates())


def config(text: str = "") -> Config:
    """Return what the configuration for the TOML lines says, read back from the file."""
    return read_config(config_text(server(text)))


def host(found: Config, name: str) -> dict[str, Any]:
    """Return the options of the virtual host or component of this name."""
    options = {host: options for _, host, _, options in found.hosts}
    return options[name]
