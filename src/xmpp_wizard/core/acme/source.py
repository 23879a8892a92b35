"""Which authority is asked for certificates, and how; made from the answers, kept in each generation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xmpp_wizard.core.acme.model import KeyKind
from xmpp_wizard.core.dns.account import DnsAccount

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
_REHEARSALS = {LETS_ENCRYPT: "https://acme-staging-v02.api.letsencrypt.org/directory"}
"""Where each authority lets people try, without limits that hurt and without certificates that count."""
_BEST_PROFILE = "tlsserver"
_MOST_NAMES = 25
"""In a certificate of that profile (letsencrypt.org/docs/profiles)."""


@dataclass(frozen=True, slots=True)
class AcmeSource:
    """One ACME authority and what is wished of it. Paths are the admin's files; empty means none."""

    directory_url: str = LETS_ENCRYPT
    rehearsal_url: str = ""
    """Where each name is tried first; empty: nowhere."""
    trusted_roots: str = ""
    profile: str = "auto"
    key_kind: KeyKind = "ec256"
    renews_key: bool = False
    challenge: str = "auto"
    webroot: str = ""
    """Folder of a web server that holds port 80."""
    binding_key_id: str = ""
    binding_hmac_file: str = ""
    addresses: tuple[str, ...] = ()
    """Of this machine, where checks are answered; none: all."""
    resolvers: tuple[str, ...] = ()
    """As in the answers, for looking whether a name exists at all."""
    dns: DnsAccount | None = None
    """Who keeps the DNS records, if checks can be passed by DNS."""
    wants_wildcard: bool = False
    fallback: AcmeSource | None = None
    """Who is asked where this authority is down or gives no more."""

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The admin's files that it needs, each with the answer that names it."""
        named = (
            (self.trusted_roots, "certificates.acme.trusted_roots"),
            (self.binding_hmac_file, "certificates.acme.eab_hmac_file"),
        )
        others = self.fallback.files if self.fallback is not None else ()
        return (*((path, key) for path, key in named if path), *others)


def asked_names(source: AcmeSource, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names to ask for; with a wildcard, one stands for all services below the first name."""
    if not source.wants_wildcard:
        return names
    main, *others = names
    below = [name for name in others if name.partition(".")[2] == main]
    rest = [name for name in others if name not in below]
    return (main, *rest, *((f"*.{main}",) if below else ()))


def rehearsal_of(directory_url: str) -> str:
    """Return where an authority lets people try; empty where that is not known."""
    return _REHEARSALS.get(directory_url, "")


def folder_of(directory_url: str) -> str:
    """Return the name of the folder for what belongs to one authority."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", directory_url.removeprefix("https://")).strip("-.") or "acme"


def authority_name(directory_url: str) -> str:
    """Return how people call the authority."""
    host = re.split("[/:]", directory_url.removeprefix("https://"), maxsplit=1)[0]
    return "Let's Encrypt" if host.endswith("letsencrypt.org") else host


def chosen_profile(source: AcmeSource, offered: object, name_count: int) -> str:
    """Return the kind of certificate to ask for; empty: the authority's usual one.

    ``offered`` has the names of those that the authority has.
    """
    known = set(offered) if isinstance(offered, dict | set | frozenset | tuple | list) else set()
    wanted = source.profile
    if wanted == "auto":
        wanted = _BEST_PROFILE if name_count <= _MOST_NAMES else ""
    return wanted if wanted in known else ""
