"""The Prosody container itself: what is the same whatever the features are."""

from __future__ import annotations

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.kit.feature import ContainerSpec, Contribution, Health, Modules, Mount, Port, Set
from xmpp_wizard.core.layout import PROSODY_ID
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.text import say

CONFIG = "/etc/prosody"
CERTIFICATES = "/certs"
DATA = "/var/lib/prosody"
SECRETS = "/secrets"


def health(answers: Answers) -> Health:
    """Return where the server can be probed on this machine."""
    address = answers.network.listen[0] if answers.network.listen else "127.0.0.1"
    return Health(address, answers.network.client_port, answers.domain)


def contribution(answers: Answers, password_hash: str) -> Contribution:
    """Return the process options, the port for apps and the container (Prosody 13, ``prosody.cfg.lua``)."""
    network = answers.network
    return Contribution(
        modules=Modules(community=("head_count",)),
        settings={
            "pidfile": Set("/run/prosody/prosody.pid"),
            "data_path": Set(DATA),
            # live leads to one generation: with old certificates beside new ones Prosody picks either
            "certificates": Set(f"{CERTIFICATES}/live"),
            "admins": Set(answers.admin_addresses),
            "prosodyctl_service_warnings": Set(value=False),
            "interfaces": Set(network.listen or ("*", "::")),
            "c2s_ports": Set((network.client_port,)),
            # whatever listens is contributed by a feature
            "c2s_direct_tls_ports": Set(()),
            "s2s_ports": Set(()),
            "s2s_direct_tls_ports": Set(()),
            "http_ports": Set(()),
            "https_ports": Set(()),
            "tcp_keepalives": Set(value=True),
            # the default of 4096 holds uploads at 5 MB/s
            "network_default_read_size": Set(65536),
            # what TLS still holds is read at once; by default each such piece of an upload waits a millisecond
            "network_settings": Set({"min_wait": 0}),
            "unbound": Set(_resolving(answers)),
            "authentication": Set("internal_hashed"),
            "password_hash": Set(password_hash),
            "gc": Set({"mode": "generational"}),
        },
        ports=(Port(network.client_port, say("apps"), tls="starttls-client"),),
        containers=(_container(answers),),
    )


def _resolving(answers: Answers) -> dict[str, LuaValue]:
    if not answers.network.resolvers:
        return {"resolvconf": True, "hoststxt": False}
    return {"resolvconf": False, "hoststxt": False, "forward": answers.network.resolvers}


def _container(answers: Answers) -> ContainerSpec:
    where = health(answers)
    return ContainerSpec(
        name="prosody",
        image="prosody",
        mounts=(
            Mount("config", CONFIG),
            Mount("data", DATA, is_writable=True),
            Mount("certificates", CERTIFICATES),
            Mount("secrets", SECRETS),
        ),
        environment={
            "HEALTH_ADDRESS": where.address,
            "HEALTH_PORT": str(where.port),
            "HEALTH_DOMAIN": ascii_name(where.domain),
        },
        # to become uid 5222 with the one capability left that binds 443
        capabilities=("NET_BIND_SERVICE", "SETGID", "SETPCAP", "SETUID"),
        tmpfs={"/run/prosody": f"uid={PROSODY_ID},gid={PROSODY_ID},mode=0750,size=1m", "/tmp": "mode=1777,size=64m"},  # noqa: S108 the container's own
        memory_mb=1024,
        # 1: a file cannot be read as Lua; 2: only advice
        config_check=("sh", "/usr/local/bin/prosody-check"),
        user_id=PROSODY_ID,
    )
