"""Direct TLS (XEP-0368): encrypted from the first byte, for apps and for servers."""

from __future__ import annotations

from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Add, Contribution, Feature, Port, ProofStep, Site
from xmpp_wizard.core.kit.records import server_tls_records, service_record
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.text import Text, say


class DirectTlsAnswers(Switchable):
    """Encrypted from the first byte."""


def contribute(_answers: DirectTlsAnswers, site: Site) -> Contribution:
    """Return a port for apps and one for servers, each beside the one with STARTTLS."""
    return Contribution(
        settings={
            "c2s_direct_tls_ports": Add((site.client_tls_port,)),
            "s2s_direct_tls_ports": Add((site.server_tls_port,)),
        },
        proofs=(ProofStep("direct_tls", say("Log in (Direct TLS)"), prove_direct_tls),),
        ports=(
            Port(site.client_tls_port, say("apps, TLS at once"), tls="direct"),
            Port(site.server_tls_port, say("other servers, TLS at once"), tls="direct"),
        ),
        records=(
            service_record("xmpps-client", site.domain, 5, site.client_tls_port, is_required=False),
            *server_tls_records(site, site.domain),
        ),
    )


async def prove_direct_tls(bench: Bench) -> Text:
    """Log in on the port that is encrypted from the first byte."""
    async with bench.log_in(bench.alice, "direct-tls") as session:
        return say("port {port}, {tls}", port=bench.ports()["direct-tls"], tls=session.tls_version)


FEATURE = Feature(
    name="direct_tls",
    title=say("Direct TLS"),
    summary=say("Connections encrypted from the first byte: quicker, and harder to tamper with."),
    settings=DirectTlsAnswers,
    contribute=contribute,
    xeps=("XEP-0368",),
)
