"""The virtual hosts and components of a Prosody configuration, each with the options below its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.kit.feature import Component, Contribution, Modules, Set, Settings, SideHost, Site
from xmpp_wizard.core.kit.merging import MergedModules, Sourced, merge_modules, merge_settings
from xmpp_wizard.core.names import ascii_name, prosody_name
from xmpp_wizard.core.text import say

_SERVICES_WITH_NAMES = ("c2s_direct_tls", "http", "https", "multiplex_ssl", "s2s_direct_tls")
"""Whatever Prosody tells hosts apart by (SNI, HTTP Host)."""


@dataclass(frozen=True, slots=True)
class HostConfig:
    """One virtual host (empty ``module`` and ``kind`` ``VirtualHost``) or component of the Prosody configuration."""

    kind: str
    name: str
    module: str
    settings: Mapping[str, Sourced]


@dataclass(frozen=True, slots=True)
class Part:
    """What one feature contributes to one virtual host."""

    feature: str
    site: Site
    contribution: Contribution


def host_configs(
    domains: Sequence[str], parts: Sequence[Part], everything: Sequence[Contribution]
) -> tuple[HostConfig, ...]:
    """Return virtual hosts first, those beside the domains last, then the components, in the order of the domains.

    ``everything`` is all that is contributed, for modules that are to be on every host.

    Raises:
        AnswersError: two services, or a service and a domain, have the same name.
        ConflictError: two features want different values for one option of a host.
    """
    everywhere = [contribution.modules_everywhere for contribution in everything]
    merged = merge_modules([*(contribution.modules for contribution in everything), *everywhere])
    sides = [(part, side) for part in parts for side in part.contribution.hosts]
    services = _services(parts)
    own = dict.fromkeys(name for part in parts for name in part.contribution.own_certificates)
    served = [shared[0][1].host for shared in services]
    _check_names(domains, [*(side.host for _, side in sides), *served, *own])
    _check_reliance(parts, {ascii_name(name) for name in served})
    _check_strangers(parts)
    return (
        *(
            _virtual_host(domain, [part for part in parts if part.site.domain == domain], merged.disabled)
            for domain in domains
        ),
        *(_side_host(side, part, merged) for part, side in sides),
        *(_component(shared, everywhere) for shared in services),
    )


def _services(parts: Sequence[Part]) -> list[list[tuple[Part, Component]]]:
    """Return each service with all who bring it: the same one of one domain, with modules and options of its own."""
    found: dict[tuple[object, ...], list[tuple[Part, Component]]] = {}
    for part in parts:
        for one in part.contribution.components:
            same = (part.site.domain, one.host, one.module, one.title, one.federates, one.is_certified)
            found.setdefault(same, []).append((part, one))
    return list(found.values())


def _virtual_host(domain: str, parts: Sequence[Part], disabled: Sequence[str]) -> HostConfig:
    elsewhere = tuple(
        dict.fromkeys(
            (prosody_name(component.host), component.title)
            for part in parts
            for component in part.contribution.components
            if _parent(component.host) != domain
        )
    )
    # what a host says replaces what is said for all
    closed = () if all(part.site.federates for part in parts) else tuple(dict.fromkeys((*disabled, "s2s")))
    ours: Settings = {
        **({"disco_items": Set(elsewhere)} if elsewhere else {}),
        **({"modules_disabled": Set(closed)} if closed else {}),
    }
    listing = [("features", ours)] if ours else []
    own = [(part.feature, part.contribution.host_settings) for part in parts]
    return HostConfig("VirtualHost", domain, "", merge_settings([[("names", _ascii_names(domain))], listing, own]))


_FOR_PEOPLE = ("offline", "s2s")
"""Modules that Prosody loads on every virtual host by itself."""


def _side_host(side: SideHost, part: Part, merged: MergedModules) -> HostConfig:
    others = (name for name in (*merged.enabled, *merged.disabled, *_FOR_PEOPLE) if name not in side.shares)
    ours: Settings = {
        "modules_enabled": Set(merge_modules([side.modules]).enabled),
        "modules_disabled": Set(tuple(sorted(set(others)))),
    }
    settings = merge_settings(
        [[("names", _ascii_names(side.host)), ("features", ours)], [(part.feature, side.settings)]]
    )
    return HostConfig("VirtualHost", side.host, "", settings)


def _component(shared: Sequence[tuple[Part, Component]], everywhere: Sequence[Modules]) -> HostConfig:
    part, component = shared[0]
    modules = merge_modules([*(one.modules for _, one in shared), *everywhere])
    disabled = tuple(
        dict.fromkeys((*modules.disabled, *(() if component.federates and part.site.federates else ("s2s",))))
    )
    ours: Settings = {
        "name": Set(component.title),
        **({"modules_enabled": Set(modules.enabled)} if modules.enabled else {}),
        **({"modules_disabled": Set(disabled)} if disabled else {}),
        # without it a name elsewhere belongs to no domain, and nobody may use the service
        **({"parent_host": Set(prosody_name(part.site.domain))} if _parent(component.host) != part.site.domain else {}),
    }
    own = [(owner.feature, one.settings) for owner, one in shared]
    settings = merge_settings([[("names", _ascii_names(component.host)), ("features", ours)], own])
    return HostConfig("Component", component.host, component.module, settings)


def _ascii_names(host: str) -> Settings:
    """Return the options that make a name outside ASCII known as clients send it in TLS and HTTP (in A-labels).

    Prosody 13.0.1 compares with the name as it is written, and refuses TLS for names that it does not know.
    """
    name = ascii_name(host)
    return {} if name == host else {f"{service}_host": Set(name) for service in _SERVICES_WITH_NAMES}


def _parent(host: str) -> str:
    """Return the domain whose people Prosody lets use a component of this name (mod_authz_internal, mod_disco)."""
    return host.partition(".")[2]


def _check_reliance(parts: Sequence[Part], served: set[str]) -> None:
    for part in parts:
        for host in part.contribution.relies_on:
            if ascii_name(host) not in served:
                raise AnswersError(
                    say(
                        "features.{feature} names {host}, which is no service of this server",
                        feature=part.feature,
                        host=host,
                    ),
                    say("The services are: {names}", names=", ".join(sorted(served)) or "none"),
                )


def _check_strangers(parts: Sequence[Part]) -> None:
    """Refuse what leads anybody to the rooms of a domain whose people talk inside only."""
    closed = {
        ascii_name(component.host): part.site.domain
        for part in parts
        for component in part.contribution.components
        if not part.site.federates
    }
    for part in parts:
        if not part.contribution.brings_strangers:
            continue
        places = tuple(map(ascii_name, part.contribution.relies_on)) or tuple(closed)
        domain = next((closed[place] for place in places if place in closed), "")
        if domain:
            raise AnswersError(
                say(
                    "features.{feature} lets anybody into rooms of {domain}, which inside_domains keeps to itself",
                    feature=part.feature,
                    domain=domain,
                ),
                say("Name rooms of other domains in features.{feature}.rooms, or switch it off.", feature=part.feature),
            )


def _check_names(domains: Sequence[str], services: Sequence[str]) -> None:
    seen = {ascii_name(domain) for domain in domains}
    for host in services:
        if ascii_name(host) in seen:
            raise AnswersError(
                say("two services are to have the name {host}", host=host),
                say("Give one of them another name."),
            )
        seen.add(ascii_name(host))
