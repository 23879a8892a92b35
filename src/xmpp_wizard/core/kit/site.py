"""Where a feature is switched on."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.names import ascii_name

HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Site:
    """The virtual host that a feature contributes to, and the host's network, as far as features need them."""

    domain: str
    """The virtual host, as in addresses of its people (U-labels)."""
    title: str
    """The server's own name, for pages and lists."""
    admins: tuple[str, ...]
    """Bare addresses."""
    web_host: str
    """The name under which HTTPS is reached."""
    https_port: int
    client_port: int
    client_tls_port: int
    server_port: int
    server_tls_port: int
    local_http_port: int
    local_address: str
    """A loopback address."""
    has_front: bool = False
    """Whether another web server has the web's port and passes pages on."""
    main_domain: str = ""
    """The first domain of the server."""
    listen: tuple[str, ...] = ()
    """The addresses that the server listens on; empty: all."""
    federates: bool = True
    """Whether its people may talk with other servers, if the server does so at all."""

    @property
    def is_main(self) -> bool:
        """Whether it is the first domain of the server; a name chosen for a service is meant for this one."""
        return self.domain == self.main_domain

    def service_host(self, label: str, chosen: str | None) -> str:
        """Return the name of a service: the ``chosen`` one on the main domain, else ``label.`` below the domain."""
        return chosen if chosen and self.is_main else f"{label}.{self.domain}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether the domain itself leads to another machine, such as one with a website."""
        return self.web_host != self.domain

    @property
    def web_url(self) -> str:
        """``https://…/`` of this host, with the port where it is not the usual one."""
        return self.url(self.web_host)

    def url(self, host: str) -> str:
        """Return ``https://host/`` in A-labels, with the port where it is not the usual one."""
        port = "" if self.https_port == HTTPS_PORT else f":{self.https_port}"
        return f"https://{ascii_name(host)}{port}/"
