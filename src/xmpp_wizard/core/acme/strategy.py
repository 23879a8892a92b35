"""Which check each name is to pass, from what there is on this machine."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from xmpp_wizard.core.acme.model import Method, Problem
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.network.listeners import Listener

HTTP_PORT, TLS_PORT = 80, 443
"""Where authorities come, and nowhere else (RFC 8555 8.3, RFC 8737 3)."""
_NO_TLS = Problem("noMethod", "nothing is known of port 443")


@dataclass(frozen=True, slots=True)
class Means:
    """What checks can be passed by. ``port_holder`` says who has port 80; empty where it is free."""

    challenge: str = "auto"
    port_holder: str = ""
    webroot: str = ""
    has_dns: bool = False
    tls_problem: Problem | None = _NO_TLS
    """Why nothing can be proven over port 443; None where it can."""

    @property
    def has_http(self) -> bool:
        """Whether a check over port 80 can be answered at all."""
        return bool(self.webroot) or not self.port_holder

    @property
    def last_resort(self) -> Method | None:
        """What is left where nothing comes in on port 80: an account for DNS, else port 443."""
        if self.has_dns:
            return "dns-01"
        return "tls-alpn-01" if self.tls_problem is None else None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A check for each name that can pass one, and why the others cannot."""

    methods: Mapping[str, Method]
    problems: tuple[Problem, ...] = ()


def outlook(source: AcmeSource, listeners: Sequence[Listener], ours: Container[str]) -> Means:
    """Return what is seen at a glance: who has the ports; containers in ``ours``, by their ids, are this server."""
    http = "" if source.webroot else port_holder(listeners, source.addresses, HTTP_PORT)
    tls = port_holder(listeners, source.addresses, TLS_PORT, ours)
    problem = Problem("tlsTaken", tls) if tls else None
    return Means(source.challenge, http, source.webroot, has_dns=source.dns is not None, tls_problem=problem)


def choose(names: Iterable[str], means: Means, failed: Container[str] = ()) -> Chosen:
    """Return the check for each name; those in ``failed`` have failed over HTTP, and go another way if there is one."""
    methods: dict[str, Method] = {}
    problems = []
    for name in names:
        found = _method(name, means, has_failed=name in failed)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            methods[name] = found
    return Chosen(methods, tuple(problems))


def other_ways(failed: Mapping[str, Problem], means: Means) -> frozenset[str]:
    """Return those of the names that ``failed`` over HTTP which another way may help."""
    before, after = choose(failed, means).methods, choose(failed, means, failed).methods
    new = {name for name in failed if before.get(name) != after.get(name)}
    return frozenset(name for name in new if after[name] == "dns-01" or _is_of_the_way(failed[name]))


def _is_of_the_way(problem: Problem) -> bool:
    """Say whether it is about port 80, and not about the name."""
    return problem.method == "http-01" and problem.type in {"connection", "unauthorized"}


def _method(name: str, means: Means, *, has_failed: bool) -> Method | Problem:
    if name.startswith("*.") or means.challenge == "dns-01":
        detail = "a name with a star needs an account for DNS" if name.startswith("*.") else "no DNS account is given"
        return "dns-01" if means.has_dns else Problem("noMethod", detail, name)
    if means.challenge == "tls-alpn-01":
        return "tls-alpn-01" if means.tls_problem is None else replace(means.tls_problem, name=name)
    if means.challenge == "auto" and means.last_resort and (has_failed or not means.has_http):
        return means.last_resort
    return "http-01" if means.has_http else Problem("portTaken", means.port_holder, name)


def port_holder(listeners: Sequence[Listener], addresses: Sequence[str], port: int, ours: Container[str] = ()) -> str:
    """Return who holds ``port`` of ``addresses`` (none: all of this machine), as ``nginx (pid 7)``; empty if nobody.

    Containers in ``ours``, by their ids, count as nobody.
    """
    for found in holders(listeners, addresses, port):
        if found.container_id not in ours:
            return f"{found.program or 'another program'} (pid {found.pid})"
    return ""


def holders(listeners: Sequence[Listener], addresses: Sequence[str], port: int) -> tuple[Listener, ...]:
    """Return all who listen on ``port`` of ``addresses``, as far as others can see them."""
    return tuple(found for found in listeners if found.port == port and _is_seen(found, addresses))


def _is_seen(found: Listener, addresses: Sequence[str]) -> bool:
    is_hidden = not addresses and found.address and ip_address(found.address).is_loopback
    is_there = not addresses or not found.address or found.address in addresses
    return found.protocol == "tcp" and not is_hidden and is_there
