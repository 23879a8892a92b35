"""Builds the real world. Nobody else imports the effects."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager

from xmpp_wizard.core.kit.bench import Account, Bench
from xmpp_wizard.core.ports import World


def world() -> World:
    """Return the real world; nothing is connected or opened yet."""
    from xmpp_wizard.effects.acme_ca import AcmeAuthorities  # noqa: PLC0415 --version loads none of it
    from xmpp_wizard.effects.appliance import ShippedAppliance  # noqa: PLC0415 --version loads none of it
    from xmpp_wizard.effects.background import ForkedBackground  # noqa: PLC0415
    from xmpp_wizard.effects.clock import SystemClock  # noqa: PLC0415
    from xmpp_wizard.effects.disk import DiskFiles  # noqa: PLC0415
    from xmpp_wizard.effects.dns_providers import NetworkDnsProviders  # noqa: PLC0415
    from xmpp_wizard.effects.docker_engine import DockerContainers  # noqa: PLC0415
    from xmpp_wizard.effects.entropy import SystemEntropy  # noqa: PLC0415
    from xmpp_wizard.effects.firewall import HostFirewall  # noqa: PLC0415
    from xmpp_wizard.effects.line import HostLine  # noqa: PLC0415
    from xmpp_wizard.effects.local_authority import LocalAuthority  # noqa: PLC0415
    from xmpp_wizard.effects.lock import FileLock  # noqa: PLC0415
    from xmpp_wizard.effects.notifier import HostNotifier  # noqa: PLC0415
    from xmpp_wizard.effects.probe import StreamProbe  # noqa: PLC0415
    from xmpp_wizard.effects.resolver import NetworkResolver  # noqa: PLC0415
    from xmpp_wizard.effects.router import HostRouter  # noqa: PLC0415
    from xmpp_wizard.effects.sockets import ProcSockets  # noqa: PLC0415
    from xmpp_wizard.effects.surroundings import HostSurroundings  # noqa: PLC0415
    from xmpp_wizard.effects.systemd import HostServices  # noqa: PLC0415
    from xmpp_wizard.effects.web_files import HttpsFiles  # noqa: PLC0415
    from xmpp_wizard.effects.web_pages import HttpPages  # noqa: PLC0415
    from xmpp_wizard.effects.web_servers import HostWebServers  # noqa: PLC0415

    return World(
        files=DiskFiles(),
        containers=DockerContainers(),
        authority=LocalAuthority(),
        clock=SystemClock(),
        entropy=SystemEntropy(),
        lock=FileLock(),
        sockets=ProcSockets(),
        web_servers=HostWebServers(),
        probe=StreamProbe(),
        benches=_LazyBenches(),
        background=ForkedBackground(),
        appliance=ShippedAppliance(),
        surroundings=HostSurroundings(),
        resolver=NetworkResolver(),
        dns_providers=NetworkDnsProviders(),
        web_pages=HttpPages(),
        web_files=HttpsFiles(),
        services=HostServices(),
        notifier=HostNotifier(),
        firewall=HostFirewall(),
        line=HostLine(),
        router=HostRouter(),
        acme=AcmeAuthorities(),
        responder=_LazyResponder(),
        tls_responder=_LazyTlsResponder(),
        user=_user(),
    )


class _LazyBenches:
    """Loads the clients only when something is to be proven: they cost more than all the rest together."""

    def open(
        self,
        domain: str,
        accounts: tuple[Account, Account],
        addresses: Mapping[str, tuple[str, int]],
        roots: bytes,
        invitation: str = "",
    ) -> AbstractAsyncContextManager[Bench]:
        from xmpp_wizard.effects.xmpp_client import SlixmppBenches  # noqa: PLC0415

        return SlixmppBenches().open(domain, accounts, addresses, roots, invitation)


class _LazyResponder:
    """Loads the web server only for an order."""

    def serve(self, addresses: Sequence[str], proofs: Mapping[str, str]) -> AbstractContextManager[Sequence[str]]:
        from xmpp_wizard.effects.http01 import HttpResponder  # noqa: PLC0415

        return HttpResponder().serve(addresses, proofs)


class _LazyTlsResponder:
    """Loads its libraries only for an order."""

    def hindrance(self, name: str) -> str:
        from xmpp_wizard.effects.aside import hindrance  # noqa: PLC0415

        return hindrance(name)

    def serve(
        self, addresses: Sequence[str], proofs: Mapping[str, str], past: str = ""
    ) -> AbstractContextManager[Sequence[str]]:
        from xmpp_wizard.effects.tls_alpn import TlsAlpnResponder  # noqa: PLC0415

        return TlsAlpnResponder().serve(addresses, proofs, past)

    def tidy(self, name: str) -> None:
        from xmpp_wizard.effects.aside import tidy  # noqa: PLC0415

        tidy(name)


def _user() -> str:
    """Return who asked: the name behind sudo, else that of the process; its number where it has no name."""
    behind_sudo = os.environ.get("SUDO_USER")
    if behind_sudo:
        return behind_sudo
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
