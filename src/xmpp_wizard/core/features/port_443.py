"""Everything on one port: HTTPS and apps, told apart by ALPN (XEP-0368, mod_net_multiplex)."""

from __future__ import annotations

from xmpp_wizard.core.kit import web
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, ProofStep, Remove, Set, Site
from xmpp_wizard.core.kit.records import service_record
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))


class Port443Answers(Switchable):
    """Apps on the port of the web."""


def contribute(_answers: Port443Answers, site: Site) -> Contribution:
    """Return the shared port in place of Prosody's HTTPS port.

    Servers are never sent here: the port asks for no client certificate, so they could not prove who they are.
    ``multiplex_ssl_host`` stays unset for names that Prosody serves: it takes the domain's own certificate away.
    """
    if site.has_front:  # it knows nothing of XMPP
        return Contribution()
    port = site.https_port
    return Contribution(
        # http, too: where nothing else loads it, nobody would listen on the web port inside this machine
        modules=Modules(core=("http", "net_multiplex")),
        settings={
            "ports": Set(()),
            "ssl_ports": Set((port,)),
            "https_ports": Remove((port,)),
            # with no web port but the shared one, Prosody reports every page as unreachable, as an error
            "http_ports": Set((site.local_http_port,)),
            "http_interfaces": Set((site.local_address,)),
        },
        proofs=(ProofStep("https_port", say("Log in (the web's port)"), prove_shared_port),),
        ports=(
            web.https_port(site),
            web.local_port(site),
        ),
        records=(service_record("xmpps-client", site.domain, 20, port, is_required=False),),
    )


async def prove_shared_port(bench: Bench) -> Text:
    """Log in on the port of the web, told apart by ALPN."""
    async with bench.log_in(bench.alice, "https-port") as session:
        return say("port {port}, {tls}", port=bench.ports()["https-port"], tls=session.tls_version)


FEATURE = Feature(
    name="port_443",
    title=say("Apps on the web's port"),
    summary=say("Chat also gets through where a hotel or an office lets only the web through."),
    settings=Port443Answers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0368",),
)
