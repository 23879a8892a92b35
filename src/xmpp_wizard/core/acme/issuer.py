"""What public authorities call themselves in CAA records (RFC 8659)."""

from __future__ import annotations

from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.dns.caa import Issuer

_IDENTITIES = {
    "letsencrypt.org": ("letsencrypt.org",),
    "pki.goog": ("pki.goog",),
    "zerossl.com": ("sectigo.com",),
    "sectigo.com": ("sectigo.com",),
    "ssl.com": ("ssl.com",),
}
"""What known authorities call themselves in CAA records, by the end of their directory's host name."""


def issuer_of(source: AcmeSource | None) -> Issuer | None:
    """Return who issues the certificates; None where nobody outside does, or its name in CAA records is not known."""
    if source is None:
        return None
    host = source.directory_url.split("/")[2].partition(":")[0]
    found = (names for end, names in _IDENTITIES.items() if host == end or host.endswith(f".{end}"))
    method = source.challenge if source.challenge != "auto" else ""
    return next((Issuer(names, method=method) for names in found), None)
