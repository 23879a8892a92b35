"""Which certificates a server needs, and where the answers want them from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xmpp_wizard.core.acme.source import AcmeSource, rehearsal_of
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.certificates.certificate import CertificateRequest
from xmpp_wizard.core.dns.account import DnsAccount
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.target import CertificateSource
from xmpp_wizard.core.wanted.hosts import Part


def requests(answers: Answers, parts: Sequence[Part]) -> tuple[CertificateRequest, ...]:
    """Return one for each domain with all that is served below it, and one for each name that needs its own."""
    found = []
    for domain in answers.domains:
        names = {ascii_name(domain)}
        for part in parts:
            if part.site.domain == domain:
                names.update(ascii_name(c.host) for c in part.contribution.components if c.is_certified)
                names.update(ascii_name(side.host) for side in part.contribution.hosts)
                names.update(ascii_name(name) for name in part.contribution.certificate_names)
        main = ascii_name(domain)
        found.append(CertificateRequest(main, (main, *sorted(names - {main}))))
    own = dict.fromkeys(ascii_name(name) for part in parts for name in part.contribution.own_certificates)
    return (*found, *(CertificateRequest(name, (name,)) for name in own))


def source(answers: Answers) -> CertificateSource:
    """Return where they come from, as the answers say."""
    said = answers.certificates
    if said.source == "acme":
        return CertificateSource("acme", acme=_acme_source(answers))
    files = tuple((file.chain_file, file.key_file) for file in said.files)
    return CertificateSource(said.source, files, store=(said.store or "") if said.source == "files" else "")


def _acme_source(answers: Answers) -> AcmeSource:
    said = answers.certificates.acme
    first = AcmeSource(
        directory_url=said.directory_url,
        rehearsal_url=(said.rehearsal_url or rehearsal_of(said.directory_url)) if said.rehearse else "",
        trusted_roots=said.trusted_roots or "",
        profile=said.profile,
        key_kind=said.key_type,
        renews_key=said.rotate_key,
        challenge=said.challenge,
        webroot=said.webroot or "",
        binding_key_id=said.eab_key_id,
        binding_hmac_file=said.eab_hmac_file or "",
        addresses=answers.network.listen,
        resolvers=answers.network.resolvers,
        dns=_prover(answers),
        wants_wildcard=said.wildcard,
    )
    if said.fallback_url is None:
        return first
    second = replace(
        first,
        directory_url=said.fallback_url,
        rehearsal_url="",
        profile="auto",
        binding_key_id=said.fallback_eab_key_id,
        binding_hmac_file=said.fallback_eab_hmac_file or "",
    )
    return replace(first, fallback=second)


def _prover(answers: Answers) -> DnsAccount | None:
    """Return who takes the texts that prove names by DNS; an acme-dns server can do nothing else, so it goes first."""
    url = answers.certificates.acme.acme_dns_url
    return answers.dns.account if url is None else DnsAccount("acme-dns", api_url=url)
