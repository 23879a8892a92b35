"""Which check each name is to pass, from what there is on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from xmpp_wizard.core.acme.model import Method, Problem
from xmpp_wizard.core.observed import Listener

_HTTP_PORT = 80


@dataclass(frozen=True, slots=True)
class Means:
    """What checks can be passed by. ``port_holder`` says who has port 80; empty where it is free."""

    challenge: str = "auto"
    port_holder: str = ""
    webroot: str = ""
    has_dns: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A check for each name that can pass one, and why the others cannot."""

    methods: Mapping[str, Method]
    problems: tuple[Problem, ...] = ()


def choose(names: Iterable[str], means: Means, failed: Iterable[str] = ()) -> Chosen:
    """Return the check for each name; those in ``failed`` have failed over HTTP, and go another way if there is one."""
    methods: dict[str, Method] = {}
    problems = []
    for name in names:
        found = _method(name, means, has_failed=name in set(failed))
        if isinstance(found, Problem):
            problems.append(found)
        else:
            methods[name] = found
    return Chosen(methods, tuple(problems))


def _method(name: str, means: Means, *, has_failed: bool) -> Method | Problem:
    has_http = bool(means.webroot) or not means.port_holder
    if name.startswith("*.") or means.challenge == "dns-01":
        detail = "a name with a star needs an account for DNS" if name.startswith("*.") else "no DNS account is given"
        return "dns-01" if means.has_dns else Problem("noMethod", detail, name)
    if means.challenge == "auto" and means.has_dns and (has_failed or not has_http):
        return "dns-01"
    return "http-01" if has_http else Problem("portTaken", means.port_holder, name)


def port_holder(listeners: Sequence[Listener], addresses: Sequence[str]) -> str:
    """Return who holds port 80 of ``addresses`` (none: all of this machine), as ``nginx (pid 7)``; empty if nobody."""
    for found in listeners:
        if found.port != _HTTP_PORT or found.protocol != "tcp":
            continue
        is_hidden = not addresses and found.address and ip_address(found.address).is_loopback
        if not is_hidden and (not addresses or not found.address or found.address in addresses):
            return f"{found.program or 'another program'} (pid {found.pid})"
    return ""
