"""Listeners and addresses of this machine, and of made-up ones."""

from __future__ import annotations

import os
import socket
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.effects.sockets import ProcSockets

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(address: str, state: str, inode: int) -> str:
    return f"   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1\n"


def test_our_own_listener_is_seen_with_our_name() -> None:
    with socket.create_server(("127.0.44.2", 0)) as listener:
        port = listener.getsockname()[1]
        found = [item for item in ProcSockets().listeners() if item.port == port]
    program = Path(f"/proc/{os.getpid()}/comm").read_text().strip()
    assert [(item.address, item.protocol, item.program, item.pid) for item in found] == [
        ("127.0.44.2", "tcp", program, os.getpid())
    ]


def test_a_udp_socket_is_seen_and_a_connection_is_not() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.create_server(("127.0.44.2", 0)) as listener,
        socket.create_connection(listener.getsockname()) as client,
    ):
        udp.bind(("127.0.44.2", 0))
        found = {(item.address, item.port, item.protocol) for item in ProcSockets().listeners()}
        assert ("127.0.44.2", udp.getsockname()[1], "udp") in found
        assert client.getsockname()[1] not in {port for _, port, _ in found}


@pytest.mark.skipif(sys.byteorder != "little", reason="the tables below are of a little-endian kernel")
def test_tables_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    identity = "0123456789abcdef" * 4
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(
        HEADER + row("00000000:1466", "0A", 11) + row("0100007F:1467", "0A", 12) + row("0100007F:1468", "01", 13)
    )
    (tmp_path / "net" / "tcp6").write_text(
        HEADER
        + row("00000000000000000000000000000000:1495", "0A", 14)
        + row("0000000000000000FFFF00000200007F:1496", "0A", 15)
        + row("B80D0120000000000000000001000000:1497", "0A", 16)
    )
    for pid, inode in (("200", 11), ("100", 11), ("300", 14)):
        (tmp_path / pid / "fd").mkdir(parents=True)
        (tmp_path / pid / "fd" / "5").symlink_to(f"socket:[{inode}]")
        (tmp_path / pid / "comm").write_text("lua 5.4\n")
        (tmp_path / pid / "cgroup").write_text(
            f"0::/system.slice/docker-{identity}.scope\n" if pid == "300" else "0::/"
        )
    assert ProcSockets(tmp_path).listeners() == [
        Listener("", 5222, "tcp", "lua 5.4", 100, ""),
        Listener("127.0.0.1", 5223, "tcp", "", 0, ""),
        Listener("", 5269, "tcp", "lua 5.4", 300, identity),
        Listener("127.0.0.2", 5270, "tcp", "", 0, ""),
        Listener("2001:db8::1", 5271, "tcp", "", 0, ""),
    ]


def test_in_a_host_that_is_a_container_the_innermost_one_counts(tmp_path: Path) -> None:
    outer, inner = "a" * 64, "b" * 64
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(HEADER + row("00000000:1466", "0A", 11))
    (tmp_path / "7" / "fd").mkdir(parents=True)
    (tmp_path / "7" / "fd" / "5").symlink_to("socket:[11]")
    # both forms at once, as where cgroup v1 and v2 are mounted, and not each hierarchy is as deep
    (tmp_path / "7" / "cgroup").write_text(f"4:memory:/docker/{outer}/docker/{inner}\n0::/docker/{outer}\n")
    assert [item.container_id for item in ProcSockets(tmp_path).listeners()] == [inner]


def test_a_host_without_ipv6_has_no_such_table(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    assert ProcSockets(tmp_path).listeners() == []
    assert ProcSockets(tmp_path).addresses() == []


def test_addresses_are_those_that_others_can_use(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "fib_trie").write_text(
        "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.0.2.7\n"
        "        /32 host LOCAL\n     |-- 192.0.2.255\n        /32 link BROADCAST\n     |-- 192.0.2.7\n"
        "        /32 host LOCAL\n"
    )
    (tmp_path / "net" / "if_inet6").write_text(
        "00000000000000000000000000000001 01 80 10 80       lo\n"
        "fe800000000000000000000000000001 02 40 20 80     eth0\n"
        "20010db8000000000000000000000007 02 40 00 80     eth0\n"
        "20010db8000000000000000000000008 02 40 00 01     eth0\n"
        "20010db8000000000000000000000009 02 40 00 40     eth0\n"
        "20010db800000000000000000000000a 02 40 00 88     eth0\n"
    )
    assert ProcSockets(tmp_path).addresses() == ["192.0.2.7", "2001:db8::7"]


def test_the_networks_of_containers_come_last(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    own = ("172.17.0.1", "172.18.0.1", "192.168.77.5")
    tree = "".join(f"     |-- {address}\n        /32 host LOCAL\n" for address in own)
    (tmp_path / "net" / "fib_trie").write_text(f"Local:\n{tree}")
    (tmp_path / "net" / "route").write_text(
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
        "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "br-8ec0146275e3\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "br-lan\t004DA8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    )
    assert ProcSockets(tmp_path).addresses() == ["192.168.77.5", "172.17.0.1", "172.18.0.1"]


def test_this_machine_has_no_loopback_among_its_addresses() -> None:
    found = [ip_address(address) for address in ProcSockets().addresses()]
    assert not any(address.is_loopback or address.is_link_local for address in found)
    assert found == sorted(found, key=lambda address: address.version)
