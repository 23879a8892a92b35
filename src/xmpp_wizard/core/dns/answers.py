"""What a person can say about DNS: who keeps the records, and how this program may change them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.dns.operators import EVERYBODYS
from xmpp_wizard.core.model import Model, OrChosen
from xmpp_wizard.core.names import OwnDomain, ascii_name
from xmpp_wizard.core.values import ApiUrl, HoldsSecret, HttpsUrl, Resolver, SecretPath

ProviderName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
OptionText = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+=.+$", max_length=500)]
OptionFile = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+=/.+$", max_length=500), HoldsSecret()]
Algorithm = Literal["hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1", "hmac-md5"]


class DnsAnswers(Model):
    """Who keeps your DNS records, if this program shall enter them for you."""

    provider: ProviderName = Field(
        default="none",
        title="DNS provider",
        description="none: you enter records yourself. rfc2136: a name server with a key. Else a provider, as desec.",
        examples=["desec"],
    )
    token_file: SecretPath | None = Field(
        default=None,
        title="File with the provider's token",
        description="Made at your provider, for its programming interface (API); alone on the file's first line.",
        examples=["/root/dns-token.txt"],
    )
    enters_records: bool = Field(
        default=False,
        title="Enter records by itself",
        description="At each apply that changes them, without asking again; records of others stay.",
    )
    options: tuple[OptionText, ...] = Field(
        default=(),
        title="What the provider wants beside the token",
        description="As lexicon calls it, each as name=value; nothing secret.",
        examples=[["auth_username=alice"]],
    )
    secret_options: tuple[OptionFile, ...] = Field(
        default=(),
        title="More secrets that the provider wants",
        description="Each as name=/path of a file that holds it.",
        examples=[["auth_secret=/root/dns-secret.txt"]],
    )
    zone: OrChosen[OwnDomain] = Field(
        default=None,
        title="Zone",
        description="The only zone that may be changed; left out: the zones that your domains lie in.",
        examples=["example.org"],
    )
    server: OrChosen[Resolver] = Field(
        default=None,
        title="Name server that takes changes",
        description="For rfc2136: its address, with @port where it is not 53; left out: the zone's first one.",
        examples=["192.0.2.53"],
    )
    api_url: OrChosen[ApiUrl] = Field(
        default=None,
        title="Address of the programming interface",
        description="For desec, if it runs somewhere else; left out: deSEC itself.",
        examples=["https://desec.example.org/api/v1"],
    )
    public_resolvers: tuple[Resolver, ...] = Field(
        default=EVERYBODYS,
        title="Resolvers outside your network",
        description="dns check asks them what others see; they learn names that are public anyway. Empty: nobody.",
        examples=[["9.9.9.9"]],
    )
    follows_address: bool = Field(
        default=False,
        title="My address changes",
        description="For lines whose address changes: the timer looks every few minutes and corrects DNS by itself.",
    )
    address_url: OrChosen[HttpsUrl] = Field(
        default=None,
        title="Who tells your address",
        description="A web address that answers with yours, needed behind a router; left out: this machine's own one.",
        examples=["https://checkipv4.dedyn.io"],
    )
    caa: Literal["off", "authority", "account"] = Field(
        default="off",
        title="Who may issue certificates",
        description="A CAA record: authority lets only this server's one issue for your domain, also for its website. "
        "account binds that to this server.",
    )
    pins: bool = Field(
        default=False,
        title="Pin the keys in DNS (DANE)",
        description="TLSA records for servers that check them; only where DNSSEC protects the domain.",
    )
    key_file: SecretPath | None = Field(
        default=None,
        title="File with the key",
        description="For rfc2136: the secret alone, or a key as BIND and Knot write it.",
        examples=["/root/dns.key"],
    )
    key_name: str = Field(
        default="",
        max_length=255,
        title="Name of the key",
        description="For rfc2136, if the file does not say it.",
        examples=["xmpp-key"],
    )
    algorithm: Algorithm = Field(
        default="hmac-sha256", title="Algorithm of the key", description="For rfc2136, if the file does not say it."
    )

    @field_validator("key_file")
    @classmethod
    def _goes_with_the_provider(cls, key_file: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("provider") == "rfc2136" and key_file is None:
            message = 'provider = "rfc2136" needs key_file: a name server takes changes only with a key'
            raise ValueError(message)
        return key_file

    @property
    def account(self) -> DnsAccount | None:
        """How records are changed, or None where a person does it."""
        if self.provider == "none":
            return None
        return DnsAccount(
            provider=self.provider,
            zone=ascii_name(self.zone) if self.zone else "",
            server=self.server or "",
            key_name=self.key_name,
            algorithm=self.algorithm,
            secret_file=(self.key_file if self.provider == "rfc2136" else self.token_file) or "",
            options=tuple(_pair(option) for option in self.options),
            secret_options=tuple(_pair(option) for option in self.secret_options),
            api_url=self.api_url or "",
        )


def _pair(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    return name, value
