"""Figures of the server for Prometheus and its kind (OpenMetrics), inside this machine only."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from xmpp_wizard.core.kit import web
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset()
PATH = "metrics"
INSIDE = ("127.0.0.1", "::1")
"""Who may read them: Prosody would answer anybody from an allowed address, also on the port for the web."""


class MetricsAnswers(Switchable):
    """Figures for those who watch their servers with Prometheus and Grafana; nothing leaves this machine by itself."""


def contribute(_answers: MetricsAnswers, site: Site) -> Contribution:
    """Return the page of figures; they are gathered when somebody asks, not by a clock."""
    return Contribution(
        modules=Modules(core=("http_openmetrics",)),
        settings={
            "statistics": Set("internal"),
            "statistics_interval": Set("manual"),
            "openmetrics_allow_ips": Set(INSIDE),
            "http_ports": Set((site.local_http_port,)),
            "http_interfaces": Set((site.local_address,)),
        },
        ports=(web.local_port(site),),
        proofs=(ProofStep("metrics", say("Figures for Prometheus"), partial(prove_metrics, url(site))),),
    )


def url(site: Site) -> str:
    """Return where the figures are, inside this machine."""
    address = f"[{site.local_address}]" if ":" in site.local_address else site.local_address
    return f"http://{address}:{site.local_http_port}/{PATH}"


async def prove_metrics(place: str, bench: Bench) -> Text:
    """Read the figures while somebody is logged in, and find that one among them."""
    async with bench.log_in(bench.alice):
        answer = await bench.http("GET", place)
    text = answer.body.decode(errors="replace")
    if answer.status != HTTPStatus.OK or "prosody_mod_c2s__connections" not in text:
        raise failed(say("{url} gives no figures (status {status})", url=place, status=answer.status))
    return say("{count} figures", count=sum(not line.startswith("#") for line in text.splitlines()))


FEATURE = Feature(
    name="metrics",
    title=say("Figures for Prometheus"),
    summary=say("Prometheus on this machine can watch the server; Grafana draws it."),
    settings=MetricsAnswers,
    contribute=contribute,
    presets=PRESETS,
)
