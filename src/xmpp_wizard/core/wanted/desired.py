"""Answers and features become the server that is wanted: one Prosody configuration, its ports, names and containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from xmpp_wizard.core.acme.strategy import HTTP_PORT, TLS_PORT
from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.certificates.certificate import CertificateRequest
from xmpp_wizard.core.dns.keeping import Keeping, keeping
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit.checks import Check
from xmpp_wizard.core.kit.feature import (
    ConfigFile,
    ContainerSpec,
    Contribution,
    DnsRecord,
    Feature,
    Health,
    Port,
    ProofPeople,
    ProofStep,
    Reference,
    SecretFile,
)
from xmpp_wizard.core.kit.merging import Sourced
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.network.front import Front, sites_of
from xmpp_wizard.core.network.router import Family
from xmpp_wizard.core.notify import Contact, contact
from xmpp_wizard.core.secret_files import NamedSecret, named_secrets
from xmpp_wizard.core.storage.backend import Backend
from xmpp_wizard.core.storage.backends import backend_of
from xmpp_wizard.core.storage.place import place_called
from xmpp_wizard.core.target import CertificateSource
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.core.wanted import agreement, certificate_wishes, prosody
from xmpp_wizard.core.wanted.global_options import global_options
from xmpp_wizard.core.wanted.hosts import HostConfig, Part, host_configs
from xmpp_wizard.core.wanted.own_name import own_name
from xmpp_wizard.core.wanted.security import LEVELS, Level
from xmpp_wizard.core.wanted.sites import sites


@dataclass(frozen=True, slots=True)
class Desired:
    """One server, complete, before it is written down as files."""

    domains: tuple[str, ...]
    title: str
    host: str
    """The name of this machine (A-labels), where records of services lead."""
    settings: Mapping[str, Sourced]
    """Global options of Prosody."""
    hosts: tuple[HostConfig, ...]
    certificates: tuple[CertificateRequest, ...]
    certificate_source: CertificateSource
    ports: tuple[Port, ...]
    addresses: tuple[str, ...]
    records: tuple[DnsRecord, ...]
    secrets: tuple[SecretFile, ...]
    references: tuple[Reference, ...]
    secret_files: tuple[NamedSecret, ...]
    files: tuple[ConfigFile, ...]
    containers: tuple[ContainerSpec, ...]
    health: Health
    proofs: tuple[ProofStep, ...]
    pinned: Mapping[str, str]
    contact: Contact
    follows_address: bool
    keeping: Keeping | None
    opens_firewall: bool
    opens_router: tuple[Family, ...]
    """Over what people are to come in through the router because this program tells it to."""
    checks: tuple[Check, ...] = ()
    proof_people: ProofPeople | None = None
    accounts_elsewhere: Text = NOTHING
    """How accounts begin, where nothing here can make one."""
    front: Front | None = None
    """The web server that has the web's port in our place."""
    chat_page: str = ""
    """Where people of the first domain chat in the browser; empty where they cannot."""
    guest_page: str = ""
    """Where guests of the first domain do."""

    @property
    def outside_ports(self) -> tuple[Port, ...]:
        """Return the ports that others come to, whoever on this machine has them: what a router has to forward."""
        ports = [port for port in self.ports if port.is_public]
        if self.front is not None:
            ports.append(Port(self.front.port, say("web, uploads and invitations"), container=""))
        acme = self.certificate_source.acme
        if acme is not None and acme.challenge in ("auto", "http-01"):
            ports.append(Port(HTTP_PORT, say("authority that certifies names"), container=""))
        if acme is not None and acme.challenge == "tls-alpn-01" and TLS_PORT not in {port.number for port in ports}:
            ports.append(Port(TLS_PORT, say("authority that certifies names"), container=""))
        return tuple(sorted(ports, key=lambda port: (port.number, port.protocol)))

    @property
    def outside_numbers(self) -> tuple[str, ...]:
        """Return the numbers and ranges of these ports, each once."""
        return tuple(dict.fromkeys(port.ports for port in self.outside_ports))


def _parts(answers: Answers, features: Sequence[Feature[Any]]) -> tuple[Part, ...]:
    """Return what each feature contributes to each domain, and the names that this machine has of its own."""
    places = sites(answers)
    chosen = (
        Part(feature.name, site, feature.contribute(answers.features.of(feature), site))
        for site in places
        for feature in features
    )
    return (*chosen, *(Part("names", site, own_name(site)) for site in places if site.is_elsewhere))


def desired(
    answers: Answers, pinned: Mapping[str, str] | None = None, features: Sequence[Feature[Any]] | None = None
) -> Desired:
    """Return the server that the answers describe.

    ``pinned`` are facts of the running server that must not change (``password_hash``); ``features`` are
    those this program has, unless given.

    Raises:
        ConflictError: two features want different values for one setting.
        AnswersError: a feature lacks another one that it needs, or an answer contradicts a pinned fact.
    """
    known = all_features() if features is None else tuple(features)
    on = tuple(feature for feature in known if answers.features.is_on(feature))
    level = LEVELS[answers.security.level]
    is_kept = place_called((pinned or {}).get("storage", "")).backend == answers.storage.backend
    backend = backend_of(answers.storage, is_kept=is_kept)
    kept = {
        "password_hash": (pinned or {}).get("password_hash", level.password_hash),
        "storage": str(answers.storage.place),
    }
    parts = _parts(answers, on)
    agreement.check(
        parts,
        {feature.name for feature in on},
        lambda: _parts(answers, [feature for feature in known if feature not in on]),
    )
    base = prosody.contribution(answers, kept["password_hash"])
    everything = [base, *(part.contribution for part in parts)]
    ports = _ports(everything)
    reached = {0, *(port.number for port in ports)}
    hosts = host_configs(answers.domains, parts, everything)
    chat_page = next((c.chat_page for c in everything if c.chat_page), "")
    certificates = certificate_wishes.requests(answers, parts)
    records: tuple[DnsRecord, ...] = _once(record for c in everything for record in c.records if record.port in reached)
    return Desired(
        domains=answers.domains,
        title=answers.title or answers.domain,
        host=ascii_name(answers.network.host or answers.domain),
        settings=global_options(answers, level, backend, base, parts),
        hosts=hosts,
        certificates=certificates,
        certificate_source=certificate_wishes.source(answers),
        ports=ports,
        addresses=answers.network.listen,
        records=records,
        secrets=_once(chain((secret for c in everything for secret in c.secrets), backend.secrets)),
        references=_once(chain((reference for c in everything for reference in c.references), backend.references)),
        secret_files=named_secrets(answers, (f"features.{item.name}" for item in known if item not in on)),
        files=_once(file for c in everything for file in c.files),
        containers=_once(chain(backend.containers, _containers(backend, everything))),
        health=prosody.health(answers),
        proofs=_proofs(level, everything),
        checks=_once(chain((check for c in everything for check in c.checks), backend.checks)),
        accounts_elsewhere=next((c.accounts_elsewhere for c in everything if c.accounts_elsewhere), NOTHING),
        proof_people=next((c.proof_people for c in everything if c.proof_people), None),
        pinned=kept,
        front=_front(answers, hosts, certificates),
        chat_page=chat_page,
        guest_page=next((c.guest_page for c in everything if c.guest_page and chat_page), ""),
        contact=contact(answers.notify, answers.admin_addresses),
        follows_address=answers.dns.follows_address and answers.dns.account is not None,
        keeping=keeping(answers.dns, answers.domains, records, answers.network.host, answers.network.public_addresses),
        opens_firewall=answers.network.open_firewall,
        opens_router=answers.network.opened_ways,
    )


def _ports(everything: Sequence[Contribution]) -> tuple[Port, ...]:
    """Return each port once, without those that a feature closes."""
    closed = set(chain.from_iterable(c.closed_ports for c in everything))
    return _once(port for c in everything for port in c.ports if port.number not in closed)


def _front(answers: Answers, hosts: Sequence[HostConfig], certificates: Sequence[CertificateRequest]) -> Front | None:
    """Return what the web server in front passes on: every host that has pages, whoever gave it some."""
    network = answers.network
    if network.web_server == "own":
        return None
    names = frozenset(ascii_name(host.name) for host in hosts if "http_external_url" in host.settings)
    sites = sites_of(((request.name, request.names) for request in certificates), names)
    address = network.local_address
    upstream = f"{f'[{address}]' if ':' in address else address}:{network.local_http_port}"
    certified = tuple(name for request in certificates for name in request.names)
    return Front(network.web_server, network.listen, network.https_port, upstream, sites, certified) if sites else None


def _containers(backend: Backend, everything: Sequence[Contribution]) -> Iterator[ContainerSpec]:
    """Yield the containers of all; Prosody's with what it needs to reach its data, and all parts of its image."""
    parts = sorted({part for c in everything for part in c.image_parts})
    for spec in chain.from_iterable(c.containers for c in everything):
        if spec.name == "prosody":
            mounts, environment = (*spec.mounts, *backend.mounts), {**spec.environment, **backend.environment}
            image = "+".join((spec.image, *parts))
            yield replace(spec, image=image, mounts=mounts, environment=environment)
        else:
            yield spec


def _once(items: Any) -> tuple[Any, ...]:  # noqa: ANN401 any kind of contribution, returned as it came
    """Return the items without repetitions; several virtual hosts contribute the same ports and secrets."""
    found: list[Any] = []
    for item in items:
        if item not in found:
            found.append(item)
    return tuple(found)


def _proofs(level: Level, everything: Sequence[Contribution]) -> tuple[ProofStep, ...]:
    """Return each step once, without those that a feature makes untrue."""
    dropped = {name for c in everything for name in c.dropped_proofs}
    own = [step for c in everything for step in c.proofs]
    if any(c.chat_page for c in everything):
        own += [step for c in everything for step in c.chat_proofs]
    steps = {step.name: step for step in chain(level.proofs, own)}
    return tuple(step for name, step in steps.items() if name not in dropped)
