"""What those who watch the server need: where Prometheus finds its figures, and a page for Grafana that draws them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from jinja2 import DictLoader, Environment, StrictUndefined

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.features.metrics import FEATURE, PATH
from xmpp_wizard.core.rendering.compose import to_yaml
from xmpp_wizard.core.text import Text, say

TEMPLATE = "watching/prometheus.yml.j2"
_WIDTH, _HEIGHT, _ROW = 12, 8, 2
"""Grafana's grid is 24 wide: two panels in a row."""
_PANELS: Sequence[tuple[Text, str, str]] = (
    (say("People's apps connected"), 'sum by (host) (prosody_mod_c2s__connections{type="c2s"})', "short"),
    (
        say("Other servers connected"),
        '(sum({__name__=~"prosody_mod_s2s__connections_(in|out)bound"})) or vector(0)',
        "short",
    ),
    (say("Phones asleep and awake"), "sum by (csi_state) (prosody_mod_csi__state_sessions)", "short"),
    (say("Rooms in use"), "sum by (host) (prosody_mod_muc__live_room)", "short"),
    (say("Room for files taken"), "sum by (host) (prosody_mod_http_file_share__total_storage_bytes)", "bytes"),
    (
        say("Connections that came back"),
        "sum(rate(prosody_mod_smacks__sessions_started_total[15m])) or vector(0)",
        "short",
    ),
    (
        say("Looking up names"),
        "sum(rate(prosody_dns_seconds_sum[15m])) / sum(rate(prosody_dns_seconds_count[15m])) or vector(0)",
        "s",
    ),
    (
        say("Connections of servers encrypted"),
        "sum(increase(prosody_mod_s2s__encrypted_total[1h])) or vector(0)",
        "short",
    ),
)


def scrape_config(answers: Answers, templates: Mapping[str, str]) -> str:
    """Return a ``scrape_configs`` section (https://prometheus.io/docs/prometheus/latest/configuration/configuration/).

    Raises:
        AnswersError: the server gives no figures.
    """
    _check_on(answers)
    network = answers.network
    address = f"[{network.local_address}]" if ":" in network.local_address else network.local_address
    environment = Environment(
        loader=DictLoader(dict(templates)),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 it is YAML: every value goes through to_yaml
    )
    environment.filters["yaml"] = to_yaml
    return environment.get_template(TEMPLATE).render(
        domain=answers.domain,
        job=f"xmpp {answers.domain}",
        path=f"/{PATH}",
        target=f"{address}:{network.local_http_port}",
    )


def dashboard(answers: Answers) -> str:
    """Return a dashboard as JSON for Grafana's *Import* page, which asks for the Prometheus to read from.

    Raises:
        AnswersError: the server gives no figures.
    """
    _check_on(answers)
    panels = [_panel(number, *panel) for number, panel in enumerate(_PANELS)]
    found = {
        "__inputs": [{"name": "DS_PROMETHEUS", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus"}],
        "title": f"{answers.title or answers.domain}: XMPP",
        "schemaVersion": 39,
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "1m",
        "panels": panels,
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _panel(number: int, title: Text, expression: str, unit: str) -> dict[str, object]:
    source = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": str(title),
        "datasource": source,
        "gridPos": {"x": number % _ROW * _WIDTH, "y": number // _ROW * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "datasource": source, "expr": expression}],
    }


def _check_on(answers: Answers) -> None:
    if not answers.features.is_on(FEATURE):
        raise AnswersError(
            say("this server gives no figures"),
            say("Switch them on first: xmpp-wizard apply --set features.metrics.enabled=true"),
        )
