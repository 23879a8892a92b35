"""What a person can say about the way between the server and the world: addresses, ports, who opens the way."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from xmpp_wizard.core.model import LeftOut, Model, OrChosen
from xmpp_wizard.core.names import OwnDomain
from xmpp_wizard.core.network.front import WebServerAnswer
from xmpp_wizard.core.network.router import Family
from xmpp_wizard.core.text import WrongValueError, say
from xmpp_wizard.core.values import IpAddress, PortNumber, Resolver


def _family(address: str) -> Family:
    return "IPv6" if ":" in address else "IPv4"


class NetworkAnswers(Model):
    """Addresses and ports."""

    listen: Annotated[tuple[IpAddress, ...], LeftOut(say("all addresses"))] = Field(
        default=(),
        title="Addresses to listen on",
        description="Addresses of this machine; none means all of them.",
        examples=[["192.168.1.5", "2001:db8::5"]],
    )
    host: OrChosen[OwnDomain] = Field(
        default=None,
        title="Name of this machine",
        description="Where services lead; left out: the domain. For a domain whose website is elsewhere.",
        examples=["xmpp.example.org"],
    )
    public_addresses: Annotated[tuple[IpAddress, ...], LeftOut(say("decided for you"))] = Field(
        default=(),
        title="Addresses seen from outside",
        description="What DNS must say; none means those of this machine, or of your line where it has no public one.",
        examples=[["203.0.113.5"]],
    )
    resolvers: Annotated[tuple[Resolver, ...], LeftOut(say("those of this machine"))] = Field(
        default=(),
        title="DNS resolvers",
        description="Addresses, each with @port where it is not 53; none means those of this machine.",
        examples=[["192.168.1.1", "127.0.0.1@5353"]],
    )
    open_firewall: bool = Field(
        default=False,
        title="Open the firewall",
        description="Where this machine's firewall (nftables, ufw, firewalld) keeps people out of the server's "
        "ports, exactly those are opened; an undo or uninstall closes them again.",
    )
    open_router: bool = Field(
        default=False,
        title="Open the router",
        description="A router that takes orders (UPnP, PCP, NAT-PMP) is told to forward the server's ports to "
        "this machine, and to let them in over IPv6 (where there is no IPv4 address of one's own, the only way), each "
        "order for a day and again every hour; an undo or uninstall takes them back.",
    )
    client_port: PortNumber = Field(default=5222, title="Port for apps", description="XMPP with STARTTLS.")
    client_tls_port: PortNumber = Field(default=5223, title="Port for apps, TLS at once", description="Direct TLS.")
    server_port: PortNumber = Field(default=5269, title="Port for other servers", description="XMPP with STARTTLS.")
    server_tls_port: PortNumber = Field(
        default=5270, title="Port for other servers, TLS at once", description="Direct TLS."
    )
    https_port: PortNumber = Field(
        default=443, title="Port for web, uploads and invitations", description="HTTPS, and XMPP beside it."
    )
    local_http_port: PortNumber = Field(
        default=5280,
        title="Port for the web inside this machine",
        description="Plain HTTP, on a loopback address only.",
    )

    local_http_address: OrChosen[IpAddress] = Field(
        default=None,
        title="Address for the web inside this machine",
        description="Left out: a loopback address. For a web server in a container: the address that this machine has "
        "in that container's network.",
        examples=["172.18.0.1"],
    )

    web_server: WebServerAnswer = Field(
        default="own",
        title="Web server",
        description="own: this server has the web's port itself. nginx, apache, caddy: that program on this machine "
        "has it; one file is written for it. other: another program, which you tell what to pass on.",
    )

    @property
    def local_address(self) -> str:
        """The address for what only this machine may reach; one of ``listen`` if any, so that two servers differ."""
        if self.local_http_address is not None:
            return self.local_http_address
        loopback = (address for address in self.listen if address.startswith("127.") or address == "::1")
        return next(loopback, "127.0.0.1")

    @property
    def opened_ways(self) -> tuple[Family, ...]:
        """Over what people come in through a router that is to be told: as the server listens and DNS leads them."""
        ways: tuple[Family, ...] = ("IPv4", "IPv6") if self.open_router else ()
        limits = [{_family(address) for address in named} for named in (self.listen, self.public_addresses) if named]
        return tuple(way for way in ways if all(way in limit for limit in limits))

    @field_validator("local_http_address")
    @classmethod
    def _address_is_inside(cls, address: str | None) -> str | None:
        if address is not None and not ip_address(address).is_private:
            raise WrongValueError(
                say("{address} can be reached from outside; plain HTTP needs one that cannot", address=address)
            )
        return address

    @field_validator("client_tls_port", "server_port", "server_tls_port", "https_port", "local_http_port")
    @classmethod
    def _port_is_free(cls, port: int, info: ValidationInfo) -> int:
        taken = next((name for name, value in info.data.items() if value == port), "")
        if taken:
            raise WrongValueError(
                say("port {port} is already network.{taken}; each service needs one of its own", port=port, taken=taken)
            )
        return port
