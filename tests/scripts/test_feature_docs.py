"""docs/features.md says what the features are today, and what each of them adds to a server."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from xmpp_wizard.core.features import all_features

SCRIPT = Path(__file__).parents[2] / "scripts" / "feature-docs"
FEATURES = {feature.name: feature for feature in all_features()}


@pytest.fixture
def docs(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 a module that is no package's
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    spec = spec_from_loader("feature_docs", SourceFileLoader("feature_docs", str(SCRIPT)))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "docs/features.md is current\n"), done.stderr


def test_a_feature_without_a_figure_is_named(docs: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # noqa: ANN401
    measured = json.loads(docs.MEMORY.read_text())
    del measured["features_mb"]["calls"]
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    file = tmp_path / "of-a-test.json"
    file.write_text(json.dumps(measured))
    monkeypatch.setattr(docs, "MEMORY", file)
    with pytest.raises(SystemExit, match="missing: calls; unknown: none"):
        docs.page()


def test_what_earlier_systems_had_is_among_our_features(
    docs: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    file = tmp_path / "predecessors.toml"
    file.write_text('somebody = ["calls", "teleport"]\n')
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr(docs, "PREDECESSORS", file)
    with pytest.raises(SystemExit, match="missing: none; unknown: teleport"):
        docs.page()


def test_what_is_added_comes_from_the_feature_itself(docs: Any) -> None:  # noqa: ANN401
    calls = docs.gain(FEATURES["calls"])
    assert (calls.modules, calls.containers) == (("external_services",), ("turn",))
    assert [item.ports for item in calls.ports] == ["3478", "3478", "5349", "49152-49251"]
    assert "turn.example.org" in {item.name for item in calls.records}
    assert docs.gain(FEATURES["ldap"]).modules == ("auth_directory",)
    assert {"muc", "muc_mam", "house_rooms"} <= set(docs.gain(FEATURES["group_chat"]).modules)
    assert docs.gain(FEATURES["direct_tls"]).modules == ()


def test_systems_are_told_the_shorter_way_round(docs: Any) -> None:  # noqa: ANN401
    assert docs.systems({"a": False, "b": False}) == "none"
    assert docs.systems({"a": True, "b": False, "c": False}) == "a"
    assert docs.systems({"a": True, "b": True, "c": False}) == "all but c"
