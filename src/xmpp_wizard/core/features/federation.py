"""Talking with other servers (RFC 6120): all of them, chosen ones, or none; always asked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Port, Reference, Remove, Set, Settings, Site
from xmpp_wizard.core.kit.records import federation_records
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.names import Domain
from xmpp_wizard.core.text import WrongValueError, say
from xmpp_wizard.core.values import AbsolutePath

ROOTS = "trusted-roots.pem"


class FederationAnswers(Model):
    """Other servers."""

    mode: Literal["open", "list", "off"] = Field(
        default="open",
        title="Talk with other servers",
        description="open: all of them. list: only those in allow. off: none; then no push to phones either.",
    )
    allow: tuple[Domain, ...] = Field(
        default=(),
        title="Servers to talk with",
        description="For mode = list: their domains, and their services' names such as groups.example.org.",
        examples=[["example.net", "groups.example.net"]],
    )
    insecure_servers: tuple[Domain, ...] = Field(
        default=(),
        title="Servers with wrong certificates",
        description="Exceptions: these may prove themselves by DNS alone. Still encrypted, but open to impostors.",
        examples=[["example.net"]],
    )
    trusted_roots: AbsolutePath | None = Field(
        default=None,
        title="Further trusted authorities",
        description="PEM file with root certificates that are trusted beside the usual ones, such as another home's.",
        examples=["/root/home-of-bob.pem"],
    )

    @field_validator("allow")
    @classmethod
    def _goes_with_the_mode(cls, allow: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        mode = info.data.get("mode")
        if mode == "list" and not allow:
            raise WrongValueError(
                say('mode = "list" needs at least one server in allow; to talk with none, say mode = "off"')
            )
        if mode in ("open", "off") and allow:
            raise WrongValueError(say('only used with mode = "list", but mode is "{mode}"', mode=mode))
        return allow


def contribute(answers: FederationAnswers, site: Site) -> Contribution:
    """Return the port for servers and who may use it; or close whatever else is open for servers."""
    if answers.mode == "off":
        return Contribution(
            modules_everywhere=Modules(remove=("dialback", "muc_rtbl", "s2s", "s2s_bidi")),
            settings={"s2s_direct_tls_ports": Remove((site.server_tls_port,))},
            closed_ports=(site.server_port, site.server_tls_port),
            shuts_servers_out=True,
        )
    is_list = answers.mode == "list"
    return Contribution(
        # dialback stays even where certificates are demanded: peers that check a certificate's purpose need it
        modules=Modules(core=("dialback", "s2s_bidi")),
        # on components too, which other servers reach by themselves
        modules_everywhere=Modules(community=("federation_allow",)) if is_list else Modules(),
        settings={
            "s2s_ports": Set((site.server_port,)),
            **({"federation_allow": Set(answers.allow)} if is_list else {}),
            **({"s2s_insecure_domains": Set(answers.insecure_servers)} if answers.insecure_servers else {}),
            **_trust(answers),
        },
        ports=(Port(site.server_port, say("other servers"), tls="starttls-server"),),
        records=federation_records(site, site.domain),
        references=(
            (Reference(answers.trusted_roots, ROOTS, "features.federation.trusted_roots", holds_certificates=True),)
            if answers.trusted_roots
            else ()
        ),
    )


def _trust(answers: FederationAnswers) -> Settings:
    """Return Prosody's TLS options for servers: OpenSSL reads ``cafile`` beside the system's own folder, which stays.

    Not the option ``ssl``, which is everybody's: a file that is no certificate would then shut out apps, too.
    """
    if not answers.trusted_roots:
        return {}
    roots = Set({"cafile": f"/etc/prosody/{ROOTS}"})
    return {"s2s_ssl": roots, "s2s_direct_tls_ssl": roots}


FEATURE = Feature(
    name="federation",
    title=say("Other servers"),
    summary=say("Your people can talk with people on other servers."),
    settings=FederationAnswers,
    contribute=contribute,
    xeps=("RFC 6120", "XEP-0220", "XEP-0288"),
)
