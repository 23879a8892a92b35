"""What people can say about a public certificate authority."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from xmpp_wizard.core.acme.model import KeyKind
from xmpp_wizard.core.acme.source import LETS_ENCRYPT
from xmpp_wizard.core.model import Model, OrChosen
from xmpp_wizard.core.values import AbsolutePath, ApiUrl, HttpsUrl, SecretPath


class AcmeAnswers(Model):
    """For source = acme: which authority, and how names are proven to be yours."""

    directory_url: HttpsUrl = Field(
        default=LETS_ENCRYPT,
        title="Authority",
        description="Address of its ACME directory. Its terms of service are accepted by applying.",
        examples=["https://acme.zerossl.com/v2/DV90"],
    )
    rehearse: bool = Field(
        default=True,
        title="Rehearse first",
        description="Try each name where it costs nothing, before a real certificate is asked for.",
    )
    rehearsal_url: OrChosen[HttpsUrl] = Field(
        default=None,
        title="Authority for rehearsals",
        description="Left out: Let's Encrypt's own one; none for others.",
        examples=["https://acme-staging-v02.api.letsencrypt.org/directory"],
    )
    trusted_roots: OrChosen[AbsolutePath] = Field(
        default=None,
        title="Roots of the authority",
        description="PEM file with the roots to trust, for an authority of your own; left out, those of this machine.",
        examples=["/etc/ssl/our-authority.pem"],
    )
    challenge: Literal["auto", "http-01", "dns-01", "tls-alpn-01"] = Field(
        default="auto",
        title="How names are proven",
        description="http-01: over port 80. dns-01: by a DNS entry. tls-alpn-01: over port 443. "
        "auto: what works here, port 80 first, port 443 last.",
    )
    acme_dns_url: ApiUrl | None = Field(
        default=None,
        title="acme-dns server",
        description="Proves names by DNS (dns-01) with no right to your zone: one CNAME for each name leads there.",
        examples=["https://auth.example.org"],
    )
    wildcard: bool = Field(
        default=False,
        title="One star for all services",
        description="Ask for *.domain in place of each service's name; needs a DNS account ([dns]) or acme-dns.",
    )
    webroot: AbsolutePath | None = Field(
        default=None,
        title="Folder of your web server",
        description="If another web server has port 80: the folder it serves for all names of this server.",
        examples=["/var/www/html"],
    )
    profile: str = Field(
        default="auto",
        pattern="^[A-Za-z0-9._-]{1,64}$",
        title="Kind of certificate",
        description="A profile of the authority, such as shortlived; auto: the best for servers that it has.",
    )
    key_type: KeyKind = Field(
        default="ec256", title="Kind of key", description="ec256 is fast and safe; rsa2048 for very old apps."
    )
    rotate_key: bool = Field(
        default=False,
        title="New key at each renewal",
        description="Off, the key stays, which TLSA records in DNS need.",
    )
    eab_key_id: str = Field(
        default="",
        max_length=200,
        title="Key id of your account",
        description="Only for authorities that want an account of their web site first (external account binding).",
    )
    eab_hmac_file: SecretPath | None = Field(
        default=None,
        title="File with the HMAC key of your account",
        description="The key that the web site shows beside the key id, alone in a file.",
        examples=["/root/eab-hmac.txt"],
    )
    fallback_url: HttpsUrl | None = Field(
        default=None,
        title="Second authority",
        description="Asked where the first one is down or gives no more; CAA records must allow both.",
        examples=["https://acme.zerossl.com/v2/DV90"],
    )
    fallback_eab_key_id: str = Field(
        default="",
        max_length=200,
        title="Key id of your account at the second authority",
        description="As eab_key_id, if that one wants it.",
    )
    fallback_eab_hmac_file: SecretPath | None = Field(
        default=None,
        title="File with the HMAC key of your account at the second authority",
        description="As eab_hmac_file, if that one wants it.",
        examples=["/root/eab-hmac-2.txt"],
    )
