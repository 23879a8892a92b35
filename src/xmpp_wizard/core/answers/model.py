"""Everything a person can say about a server, validated once; its JSON Schema, forms and docs come from here."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import Field, ValidationInfo, create_model, field_validator

from xmpp_wizard.core.acme.answers import AcmeAnswers
from xmpp_wizard.core.addresses import Admin
from xmpp_wizard.core.dns.answers import DnsAnswers
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit.feature import Feature, Preset
from xmpp_wizard.core.model import Model, OrByLevel, Switchable
from xmpp_wizard.core.names import OwnDomain
from xmpp_wizard.core.network.answers import NetworkAnswers
from xmpp_wizard.core.notify import NotifyAnswers
from xmpp_wizard.core.storage.answers import StorageAnswers
from xmpp_wizard.core.text import WrongValueError, say
from xmpp_wizard.core.values import AbsolutePath, SecretPath

SCHEMA_VERSION = 1


class SecurityAnswers(Model):
    """How strict the server is."""

    level: Literal["compatible", "recommended", "strict"] = Field(
        default="recommended",
        title="Security level",
        description="compatible: old apps and badly run servers still work; recommended; strict: newest apps only.",
    )
    log_level: OrByLevel[Literal["debug", "info", "warn", "error"]] = Field(
        default=None,
        title="What is logged",
        description="Left out, the security level decides. debug shows messages' addresses: only to find a fault.",
        examples=["info"],
    )


class CertificateFile(Model):
    """One certificate that you already have."""

    chain_file: AbsolutePath = Field(
        title="Certificate chain",
        description="PEM file with the certificate and its intermediates, such as fullchain.pem.",
    )
    key_file: SecretPath = Field(title="Private key", description="PEM file with its private key, without a password.")


class CertificateAnswers(Model):
    """Where certificates come from."""

    source: Literal["local", "files", "acme"] = Field(
        default="local",
        title="Certificates",
        description="local: an authority on this machine, which phones must trust once. acme: a public authority such "
        "as Let's Encrypt. files: ones that you have.",
    )
    store: AbsolutePath | None = Field(
        default=None,
        title="Another program's certificates",
        description="For source = files: certbot's folder /etc/letsencrypt/live, Caddy's folder certificates, or "
        "Traefik's acme.json. New ones are taken over by themselves.",
        examples=["/etc/letsencrypt/live"],
    )
    files: tuple[CertificateFile, ...] = Field(
        default=(),
        title="Your certificates",
        description="For source = files: which ones; together they must be for all names.",
        examples=[[{"chain_file": "/etc/ssl/example.org/fullchain.pem", "key_file": "/etc/ssl/example.org/key.pem"}]],
    )

    acme: AcmeAnswers = Field(default=AcmeAnswers(), title="Public authority")

    @field_validator("files")
    @classmethod
    def _files_are_named(cls, files: tuple[CertificateFile, ...], info: ValidationInfo) -> tuple[CertificateFile, ...]:
        if info.data.get("source") == "files" and not files and not info.data.get("store"):
            raise WrongValueError(
                say('source = "files" needs at least one [[certificates.files]] with chain_file and key_file')
            )
        return files


class FeaturesBase(Model):
    """What people get."""

    preset: Preset = Field(
        default="family",
        title="Preset",
        description="What is switched on unless said otherwise below: minimal, family, company or public.",
    )

    def of(self, feature: Feature[Any]) -> Model:
        """Return the answers of ``feature``."""
        answers = getattr(self, feature.name)
        settings: type[Model] = feature.settings
        if not isinstance(answers, settings):
            raise TypeError(feature.name)
        return answers

    def is_on(self, feature: Feature[Any]) -> bool:
        """Say whether ``feature`` is switched on, by its answer or else by the preset."""
        answers = self.of(feature)
        if not isinstance(answers, Switchable):
            return True
        return self.preset in feature.presets if answers.enabled is None else answers.enabled


class Answers(Model):
    """The answers for one server. Everything but the domain has a default that is right for a family on a Pi."""

    version: Literal[1] = Field(
        default=1, title="Version of this file", description="The form of this file; written by the program."
    )
    domain: OwnDomain = Field(
        title="Domain",
        description="The part behind the @ of everybody's address, such as example.org.",
        examples=["example.org"],
    )
    extra_domains: tuple[OwnDomain, ...] = Field(
        default=(),
        title="More domains",
        description="Further domains with people of their own on this server.",
        examples=[["example.net"]],
    )
    inside_domains: tuple[OwnDomain, ...] = Field(
        default=(),
        title="Domains for talks inside",
        description="Those of your domains whose people talk only with people of this server, as children may. "
        "In public channels of your other domains they can still meet strangers.",
        examples=[["kids.example.org"]],
    )
    title: str = Field(
        default="", max_length=60, title="The server's own name", description="For pages and lists; empty: the domain."
    )
    admins: tuple[Admin, ...] = Field(
        default=(),
        title="Admins",
        description="Who may administer the server from their app; names on the domain, or whole addresses.",
        examples=[["alice"]],
    )
    features: FeaturesBase = Field(default_factory=FeaturesBase, title="Features", description="What people get.")
    storage: StorageAnswers = Field(default=StorageAnswers(), title="Storage")
    security: SecurityAnswers = Field(default=SecurityAnswers(), title="Security")
    certificates: CertificateAnswers = Field(default=CertificateAnswers(), title="Certificates")
    dns: DnsAnswers = Field(default=DnsAnswers(), title="DNS")
    network: NetworkAnswers = Field(default=NetworkAnswers(), title="Network")
    notify: NotifyAnswers = Field(default=NotifyAnswers(), title="Being told")

    @field_validator("extra_domains")
    @classmethod
    def _domains_differ(cls, extra: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        domains = (info.data.get("domain"), *extra)
        double = next((domain for domain in extra if domains.count(domain) > 1), "")
        if double:
            raise WrongValueError(say("the domain {double} is given twice", double=double))
        return extra

    @field_validator("inside_domains")
    @classmethod
    def _insides_are_ours(cls, inside: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        ours = (info.data.get("domain"), *info.data.get("extra_domains", ()))
        for domain in inside:
            if domain not in ours:
                raise WrongValueError(say("{domain} is not among the domains of this server", domain=domain))
        return inside

    @field_validator("title")
    @classmethod
    def _title_is_visible(cls, title: str) -> str:
        if not title.isprintable():
            raise WrongValueError(say("has a line break or another invisible sign in it"))
        return title

    @property
    def domains(self) -> tuple[str, ...]:
        """All virtual hosts, the main one first."""
        return (self.domain, *self.extra_domains)

    @property
    def admin_addresses(self) -> tuple[str, ...]:
        """Bare addresses of the admins, in the order of the answers, each once."""
        whole = (admin if "@" in admin else f"{admin}@{self.domain}" for admin in self.admins)
        return tuple(dict.fromkeys(whole))


@cache
def features_model() -> type[FeaturesBase]:
    """Return the model of ``[features]``: the preset and one group for each feature."""
    fields: dict[str, Any] = {
        feature.name: (
            feature.settings,
            Field(default_factory=feature.settings, title=str(feature.title), description=str(feature.summary)),
        )
        for feature in all_features()
    }
    return create_model("Features", __base__=FeaturesBase, __doc__=FeaturesBase.__doc__, **fields)


@cache
def answers_model() -> type[Answers]:
    """Return the model of the whole answer file, with the features that this program has."""
    field = Field(default_factory=features_model(), title="Features", description="What people get.")
    return create_model("Answers", __base__=Answers, __doc__=Answers.__doc__, features=(features_model(), field))
