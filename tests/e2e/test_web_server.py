"""A web server that was here first keeps the web's ports: ours is reached through it, and its own website stays."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.e2e.dns.programs import environment, program
from tests.e2e.server.faults import wait_until
from tests.e2e.server.fronts import THEIR_WORDS, FrontServer
from tests.e2e.server.machine import Server, told
from tests.e2e.server.proving import proven, red
from tests.e2e.server.web import ask

pytestmark = pytest.mark.e2e


@pytest.fixture
def server(image: str) -> Iterator[Server]:
    """Give a server in a folder that others may look into, as the web servers' workers are not root."""
    assert image
    with TemporaryDirectory(prefix="xmpp-wizard-front-") as folder:
        Path(folder).chmod(0o755)
        found = Server(Path(folder))
        yield found
        found.remove()


@pytest.fixture
def front(request: pytest.FixtureRequest, server: Server) -> Iterator[FrontServer]:
    """Give the web server of the parameter, with the server of this test told where its programs are."""
    with FrontServer(request.param, server.root, server.address, server.project) as found:
        server.environment = {**server.environment, **found.environment}
        yield found


@pytest.mark.parametrize("front", ["nginx", "apache"], indirect=True)
def test_pages_uploads_and_web_chat_go_through_it(server: Server, front: FrontServer) -> None:
    server.apply({"network.web_server": front.kind})
    done = server.cli("prove")
    assert done.returncode == 0, told(done)
    assert front.website() == THEIR_WORDS
    assert server.nothing_to_do()
    assert server.cli("cert", "renew", "--force", "--yes").returncode == 0
    assert challenge(server) == "nonce"
    status, _ = ask(server, f"https://{server.domain}/.well-known/host-meta")
    assert status == 200
    done = server.cli("uninstall", "--yes")
    assert done.returncode == 0, told(done)
    assert not list(server.root.glob(f"etc/*/*/{server.project}*"))
    wait_until(lambda: refuses_https(server), "nobody serves the chat server's pages any more")
    assert front.website() == THEIR_WORDS


@pytest.mark.long
@pytest.mark.parametrize("front", ["nginx"], indirect=True)
def test_pages_to_chat_on_go_through_it_for_guests_too(server: Server, front: FrontServer) -> None:
    features = ("web_chat", "guests", "public_channels")
    server.apply({"network.web_server": front.kind, **{f"features.{name}.enabled": True for name in features}})
    found = proven(server)
    assert red(found) == set()
    assert "guests get in" in found["guest_page"]["text"]["message"]


def challenge(server: Server) -> str:
    """Return what an authority gets that comes to port 80 for a name without pages."""
    folder = server.root / "var/lib" / f"{server.project}-challenges/.well-known/acme-challenge"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "token").write_text("nonce")
    name = f"groups.{server.domain}"
    url = f"http://{name}/.well-known/acme-challenge/token"
    done = subprocess.run(
        ["curl", "-sS", "-m", "5", "--resolve", f"{name}:80:{server.address}", url],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def refuses_https(server: Server) -> bool:
    """Say whether nothing answers on the web's port."""
    done = subprocess.run(["curl", "-ksS", "-m", "2", f"https://{server.address}/"], capture_output=True, check=False)
    return done.returncode == 7


@pytest.mark.parametrize("front", ["nginx", "apache"], indirect=True)
def test_it_can_go_again(server: Server, front: FrontServer) -> None:
    server.apply({"network.web_server": "own"})
    server.apply({"network.web_server": front.kind})
    server.apply({"network.web_server": "own"})
    status, _ = ask(server, f"https://{server.domain}/.well-known/host-meta")
    assert status == 200
    assert "443" not in held_by(front, server)
    done = server.cli("undo", "--yes", "--no-proof")
    assert done.returncode == 0, told(done)
    status, _ = ask(server, f"https://{server.domain}/.well-known/host-meta")
    assert status == 200
    assert "443" in held_by(front, server)
    assert front.website() == THEIR_WORDS


@pytest.mark.parametrize("front", ["caddy"], indirect=True)
def test_caddy_lets_go_again(server: Server, front: FrontServer) -> None:
    server.apply({"network.web_server": "caddy"})
    assert "443" in held_by(front, server)
    server.apply({"network.web_server": "own"})
    status, _ = ask(server, f"https://{server.domain}/.well-known/host-meta")
    assert status == 200
    assert not {"80", "443"} & held_by(front, server)
    assert front.website() == THEIR_WORDS
    assert server.nothing_to_do()


def held_by(front: FrontServer, server: Server) -> set[str]:
    """Return the ports of the server's address that the web server in front listens on."""
    found = subprocess.run(["ss", "-Hltnp", "src", server.address], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in found.splitlines() if front.kind in line]
    return {fields[3].rpartition(":")[2] for fields in lines}


@pytest.mark.parametrize("front", ["nginx"], indirect=True)
def test_one_with_websites_of_its_own_on_our_port_stays(server: Server, front: FrontServer) -> None:
    server.apply({"network.web_server": "nginx"})
    site = front.config.parent / "conf.d/theirs.conf"
    live = server.state / "certificates/live" / server.domain
    site.write_text(
        f"server {{ listen {server.address}:443 ssl; server_name theirs.example; return 200 theirs;"
        f" ssl_certificate {live}/fullchain.pem; ssl_certificate_key {live}/privkey.pem; }}\n"
    )
    assert server.cli("cert", "renew", "--force", "--yes", "--no-proof").returncode == 0
    done = server.try_apply({"network.web_server": "own"})
    assert done.returncode == 6, told(done)
    assert "nginx keeps port 443 for websites of its own" in " ".join(done.stderr.split())
    status, _ = ask(server, f"https://{server.domain}/.well-known/host-meta")
    assert status == 200


@pytest.mark.parametrize("front", ["caddy"], indirect=True)
def test_caddy_serves_with_certificates_of_its_own(server: Server, front: FrontServer) -> None:
    server.apply({"network.web_server": "caddy"})
    url = f"https://{server.domain}/.well-known/host-meta"
    resolve = f"{server.domain}:443:{server.address}"
    done = subprocess.run(
        ["curl", "-ksS", "-m", "5", "--resolve", resolve, url], capture_output=True, text=True, check=True
    )
    assert f"wss://{server.domain}/xmpp-websocket" in done.stdout
    assert challenge(server) == "nonce"
    assert front.website() == THEIR_WORDS


@pytest.mark.parametrize("front", ["nginx", "apache"], indirect=True)
def test_its_mistake_is_told_and_nothing_of_ours_stays(server: Server, front: FrontServer) -> None:
    with front.config.open("a") as config:
        config.write("nonsense here;\n")
    done = server.try_apply({"network.web_server": front.kind})
    assert done.returncode == 3, told(done)
    assert "nonsense" in done.stderr + done.stdout
    assert not list(server.root.glob(f"etc/*/*/{server.project}*"))
    assert front.website() == THEIR_WORDS


@pytest.mark.parametrize("front", ["nginx", "apache"], indirect=True)
def test_a_website_of_the_same_name_is_not_hidden(server: Server, front: FrontServer) -> None:
    folder = {"nginx": "etc/nginx/conf.d", "apache": "etc/apache2/sites-enabled"}[front.kind]
    text = {
        "nginx": f"server {{ listen {server.address}:8080; server_name {server.domain}; }}",
        "apache": f"<VirtualHost {server.address}:8080>\nServerName {server.domain}\n</VirtualHost>\n",
    }[front.kind]
    (front.root / folder / "theirs.conf").write_text(text)
    done = server.try_apply({"network.web_server": front.kind})
    assert done.returncode == 5, told(done)
    assert f"already has a website for {server.domain}" in done.stderr
    assert "theirs.conf" in done.stderr


def test_a_web_server_that_is_not_here_is_named(server: Server) -> None:
    done = server.try_apply({"network.web_server": "nginx"})
    assert done.returncode == 5, told(done)
    assert "there is no etc/nginx/nginx.conf here" in done.stderr


def test_the_lines_for_haproxy_work(server: Server, tmp_path: Path) -> None:
    server.apply({"network.web_server": "other"})
    done = server.cli("web-server", "haproxy")
    assert done.returncode == 0, told(done)
    live = server.state / "certificates/live" / server.domain
    pem = tmp_path / "both.pem"
    pem.write_text((live / "fullchain.pem").read_text() + (live / "privkey.pem").read_text())
    begin = f"""
defaults
    mode http
    timeout connect 5s
    timeout client 900s
    timeout server 30s
frontend web
    bind {server.address}:443 ssl crt {pem}
"""
    config = tmp_path / "haproxy.cfg"
    config.write_text(begin + done.stdout)
    haproxy = subprocess.Popen([program("haproxy"), "-f", str(config)], env=environment())
    try:
        wait_until(lambda: not refuses_https(server), "HAProxy answers")
        done = server.cli("prove")
        assert done.returncode == 0, told(done)
    finally:
        haproxy.terminate()
        haproxy.wait(10)


_MANAGED = """
server {{
    set $forward_scheme {scheme}; set $server "{host}"; set $port {port};
    listen {address}:443 ssl;
    server_name {names};
    ssl_certificate {live}/fullchain.pem; ssl_certificate_key {live}/privkey.pem;
    {advanced}
    location / {{
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
        proxy_http_version 1.1;
        add_header X-Served-By $host;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-Scheme $scheme;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_pass $forward_scheme://$server:$port$request_uri;
    }}
}}
"""
"""What Nginx Proxy Manager makes of its fields (its templates proxy_host.conf and proxy.conf)."""


def test_the_fields_for_nginx_proxy_manager_work(server: Server) -> None:
    server.apply({"network.web_server": "other"})
    done = server.cli("web-server", "nginx-proxy-manager")
    assert done.returncode == 0, told(done)
    lines = done.stdout.splitlines()
    fields = dict(line.strip().split("   ", 1) for line in lines if line.startswith("     ") and "   " in line.strip())
    begin = lines.index("   Advanced (Custom Nginx Configuration)")
    advanced = [line.strip() for line in lines[begin:] if line.endswith(";")]
    with FrontServer("nginx", server.root, server.address, server.project) as front:
        text = _MANAGED.format(
            scheme=fields["Scheme"].strip(),
            host=fields["Forward Hostname / IP"].strip(),
            port=fields["Forward Port"].strip(),
            names=fields["Domain Names"].strip(),
            address=server.address,
            live=server.state / "certificates/live" / server.domain,
            advanced=" ".join(advanced),
        )
        (front.config.parent / "conf.d/managed.conf").write_text(text)
        reload = [program("nginx"), "-s", "reload", "-c", str(front.config)]
        subprocess.run(reload, env=environment(), check=True)
        wait_until(lambda: not refuses_https(server), "the web server answers")
        done = server.cli("prove")
        assert done.returncode == 0, told(done)


def test_who_has_the_ports_is_said(server: Server) -> None:
    with FrontServer("nginx", server.root, server.address, server.project) as front:
        front.config.write_text(front.config.read_text().replace(":8080;", f":8080; listen {server.address}:443;"))
        reload = [program("nginx"), "-s", "reload", "-c", str(front.config)]
        subprocess.run(reload, env=environment(), check=True)
        wait_until(lambda: "nginx" in server.cli("web-server").stdout, "the program sees nginx")
        done = server.cli("web-server")
        assert f"{server.address}" in done.stdout
        assert 'network.web_server = "nginx"' in " ".join(done.stderr.split())
