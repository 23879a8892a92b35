"""Ranges of addresses that are not the internet, from IANA's registries of special-purpose addresses."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

NOT_THE_INTERNET: tuple[IPv4Network | IPv6Network, ...] = (
    *map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    ),
    *map(
        IPv6Network,
        (
            # with an IPv4 address inside: compatible, mapped, NAT64, Teredo, 6to4
            "::/96",
            "::ffff:0:0/96",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "2001::/32",
            "2002::/16",
            "100::/64",
            "2001:db8::/32",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
        ),
    ),
)
"""Private, loopback, link-local, multicast, documentation and reserved: a relay passes nothing on to them."""
