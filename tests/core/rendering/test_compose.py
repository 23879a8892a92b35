"""The compose file says what the engine is told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from xmpp_wizard.core.answers.model import answers_model
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.rendering.compose import COMPOSE_TEMPLATE, compose, to_yaml
from xmpp_wizard.core.rendering.render import render
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.effects.docker_engine import container_config

TEMPLATES = ShippedAppliance().templates()


def _target(**answers: object) -> Target:
    found = answers_model().model_validate({"domain": "family.example", **answers})
    return render(
        desired(found),
        TEMPLATES,
        {name: f"xmpp-wizard/{name}:abc" for name in ("prosody", "turn", "postgres", "mariadb")},
        Layout(PurePosixPath("/srv")),
    )


def test_it_is_written_like_this() -> None:
    text = compose(_target(), {COMPOSE_TEMPLATE: TEMPLATES[COMPOSE_TEMPLATE]})
    assert text.splitlines()[3:20] == [
        'name: "xmpp-wizard"',
        "services:",
        '  "prosody":',
        '    image: "xmpp-wizard/prosody:abc"',
        '    container_name: "xmpp-wizard-prosody"',
        "    pull_policy: never",
        "    restart: always",
        "    network_mode: host",
        "    read_only: true",
        '    cap_drop: ["ALL"]',
        "    cap_add:",
        '      - "NET_BIND_SERVICE"',
        '      - "SETGID"',
        '      - "SETPCAP"',
        '      - "SETUID"',
        '    security_opt: ["no-new-privileges:true"]',
        "    mem_limit: 1024m",
    ]


def test_it_says_what_the_engine_is_told() -> None:
    target = _target(storage={"backend": "postgresql"})
    text = compose(target, TEMPLATES)
    parts = re.split(r'^  "(?=[a-z]+":$)', text, flags=re.MULTILINE)[1:]
    assert [container.spec.name for container in target.containers] == ["postgresql", "prosody", "turn"]
    for container, part in zip(target.containers, parts, strict=True):
        _is_told(part, container_config(container))


def _is_told(text: str, told: Mapping[str, Any]) -> None:
    host = told["HostConfig"]
    for variable in told["Env"]:
        name, _, value = variable.partition("=")
        assert f'"{name}": "{value}"' in text
    for mount in host["Mounts"]:
        lines = [f'source: "{mount["Source"]}"', f'target: "{mount["Target"]}"']
        lines.append(f"read_only: {json.dumps(mount['ReadOnly'])}")
        assert "\n        ".join(lines) in text
    for path, options in host["Tmpfs"].items():
        assert f'- "{path}:{options}"' in text
    labels = {name: value for name, value in told["Labels"].items() if not name.startswith("com.docker.compose.")}
    for name, value in labels.items():
        assert f'{name}: "{value}"' in text
    assert f"mem_limit: {host['Memory'] // 1024**2}m" in text
    assert f"pids_limit: {host['PidsLimit']}" in text
    assert f"stop_grace_period: {told['StopTimeout']}s" in text
    assert f"network_mode: {host['NetworkMode']}" in text
    assert f"restart: {host['RestartPolicy']['Name']}" in text
    assert f'security_opt: ["{host["SecurityOpt"][0]}"]' in text


def test_no_value_ends_its_string_or_is_substituted() -> None:
    assert to_yaml('a"b\\c: ${HOME}') == '"a\\"b\\\\c: $${HOME}"'
