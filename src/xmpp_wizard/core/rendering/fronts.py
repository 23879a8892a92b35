"""What a web server in front of ours is told: in a file of its own, or in lines that a person copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from xmpp_wizard.core.kit.web import network_of
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.front import PROGRAMS, Front
from xmpp_wizard.core.rendering.templates import compiled
from xmpp_wizard.core.target import CertificateSource, File
from xmpp_wizard.core.wanted.desired import Desired


def front_files(front: Front, templates: Mapping[str, str], layout: Layout) -> tuple[File, ...]:
    """Return the one file that the web server in front reads for us; none for one that a person tells."""
    program = PROGRAMS.get(front.kind)
    if program is None:
        return ()
    text = front_text(front, templates[program.template], layout)
    return (File(layout.front_file(program), text, 0o644, (0, 0), reader=front.kind),)


def front_text(front: Front, template: str, layout: Layout, folders: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the lines for a web server, after its ``template``; ``folders`` of its container are path → ours."""
    addresses = tuple(f"[{address}]" if ":" in address else address for address in front.addresses)
    return compiled(template).render(
        sites=front.sites,
        addresses=addresses,
        port=front.port,
        upstream=front.upstream,
        certificates=str(layout.certificates / "live"),
        certified=front.certified,
        challenges=str(layout.challenges),
        modules=str(layout.root / "usr/lib/apache2/modules"),
        folders=folders,
        network=", ".join(network_of(front.upstream.rpartition(":")[0].strip("[]"))),
        apply=layout.command("apply"),
    )


def certificate_source(desired: Desired, layout: Layout) -> CertificateSource:
    """Return where certificates come from; a web server in front answers for us where our file tells it to."""
    source = desired.certificate_source
    if source.acme is None or source.acme.webroot or desired.front is None or desired.front.kind not in PROGRAMS:
        return source
    return replace(source, acme=replace(source.acme, webroot=str(layout.challenges)))
