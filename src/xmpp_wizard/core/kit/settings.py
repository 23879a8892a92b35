"""What of Prosody's own configuration a feature asks for: settings, modules, and services on names of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from xmpp_wizard.core.lua import LuaValue


@dataclass(frozen=True, slots=True)
class Set:
    """The setting has this value; another feature that sets another one is a conflict."""

    value: LuaValue


@dataclass(frozen=True, slots=True)
class Add:
    """These items are in the list that the setting is."""

    items: tuple[LuaValue, ...]


@dataclass(frozen=True, slots=True)
class Remove:
    """These items are not in the list, whoever adds them."""

    items: tuple[LuaValue, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """These keys are in the table that the setting is; the same key with another value is a conflict."""

    entries: Mapping[str, LuaValue]


Change: TypeAlias = Set | Add | Remove | Merge
Settings: TypeAlias = Mapping[str, Change]


@dataclass(frozen=True, slots=True)
class Modules:
    """Prosody modules by name: Prosody's own, and community ones, which each need a ``plugin_paths`` entry.

    List every community module that another one loads with ``module:depends``, too.
    """

    core: tuple[str, ...] = ()
    community: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    """The admin's, copied by a :class:`Reference` each as ``mod_NAME.lua``."""
    by_option: tuple[str, ...] = ()
    """Community ones that an option loads, such as ``authentication``, and not the list of modules."""
    remove: tuple[str, ...] = ()
    """Not loaded, whoever adds them; also in ``modules_disabled``, for what Prosody loads by itself."""


@dataclass(frozen=True, slots=True)
class Component:
    """A service on a host name of its own (XEP-0114 without the network, or with it if ``module`` is empty)."""

    host: str
    module: str
    title: str
    modules: Modules = Modules()
    settings: Settings = field(default_factory=dict)
    federates: bool = True
    """Whether other servers talk to it; uploads and proxies have no such traffic."""
    is_certified: bool = True
    """Whether its name must be in a certificate."""


@dataclass(frozen=True, slots=True)
class SideHost:
    """A virtual host beside the domain, such as one for guests; other servers do not reach it."""

    host: str
    shares: tuple[str, ...]
    """The only modules that it has like the domain, where that has them."""
    modules: Modules
    """Its own ones."""
    settings: Settings
