"""What each feature adds to a small server, found by comparing that server with the same one without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.typical import example_answers, typical_answers, with_and_without

from xmpp_wizard.core.kit.feature import DnsRecord, Feature, Port
from xmpp_wizard.core.kit.merging import OWN
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.wanted.desired import Desired


@dataclass(frozen=True, slots=True)
class Gain:
    """What is there with the feature and not without it."""

    modules: tuple[str, ...]
    containers: tuple[str, ...]
    ports: tuple[Port, ...]
    records: tuple[DnsRecord, ...]
    host: str
    """This machine's name, for which ``{host}`` stands in records."""


def gain(feature: Feature[Any]) -> Gain:
    """Return what the feature adds."""
    answers = typical_answers({feature.name: example_answers(feature)})
    wanted, without = with_and_without(feature, answers)
    return Gain(
        modules=tuple(sorted(set(_modules(wanted)) - set(_modules(without)))),
        containers=_added([spec.name for spec in wanted.containers], [spec.name for spec in without.containers]),
        ports=_added(wanted.ports, without.ports),
        records=_added(wanted.records, without.records),
        host=ascii_name(wanted.host),
    )


def _added(wanted: Sequence[Any], without: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(item for item in wanted if item not in without)


def _modules(wanted: Desired) -> Iterator[str]:
    """Yield what Prosody loads: for all, for a service, as a service, and by an option such as ``authentication``."""
    for settings in (wanted.settings, *(host.settings for host in wanted.hosts)):
        yield from settings["modules_enabled"].value if "modules_enabled" in settings else ()
    yield from (host.module for host in wanted.hosts if host.module)
    yield from (path.rpartition("/")[2] for path in wanted.settings["plugin_paths"].value if path != OWN)
