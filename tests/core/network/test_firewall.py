"""What has to be opened, what ufw says that it lets in, and what of it people are told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.planning.small_server import TARGET, settled

from xmpp_wizard.core.network import ufw
from xmpp_wizard.core.network.firewall import Door, ObservedFirewall, closed_doors, door_of
from xmpp_wizard.core.network.openings import Opening, doors
from xmpp_wizard.core.planning.make_plan import make_plan

APPS, SERVERS, WEB = Door(5222), Door(5269), Door(443)
STATUS = """\
Status: active
Logging: on (low)
Default: deny (incoming), allow (outgoing), disabled (routed)
New profiles: skip

To                         Action      From
--                         ------      ----
22/tcp (OpenSSH)           ALLOW IN    Anywhere
Nginx Full                 ALLOW IN    Anywhere
5222/tcp                   ALLOW IN    10.0.0.0/8
5269/tcp                   ALLOW IN    Anywhere                   # xmpp-wizard
5223,7000:7010/tcp         LIMIT IN    Anywhere
7005/tcp                   DENY IN     Anywhere
3478                       ALLOW IN    Anywhere
5349/udp on eth0           ALLOW IN    Anywhere
9000/tcp                   ALLOW OUT   Anywhere
5269/tcp (v6)              ALLOW IN    Anywhere (v6)              # xmpp-wizard
5223,7000:7010/tcp (v6)    LIMIT IN    Anywhere (v6)
3478 (v6)                  ALLOW IN    Anywhere (v6)
5349/udp (v6) on eth0      ALLOW IN    Anywhere (v6)
Nginx Full (v6)            ALLOW IN    Anywhere (v6)
"""
PROFILES = {"Nginx Full": "80,443/tcp"}


def opening(port: int, address: str = "", protocol: str = "tcp", *, is_public: bool = True) -> Opening:
    return Opening(address, port, protocol, "prosody", "none", is_public, "apps")


def test_only_what_the_world_must_reach_is_a_door() -> None:
    found = doors(
        [
            opening(5222),
            opening(5222, "192.0.2.7"),
            opening(5223, "127.0.0.1"),
            opening(5280, is_public=False),
            opening(3478, protocol="udp"),
            opening(5269, "::1"),
            opening(5270, "2001:db8::1"),
        ]
    )
    assert found == (Door(3478, "udp"), Door(5222), Door(5270))


@pytest.mark.parametrize(
    ("door", "is_in"),
    [
        (WEB, True),
        (APPS, False),
        (SERVERS, True),
        (Door(5223), True),
        (Door(7005), True),
        (Door(7011), False),
        (Door(3478, "udp"), True),
        (Door(3478), True),
        (Door(5349, "udp"), True),
        (Door(5349), False),
        (Door(9000), False),
    ],
)
def test_the_first_rule_that_fits_counts(door: Door, *, is_in: bool) -> None:
    assert ufw.lets_in(STATUS, door, lambda name: PROFILES.get(name, "")) is is_in


def test_what_only_ipv4_lets_in_is_closed() -> None:
    text = STATUS.replace("5269/tcp (v6)              ALLOW IN", "5269/tcp (v6)              DENY IN ")
    assert not ufw.lets_in(text, SERVERS, lambda _: "")
    without_six = "\n".join(line for line in STATUS.splitlines() if "(v6)" not in line)
    assert ufw.lets_in(without_six, SERVERS, lambda _: "")


def test_a_firewall_that_lets_everybody_in_is_no_hindrance() -> None:
    text = STATUS.replace("Default: deny (incoming)", "Default: allow (incoming)")
    assert ufw.lets_in(text, Door(4711), lambda _: "")


def test_our_own_rules_are_known_by_their_comment() -> None:
    assert ufw.opened_by(STATUS, "xmpp-wizard") == (SERVERS,)
    assert ufw.opened_by(STATUS, "xmpp-wizard-second") == ()


def test_an_inactive_ufw_decides_nothing() -> None:
    assert ufw.is_active(STATUS)
    assert not ufw.is_active("Status: inactive\n")


@pytest.mark.parametrize(
    ("wanted", "found", "plan"),
    [
        ((), ObservedFirewall("ufw", (APPS,)), ""),
        ((APPS, WEB), ObservedFirewall("ufw", (APPS,)), "[] firewall: OpenDoors, it lets nobody in there"),
        ((APPS,), ObservedFirewall("nftables", unsure=(APPS,)), "[] firewall: OpenDoors, it lets nobody in there"),
        ((APPS,), ObservedFirewall("nftables", unsure=(APPS,), ours=(APPS,)), ""),
        ((APPS,), ObservedFirewall(), ""),
        ((APPS,), None, ""),
        ((APPS,), ObservedFirewall("ufw", ours=(APPS,)), ""),
        (
            (APPS,),
            ObservedFirewall("ufw", ours=(APPS, WEB)),
            "[] firewall-close: CloseDoors, this program opened it and it is no longer needed",
        ),
    ],
)
def test_nothing_is_opened_or_closed_without_need(
    wanted: tuple[Door, ...], found: ObservedFirewall | None, plan: str
) -> None:
    assert str(make_plan(replace(TARGET, doors=wanted), replace(settled(), firewall=found))) == plan


def test_people_are_told_what_is_closed_and_what_nobody_knows() -> None:
    told = [str(text) for text in closed_doors(ObservedFirewall("ufw", (APPS, WEB), (SERVERS,)))]
    assert told[0].startswith("the firewall (ufw) keeps everybody out of 5222/tcp, 443/tcp; ")
    assert "5269/tcp in cannot be told" in told[1]
    assert list(closed_doors(ObservedFirewall("ufw", ours=(APPS,)))) == []


def test_a_range_is_one_door_written_in_each_firewall_s_way() -> None:
    found = doors([replace(opening(49152, protocol="udp"), last=49251)])
    assert found == (Door(49152, "udp", 49251),)
    assert (str(found[0]), ufw.written(found[0])) == ("49152-49251/udp", "49152:49251/udp")
    assert door_of("49152-49251/udp") == found[0]
    assert door_of("ssh") is None
    assert found[0].ends == (Door(49152, "udp"), Door(49251, "udp"))
    assert APPS.ends == (APPS,)


def test_a_range_of_our_own_is_known_by_its_comment() -> None:
    rule = "49152:49251/udp            ALLOW IN    Anywhere                   # xmpp-wizard"
    assert ufw.opened_by(f"Status: active\n{rule}\n", "xmpp-wizard") == (Door(49152, "udp", 49251),)
