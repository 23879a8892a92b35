"""A small server, and a host on which all of it is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from xmpp_wizard.core.certificates.certificate import CertificateRequest, ObservedCertificate
from xmpp_wizard.core.kit.feature import ContainerSpec, Health, SecretFile
from xmpp_wizard.core.network.openings import Opening
from xmpp_wizard.core.observed import Observed, ObservedContainer, ObservedFile
from xmpp_wizard.core.planning.containers import to_load
from xmpp_wizard.core.planning.files import content_hash
from xmpp_wizard.core.target import Bind, CertificateSource, Container, File, Folder, KeptSecret, Target

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GROUP = (0, 5222)
CONTAINER = Container(
    spec=ContainerSpec(name="prosody", image="prosody", config_check=("check",), user_id=5222),
    binds=(Bind("/e/p", "/etc/prosody", is_writable=False),),
    project="xw",
    tag="xmpp-wizard/prosody:1",
    config_hash="c1",
    restart_hash="r1",
    reload_hash="l1",
    health=Health("127.0.0.1", 5222, "a.example"),
    uses_certificates=True,
)
TARGET = Target(
    domains=("a.example",),
    folders=(Folder("/e", 0o755, (0, 0)), Folder("/e/p", 0o750, GROUP)),
    files=(File("/e/p/prosody.cfg.lua", "new", 0o640, GROUP),),
    copies=(),
    secrets=(KeptSecret(SecretFile("upload"), "/e/p/upload", GROUP),),
    certificates=(CertificateRequest("a.example", ("a.example", "groups.a.example")),),
    certificate_source=CertificateSource("local"),
    containers=(CONTAINER,),
    openings=(Opening("", 5222, "tcp", "prosody", "starttls-client", is_public=True, purpose="apps"),),
    pinned={},
)
CERTIFICATE = ObservedCertificate(
    names=("a.example", "groups.a.example"),
    not_before=NOW - timedelta(days=10),
    not_after=NOW + timedelta(days=80),
    issuer="CN=ours",
    serial=7,
    sha256="f",
)
RUNNING = ObservedContainer("xw-prosody", "id1", "xmpp-wizard/prosody:1", "c1", True, "t", 0, "healthy")  # noqa: FBT003
FRESH = Observed(now=NOW, free_bytes=9_000_000_000)


def settled(target: Target = TARGET) -> Observed:
    """Return a host that is just as ``target`` says."""
    observed = replace(
        FRESH,
        generation=3,
        domains=target.domains,
        files={
            **{bind.source: ObservedFile("", 0o750, GROUP, is_folder=True) for bind in target.containers[0].binds},
            **{folder.path: ObservedFile("", folder.mode, folder.owner, is_folder=True) for folder in target.folders},
            **{file.path: ObservedFile(content_hash(file.text), file.mode, file.owner) for file in target.files},
            **{secret.path: ObservedFile("s", secret.mode, secret.owner) for secret in target.secrets},
        },
        written={file.path: (content_hash(file.text),) for file in target.files},
        certificate_generation=2,
        certificates={"a.example": CERTIFICATE},
        authority="CN=ours",
        images=frozenset({CONTAINER.tag}),
        containers={"xw-prosody": RUNNING},
    )
    loaded = to_load(target.containers[0], target, observed, will_publish=False)
    return replace(observed, loaded={"xw-prosody": loaded})
