"""Who has the web's ports, and what another web server has to be told."""

from __future__ import annotations

import json

from tests.cli.conftest import Cli

from xmpp_wizard.core.network.listeners import Listener, Neighbour
from xmpp_wizard.effects.appliance import ShippedAppliance

MANAGER = Neighbour(
    "c0ffee", "npm", "jc21/nginx-proxy-manager:2", (("", 80), ("", 443)), {"/data": "/srv/npm/data"}, "172.18.0.1"
)


def test_a_container_is_named_with_its_image(cli: Cli) -> None:
    cli.fakes.sockets.listening = (Listener("", 443, "tcp", "docker-proxy", 7), Listener("", 5280, "tcp", "x", 8))
    cli.fakes.containers.others = (MANAGER,)
    assert cli.run("web-server") == 0
    assert cli.out == "443  Nginx Proxy Manager (container npm, image jc21/nginx-proxy-manager:2), all addresses\n"
    assert "sudo xmpp-wizard web-server nginx-proxy-manager" in " ".join(cli.err.split())
    cli.run("web-server", "--json")
    (found,) = json.loads(cli.out)["listeners"]
    assert (found["kind"], found["container"]) == ("nginx-proxy-manager", "npm")


def test_the_chat_server_itself_is_named_as_that(cli: Cli) -> None:
    cli.set_up()
    name = "xmpp-wizard-prosody"
    own = cli.fakes.containers.observe("xmpp-wizard")[name].id
    cli.fakes.sockets.listening = (Listener("127.0.0.9", 443, "tcp", "lua5.4", 7, own),)
    assert cli.run("web-server") == 0
    assert cli.out == f"443  this chat server (container {name}), 127.0.0.9\n"


def test_one_on_the_machine_and_one_by_hand_get_their_hint(cli: Cli) -> None:
    cli.fakes.sockets.listening = (Listener("", 80, "tcp", "nginx", 7), Listener("", 443, "tcp", "haproxy", 8))
    cli.run("web-server")
    hints = " ".join(cli.err.split())
    assert 'network.web_server = "nginx"' in hints
    assert "sudo xmpp-wizard web-server haproxy" in hints


def test_an_engine_that_is_down_hides_no_process(cli: Cli) -> None:
    cli.fakes.sockets.listening = (Listener("", 443, "tcp", "nginx", 7, "c0ffee"),)
    cli.fakes.containers.is_engine_down = True
    assert cli.run("web-server") == 0
    assert cli.out == "443  nginx (pid 7, container c0ffee), all addresses\n"


def test_its_lines_know_its_address_and_folders(cli: Cli) -> None:
    cli.fakes.appliance.texts = dict(ShippedAppliance().templates())
    cli.fakes.sockets.listening = (Listener("", 443, "tcp", "docker-proxy", 7),)
    cli.fakes.containers.others = (MANAGER,)
    cli.fakes.files.put("/root/a.toml", 'version = 1\ndomain = "a.example"\n')
    assert cli.run("web-server", "nginx-proxy-manager", "--answers", "/root/a.toml") == 0
    assert "Forward Hostname / IP   172.18.0.1" in cli.out
    assert "/srv/npm/data/letsencrypt-acme-challenge" in cli.out
    assert cli.run("web-server", "traefik", "--answers", "/root/a.toml") == 0
    assert "http://127.0.0.1:5280" in cli.out
