"""Cases in tests/golden: answers, and word for word what comes out of them.

``python -m tests.golden_cases`` writes the expected files anew; read the difference before you keep it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.servers import config_text, templates

from xmpp_wizard.core.answers.model import answers_model
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.rendering.render import render
from xmpp_wizard.core.wanted.desired import Desired, desired

FOLDER = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in FOLDER.iterdir() if (path / "answers.toml").exists())


def expected_files(case: str) -> dict[str, str]:
    """Return what the case's answers lead to, by file name."""
    wanted = desired(answers_model().model_validate(tomllib.loads((FOLDER / case / "answers.toml").read_text())))
    return {"prosody.cfg.lua": config_text(wanted), "server.txt": _server(wanted)}


def _server(wanted: Desired) -> str:
    target = render(wanted, templates(), {spec.image: f"{spec.image}:tag" for spec in wanted.containers}, Layout())
    openings = [
        f"{o.address or '*'} {o.port}/{o.protocol} {o.container} {o.tls}{'' if o.is_public else ' inside'}: {o.purpose}"
        for o in target.openings
    ]
    records = [f"{r.name} {r.kind} {r.content}{' (required)' if r.is_required else ''}" for r in wanted.records]
    groups = {
        "domains": target.domains,
        "listeners": openings,
        "certificates": [f"{request.name}: {', '.join(request.names)}" for request in target.certificates],
        "records": records,
        "folders": [f"{folder.path} {folder.mode:04o} {folder.owner}" for folder in target.folders],
        "files": [f"{file.path} {file.mode:04o} {file.owner}" for file in target.files],
        "copies": [f"{copy.path} {copy.mode:04o} {copy.owner} of {copy.reference.source}" for copy in target.copies],
        "secrets": [f"{secret.path} {secret.mode:04o} {secret.owner}" for secret in target.secrets],
        "containers": [f"{container.spec.name} {container.tag}" for container in target.containers],
        "pinned": [f"{name} = {value}" for name, value in sorted(target.pinned.items())],
    }
    return "".join(f"{title}\n" + "".join(f"  {line}\n" for line in lines) for title, lines in groups.items())


def update() -> None:
    """Write the expected files of all cases."""
    for case in CASES:
        for name, text in expected_files(case).items():
            (FOLDER / case / name).write_text(text)


if __name__ == "__main__":
    update()
