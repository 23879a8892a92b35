"""Access to somebody who keeps DNS records; as kept in a generation it names files of secrets and holds none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from xmpp_wizard.core.secret import Secret


@dataclass(frozen=True, slots=True)
class DnsAccount:
    """Who keeps the records; paths are the admin's files.

    ``provider`` is ``rfc2136``, ``desec``, another name that lexicon knows, or ``acme-dns``, which only takes proofs.
    """

    provider: str
    zone: str = ""
    """The only zone that may be changed (A-labels); empty: all that the names lie in."""
    server: str = ""
    """For ``rfc2136``: an address, with ``@port`` where it is not 53; empty: the first server of the zone."""
    key_name: str = ""
    algorithm: str = "hmac-sha256"
    secret_file: str = ""
    """The key or token; empty where the provider needs none."""
    options: tuple[tuple[str, str], ...] = ()
    secret_options: tuple[tuple[str, str], ...] = ()
    """Names of further secrets, and the files that hold them."""
    api_url: str = ""
    """Where the programming interface is; empty: the provider's usual one. Without a final slash."""

    @property
    def files(self) -> tuple[str, ...]:
        """All files of secrets."""
        first = (self.secret_file,) if self.secret_file else ()
        return (*first, *(path for _, path in self.secret_options))


@dataclass(frozen=True, slots=True)
class Access:
    """An account with its secrets, for as long as something is changed."""

    account: DnsAccount
    secret: Secret
    secrets: tuple[tuple[str, Secret], ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """A place for texts on an acme-dns server that nobody else may write to; a proof's name is led there by a CNAME."""

    place: str
    """The whole name (A-labels), below the server's zone."""
    subdomain: str
    """Its first part, as the server wants to hear it."""
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Key:
    """A key for changes (TSIG, RFC 8945); name and algorithm are empty where the file does not say them."""

    name: str
    algorithm: str
    secret: Secret


_FORMS = (
    # key "name" { algorithm hmac-sha256; secret "…"; };
    re.compile(
        r'key\s+"?(?P<name>[^\s"{]+)"?\s*\{.*?algorithm\s+(?P<algorithm>[\w-]+)\s*;.*?secret\s+"?(?P<secret>[^\s";]+)',
        re.DOTALL,
    ),
    # - id: name / algorithm: hmac-sha256 / secret: …
    re.compile(r"id:\s*(?P<name>\S+)\s+algorithm:\s*(?P<algorithm>\S+)\s+secret:\s*(?P<secret>\S+)"),
    # hmac-sha256:name:…
    re.compile(r"^(?P<algorithm>hmac-\w+):(?P<name>[^\s:]+):(?P<secret>\S+)$", re.MULTILINE),
)


def parse_key(text: str) -> Key:
    """Return the key in ``text``: as BIND or Knot write it, as nsupdate takes it, or the secret alone."""
    for form in _FORMS:
        found = form.search(text)
        if found:
            return Key(found["name"].rstrip("."), found["algorithm"].lower(), Secret(found["secret"]))
    return Key("", "", Secret(text.strip()))
