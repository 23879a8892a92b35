"""What is shown for web servers that a person tells what to pass on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from tests.core.network.sites import FRONT

from xmpp_wizard.core.answers.model import answers_model
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.front import BY_HAND, PROGRAMS, recognised_image, title_of
from xmpp_wizard.core.rendering.fronts import front_text
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.effects.appliance import ShippedAppliance

ROUTER = {"entryPoints", "middlewares", "service", "rule", "ruleSyntax", "priority", "tls", "observability"}
BALANCER = {"sticky", "servers", "strategy", "healthCheck", "passiveHealthCheck", "passHostHeader",
            "responseForwarding", "serversTransport"}  # fmt: skip
TRAEFIK: Any = {
    "http": {
        "routers": {"*": {name: {"*"} for name in ROUTER}},
        "services": {"*": {"loadBalancer": {name: {"*"} for name in BALANCER}}},
    },
    "tls": {"certificates": [{"certFile", "keyFile", "stores"}], "options": {"*"}, "stores": {"*"}},
}
"""What Traefik 2 and 3 take there (reference of the file provider's dynamic configuration)."""


def lines(kind: str, upstream: str = "127.0.0.1:5280", **folders: str) -> str:
    paths = {f"/{path.replace('_', '/')}": folder for path, folder in folders.items()}
    certified = ("a.example", "groups.a.example", "share.a.example")
    front = replace(FRONT, kind="other", upstream=upstream, certified=certified)
    return front_text(front, ShippedAppliance().templates()[BY_HAND[kind].template], Layout(), paths)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("jc21/nginx-proxy-manager:latest", "nginx-proxy-manager"),
        ("docker.io/jc21/nginx-proxy-manager@sha256:abc", "nginx-proxy-manager"),
        ("zoeyvid/npmplus", "nginx-proxy-manager"),
        ("localhost:5000/traefik:v3.1", "traefik"),
        ("httpd:2.4", "apache"),
        ("nginx", "nginx"),
        ("postgres:17", ""),
    ],
)
def test_an_image_is_recognised(image: str, kind: str) -> None:
    assert recognised_image(image) == kind


def test_all_kinds_have_a_title() -> None:
    assert {title_of(kind) for kind in (*PROGRAMS, *BY_HAND)} == {
        "nginx", "Apache", "Caddy", "HAProxy", "Traefik", "Nginx Proxy Manager",
    }  # fmt: skip


def test_nginx_proxy_manager_is_told_in_its_own_words() -> None:
    text = lines("nginx-proxy-manager", "172.18.0.1:5280", etc_letsencrypt="/srv/npm/letsencrypt", data="/srv/npm/data")
    for line in (
        "     Domain Names            a.example share.a.example",
        "     Scheme                  http",
        "     Forward Hostname / IP   172.18.0.1",
        "     Forward Port            5280",
        "     Websockets Support      on",
        "     client_max_body_size 0;",
        "       --set network.local_http_address=172.18.0.1",
        "     sudo ufw allow from 172.18.0.0/16 to 172.18.0.1 port 5280 proto tcp",
        "     a.example groups.a.example share.a.example",
        "       --set certificates.store=/srv/npm/letsencrypt/live",
        "       --set certificates.acme.webroot=/srv/npm/data/letsencrypt-acme-challenge",
    ):
        assert line in text.splitlines()
    assert max(map(len, text.splitlines())) <= 80


def test_one_with_the_machine_s_network_needs_no_other_address() -> None:
    text = lines("nginx-proxy-manager")
    assert "Forward Hostname / IP   127.0.0.1" in text
    assert "network_mode: host" in text
    assert "local_http_address" not in text
    assert "ufw" not in text


def test_what_traefik_gets_is_what_it_documents() -> None:
    said = yaml.safe_load(lines("traefik"))
    fits(said, TRAEFIK)
    (router,), (service,) = said["http"]["routers"].values(), said["http"]["services"].values()
    assert router["rule"] == "Host(`a.example`) || Host(`share.a.example`)"
    assert router["service"] in said["http"]["services"]
    assert service["loadBalancer"]["servers"] == [{"url": "http://127.0.0.1:5280"}]
    assert [set(pair) for pair in said["tls"]["certificates"]] == [{"certFile", "keyFile"}]


def fits(said: Any, known: Any) -> None:  # noqa: ANN401 whatever YAML gives
    """Fail at a key that is not known."""
    if isinstance(known, list):
        assert all(set(item) <= known[0] for item in said)
    elif isinstance(known, dict):
        for name, value in said.items():
            assert name in known or "*" in known, name
            fits(value, known.get(name, known.get("*")))


def test_a_container_s_network_is_trusted_and_what_is_public_refused() -> None:
    network = {"web_server": "other", "local_http_address": "172.18.0.1"}
    wanted = desired(answers_model().model_validate({"domain": "a.example", "network": network}))
    assert wanted.front is not None
    assert wanted.front.upstream == "172.18.0.1:5280"
    assert wanted.settings["http_interfaces"].value == ("172.18.0.1",)
    assert wanted.settings["trusted_proxies"].value == ("127.0.0.0/8", "::1", "172.18.0.0/16")
    with pytest.raises(ValueError, match="can be reached from outside"):
        answers_model().model_validate({"domain": "a.example", "network": {"local_http_address": "8.8.8.8"}})
