"""The web server in front: who it is, what it is told, and when it is told again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.network.sites import FRONT
from tests.core.planning.small_server import CONTAINER, TARGET, settled

from xmpp_wizard.core.answers.model import answers_model
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.front import PROGRAMS, FrontSite, ObservedFront, is_read, recognised
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.network.openings import Opening
from xmpp_wizard.core.observed import Loaded, Observed
from xmpp_wizard.core.planning.front import front_key
from xmpp_wizard.core.planning.make_plan import make_plan
from xmpp_wizard.core.rendering.fronts import front_files, front_text
from xmpp_wizard.core.target import File, Target
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.effects.appliance import ShippedAppliance

FILE = File("/etc/nginx/conf.d/xmpp-wizard.conf", "ours", 0o644, (0, 0), reader="nginx")


def with_front() -> Target:
    """Return the target with nginx in front."""
    return replace(TARGET, front=FRONT, files=(*TARGET.files, FILE))


def there(target: Target, names: dict[str, str] | None = None) -> Observed:
    """Return a host that is as ``target`` says, with an nginx that has read our file."""
    host = settled(target)
    files = [file for file in target.files if file.reader]
    steps = make_plan(target, replace(host, front=ObservedFront("config", names or {}))).steps
    read = {step.id: step.action.loaded for step in steps if step.id == front_key("nginx")}  # type: ignore[union-attr]
    assert len(read) == len(files)
    return replace(host, front=ObservedFront("config", names or {}), loaded={**host.loaded, **read})


@pytest.mark.parametrize(
    ("process", "kind"), [("nginx", "nginx"), ("apache2", "apache"), ("caddy", "caddy"), ("prosody", "")]
)
def test_a_process_is_recognised(process: str, kind: str) -> None:
    assert recognised(process) == kind


def test_nothing_is_done_twice() -> None:
    target = with_front()
    assert str(make_plan(target, there(target))) == ""


def test_the_file_comes_before_anything_is_interrupted_and_is_read_last() -> None:
    plan = make_plan(with_front(), replace(there(TARGET), front=ObservedFront("config", {})))
    assert str(plan) == (
        "[] file:/etc/nginx/conf.d/xmpp-wizard.conf: WriteFile, not there\n"
        "[file:/etc/nginx/conf.d/xmpp-wizard.conf] front:nginx: ReloadFront, "
        "what it passes on to this server differs from what it has read"
    )


def test_new_certificates_are_read() -> None:
    target = with_front()
    host = there(target)
    host = replace(host, certificate_generation=host.certificate_generation + 1)
    assert "front:nginx: ReloadFront" in str(make_plan(target, host))


def test_a_web_server_that_leaves_lets_go_of_our_ports_first() -> None:
    host = there(with_front())
    web = Opening("", 443, "tcp", "prosody", "direct", is_public=True, purpose="web")
    mine = replace(TARGET, openings=(web,), containers=(replace(CONTAINER, restart_hash="r2"),))
    host = replace(host, front=None, listeners=(Listener("", 443, "tcp", "nginx", 5),))
    host = replace(host, written={**host.written, FILE.path: ("any",)})
    plan = make_plan(mine, host)
    assert plan.obstacles == ()
    ids = [step.id for step in plan.steps]
    assert ids.index("front:nginx") < ids.index("container:prosody")
    stranger = replace(host, listeners=(Listener("", 443, "tcp", "caddy", 5),))
    assert [item.port for item in make_plan(mine, stranger).obstacles] == [443]


def test_whoever_has_the_web_s_port_may_be_a_web_server_that_this_program_does_not_know() -> None:
    web = Opening("", 443, "tcp", "prosody", "direct", is_public=True, purpose="web")
    target = replace(TARGET, openings=(web,))
    host = replace(there(TARGET), listeners=(Listener("", 443, "tcp", "docker-proxy", 5),))
    (obstacle,) = make_plan(target, host).obstacles
    assert "xmpp-wizard web-server says how" in str(obstacle.hint)


def test_a_web_server_that_is_no_longer_in_front_forgets_us() -> None:
    host = there(with_front())
    host = replace(host, front=None, written={**host.written, FILE.path: ("any",)})
    plan = make_plan(TARGET, host)
    assert [step.id for step in plan.steps] == [f"remove:{FILE.path}", "front:nginx"]
    done = replace(host, files={k: v for k, v in host.files.items() if k != FILE.path}, written={})
    done = replace(done, loaded={**host.loaded, front_key("nginx"): Loaded("", "", 0)})
    assert str(make_plan(TARGET, done)) == ""


def test_a_website_of_the_same_name_is_in_the_way() -> None:
    target = with_front()
    plan = make_plan(target, there(target, {"share.a.example": "/etc/nginx/sites-enabled/share"}))
    assert [str(obstacle.text) for obstacle in plan.obstacles] == [
        "nginx already has a website for share.a.example (/etc/nginx/sites-enabled/share)"
    ]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("import xmpp-wizard*.caddy", True),
        ("  import /etc/caddy/*.caddy\n", True),
        ("import xmpp-wizard.caddy", True),
        ("# import xmpp-wizard.caddy", False),
        ("import other.caddy", False),
        ("", False),
    ],
)
def test_caddy_needs_a_line(config: str, expected: bool) -> None:  # noqa: FBT001 a table of cases
    assert is_read(PROGRAMS["caddy"], config, "xmpp-wizard.caddy") is expected


def test_hostile_names_cannot_end_their_line() -> None:
    front = replace(FRONT, sites=(FrontSite("a.example", ("a.example; }\nserver {",)),))
    with pytest.raises(ValueError, match="one line"):
        front_text(front, ShippedAppliance().templates()["proxies/nginx.conf.j2"], Layout())


def test_a_person_who_does_it_alone_gets_no_file() -> None:
    assert front_files(replace(FRONT, kind="other"), {}, Layout()) == ()


@pytest.mark.parametrize("kind", ["nginx", "apache", "caddy", "other"])
def test_prosody_leaves_the_web_s_port_alone(kind: str) -> None:
    answers = answers_model().model_validate({"domain": "a.example", "network": {"web_server": kind}})
    wanted = desired(answers)
    assert wanted.front is not None
    assert wanted.front.names == ("a.example", "share.a.example")
    assert 443 not in {port.number for port in wanted.ports}
    assert wanted.settings["http_interfaces"].value == ("127.0.0.1",)
    assert not wanted.settings["https_ports"].value
    assert "ssl_ports" not in wanted.settings


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, [443, 5000, 5222, 5223, 5269, 5270]),
        ({"network": {"web_server": "nginx"}}, [443, 5000, 5222, 5223, 5269, 5270]),
        ({"certificates": {"source": "acme"}}, [80, 443, 5000, 5222, 5223, 5269, 5270]),
        ({"certificates": {"source": "acme", "acme": {"challenge": "dns-01"}}}, [443, 5000, 5222, 5223, 5269, 5270]),
        (
            {"certificates": {"source": "acme", "acme": {"challenge": "tls-alpn-01"}}},
            [443, 5000, 5222, 5223, 5269, 5270],
        ),
    ],
    ids=["own", "front", "authority", "authority by DNS", "authority on 443"],
)
def test_a_router_forwards_what_others_come_to(said: dict[str, object], expected: list[int]) -> None:
    wanted = desired(answers_model().model_validate({"domain": "a.example", **said}))
    assert [port.number for port in wanted.outside_ports if port.container != "turn"] == expected
