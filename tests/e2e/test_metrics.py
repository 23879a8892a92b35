"""Figures for those who watch their servers: read by the real Prometheus, drawn from by every panel for Grafana."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server, told
from tests.e2e.server.web import ask

pytestmark = pytest.mark.e2e

PROGRAMS = Path(sys.prefix) / "servers" / "usr" / "bin"


@pytest.fixture(scope="module")
def watched(running: Server) -> Server:
    """A server that gives figures."""
    running.apply({"features.metrics.enabled": True})
    return running


@contextmanager
def prometheus(server: Server, config: Path) -> Iterator[str]:
    """Run Prometheus with a configuration, on an address of the server's, and give where to ask it."""
    place = f"{server.address}:9090"
    store = config.parent / "data"
    command = [str(PROGRAMS / "prometheus"), f"--config.file={config}", f"--storage.tsdb.path={store}"]
    process = subprocess.Popen(
        [*command, f"--web.listen-address={place}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://{place}/api/v1/query"
    finally:
        process.kill()
        process.wait()


def query(place: str, expression: str) -> list[dict[str, Any]]:
    """Return what Prometheus knows."""
    try:
        with urlopen(f"{place}?{urlencode({'query': expression})}", timeout=5) as answer:  # noqa: S310 our own http://
            found = json.load(answer)
    except HTTPError as error:
        if error.code == HTTPStatus.SERVICE_UNAVAILABLE:
            # it answers before it has read what it kept
            return []
        raise AssertionError(error.read()) from error
    except OSError:
        # it is starting
        return []
    assert found["status"] == "success"
    return list(found["data"]["result"])


def test_prometheus_reads_the_figures_and_every_panel_has_some(watched: Server, tmp_path: Path) -> None:
    config = tmp_path / "prometheus.yml"
    config.write_text("global:\n  scrape_interval: 1s\n" + watched.cli("export", "prometheus").stdout)
    checked = subprocess.run(
        [str(PROGRAMS / "promtool"), "check", "config", str(config)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    dashboard = json.loads(watched.cli("export", "grafana").stdout)
    with prometheus(watched, config) as place, watched.log_in():
        wait_until(lambda: [item["value"][1] for item in query(place, "up")] == ["1"], "Prometheus")
        people = f'prosody_mod_c2s__connections{{host="{watched.domain}",type="c2s",ip_family="ipv4"}}'
        wait_until(lambda: [item["value"][1] for item in query(place, people)] == ["1"], "the one who is there")
        for panel in dashboard["panels"]:
            expression = panel["targets"][0]["expr"]
            wait_until(partial(query, place, expression), expression)


def test_the_proof_reads_them_and_nobody_outside_does(watched: Server) -> None:
    done = watched.cli("--json", "prove")
    steps = {
        event["name"]: event
        for line in done.stdout.splitlines()
        if "proof-ended" in (event := json.loads(line))["kind"]
    }
    assert steps["metrics"]["is_green"], told(done)
    for source, status in (("127.0.0.1", 200), ("127.0.0.9", 403)):
        with closing(HTTPConnection(watched.address, 5280, timeout=10, source_address=(source, 0))) as connection:
            connection.request("GET", "/metrics")
            assert connection.getresponse().status == status, source


def test_without_them_the_exports_say_how_to_have_them(watched: Server) -> None:
    watched.apply()
    for what in ("prometheus", "grafana"):
        done = watched.cli("export", what)
        assert done.returncode == 4
        assert f"{watched.called} apply --set features.metrics.enabled=true" in " ".join(done.stderr.split())
    assert ask(watched, f"https://{watched.domain}/metrics")[0] == 404
