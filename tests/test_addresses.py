"""Addresses of tests never meet: neither in one process, nor in two that run beside each other."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import ExitStack
from ipaddress import ip_address, ip_network
from pathlib import Path

from tests.addresses import own_address, own_network

ROOT = Path(__file__).parents[1]
GROUP, OTHER_GROUP = 99, 98
MANY = 60
"""Five times as many are more than there are."""


def test_no_address_is_given_twice_and_all_are_of_their_group() -> None:
    found = [own_address(GROUP) for _ in range(600)]
    assert len(set(found)) == len(found)
    assert all(ip_address(address) in ip_network(f"127.{GROUP}.0.0/16") for address in found)


def test_a_network_with_a_socket_in_it_is_nobodys() -> None:
    group = OTHER_GROUP - 1
    left = {f"127.{group}.{number}" for number in range(1, 100)}
    with ExitStack() as stack:
        for network in left:
            stack.enter_context(socket.create_server((f"{network}.5", 0)))
        assert not {own_network(group) for _ in range(20)} & left


def test_other_processes_get_other_networks_which_are_free_after_them() -> None:
    mine = {own_network(OTHER_GROUP) for _ in range(30)}
    script = f"from tests.addresses import own_network; print(*(own_network({OTHER_GROUP}) for _ in range({MANY})))"
    for _ in range(5):
        told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
        theirs = set(told.stdout.split())
        assert (len(theirs), theirs & mine) == (MANY, set())
