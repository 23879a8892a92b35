"""Setting a relay up: what to write where, and the commands for both machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from xmpp_wizard.core.answers.template import toml_value
from xmpp_wizard.core.dns.record import is_public
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.openings import Opening, doors
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.rendering.relay import HOME, PORT, Keys, files, keys_in, tunnel
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.values import parse_ip_address
from xmpp_wizard.engine.own_files import write_own_file
from xmpp_wizard.engine.setup import current

_FOUR = 4


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the way: what it does, and the commands, a line each."""

    title: Text
    commands: tuple[str, ...]


def overview(layout: Layout) -> Iterator[Text]:
    """Yield what is to be done, before there is a relay."""
    yield say("1. Rent a small server with Debian or Ubuntu and an IPv4 address of its own.")
    yield say("2. Come back here and set your server up; it works in your network at once.")
    command = layout.command("router", "relay", "ADDRESS")
    yield say("3. Run {command} with the address of the rented server.", command=command)
    yield say("It writes a file for each of the two machines and says which commands to type.")
    yield say("Messages, files and keys stay on this machine; the relay passes on what is encrypted already.")


def prepare_relay(world: World, layout: Layout, address: str) -> tuple[Stage, ...]:
    """Write the files for both ends into root's folder and return what to do with them.

    Written a second time they keep their keys, so that a relay that works goes on working.

    Raises:
        AnswersError: ``address`` is none that the internet could call over IPv4.
        NotSetUpError: there is no server here, so nobody knows which ports it needs.
    """
    there = _checked(address)
    target, _ = current(world, layout)
    names = tuple(f"{tunnel(layout)}-{end}.conf" for end in ("home", "server"))
    before = [(world.files.read(str(layout.root / "root" / name)) or b"").decode("utf-8", "replace") for name in names]
    keys = keys_in(before[0], before[1]) or Keys(world.entropy.key_pair(), world.entropy.key_pair())
    wanted = doors(target.outside)
    made = files(layout, there, wanted, keys, world.appliance.templates())
    paths = [write_own_file(world, layout, name, text) for name, text in zip(names, made, strict=True)]
    return tuple(_stages(layout, there, (paths[0], paths[1]), chosen=_chosen(target.openings)))


def _chosen(openings: Iterable[Opening]) -> tuple[str, ...]:
    """Return the addresses that the server listens on, where it would not take callers of the tunnel."""
    chosen = dict.fromkeys(opening.address for opening in openings if opening.is_public)
    return () if "" in chosen or HOME in chosen else tuple(chosen)


def _checked(typed: str) -> str:
    try:
        address = parse_ip_address(typed)
    except ValueError as error:
        raise AnswersError(say("{problem}", problem=str(error))) from error
    if ip_address(address).version != _FOUR or not is_public(address):
        raise AnswersError(
            say("{address} is no IPv4 address that the internet can call", address=address),
            say("Give the public IPv4 address of the rented server."),
        )
    return address


def _stages(layout: Layout, address: str, paths: tuple[str, str], *, chosen: Sequence[str]) -> Iterator[Stage]:
    name = tunnel(layout)
    home, relay = paths
    place = f"/etc/wireguard/{name}.conf"
    yield Stage(
        say("On this machine: give the relay its file, and start this end"),
        (
            f"sudo scp {relay} root@{address}:/root/{name}.conf",
            "sudo apt install wireguard nftables",
            f"sudo install -m 600 {home} {place}",
            f"sudo systemctl enable --now wg-quick@{name}",
        ),
    )
    yield Stage(
        say(
            "On the relay (ssh root@{address}); where it has a firewall, let in these ports and {port}/udp",
            address=address,
            port=PORT,
        ),
        (
            "apt install wireguard nftables",
            f"install -m 600 /root/{name}.conf {place} && rm /root/{name}.conf",
            f"systemctl enable --now wg-quick@{name}",
        ),
    )
    if chosen:
        yield Stage(
            say("On this machine: let the server listen on the tunnel, too; it listens on chosen addresses only"),
            (layout.command("apply", "--set", f"network.listen={toml_value([*chosen, HOME])}"),),
        )
    yield Stage(
        say("On this machine: let DNS lead people to the relay, then see whether they get in"),
        (
            layout.command("apply", "--set", f'network.public_addresses=["{address}"]'),
            layout.command("dns", "show"),
            layout.command("router"),
        ),
    )
