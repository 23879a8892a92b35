"""Who keeps a zone is told by its servers, and a stranger's is not guessed."""

import pytest

from xmpp_wizard.core.dns.keepers import KEEPERS, keeper_of, where_to_enter


@pytest.mark.parametrize(
    ("servers", "name"),
    [
        (["dana.ns.cloudflare.com.", "rob.ns.cloudflare.com."], "Cloudflare"),
        (["helium.ns.hetzner.de", "oxygen.ns.hetzner.com"], "Hetzner"),
        (["ns1.second-ns.de"], "Hetzner"),
        (["NS-1234.AWSDNS-26.ORG."], "Amazon Route 53"),
        (["ns1013.ui-dns.biz"], "IONOS"),
        (["ns1.desec.io", "ns2.desec.org"], "deSEC"),
    ],
)
def test_known_keepers(servers: list[str], name: str) -> None:
    found = keeper_of(servers)
    assert found is not None
    assert found.name == name
    assert str(where_to_enter(servers)).startswith(f"Your DNS is kept by {name}: ")


@pytest.mark.parametrize("servers", [[], ["ns1.example.org"], ["hetzner.com.evil.example"], ["notcloudflare.com"]])
def test_nobody_is_guessed(servers: list[str]) -> None:
    assert keeper_of(servers) is None
    assert not str(where_to_enter(servers))


def test_no_two_keepers_have_the_same_servers() -> None:
    marks = [mark for keeper in KEEPERS for mark in keeper.servers]
    assert len(set(marks)) == len(marks)
