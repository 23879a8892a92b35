"""What each virtual host is told of the server that it is on."""

from __future__ import annotations

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.kit.feature import Site


def sites(answers: Answers) -> tuple[Site, ...]:
    """Return one site for each virtual host."""
    network = answers.network
    return tuple(
        Site(
            domain=domain,
            title=answers.title or domain,
            admins=answers.admin_addresses,
            web_host=(network.host if domain == answers.domain else None) or domain,
            https_port=network.https_port,
            client_port=network.client_port,
            client_tls_port=network.client_tls_port,
            server_port=network.server_port,
            server_tls_port=network.server_tls_port,
            local_http_port=network.local_http_port,
            local_address=network.local_address,
            has_front=network.web_server != "own",
            main_domain=answers.domain,
            listen=network.listen,
            federates=domain not in answers.inside_domains,
        )
        for domain in answers.domains
    )
