"""Real web servers of somebody else, each with a folder of its own and a website on its own port beside ours."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.dns.programs import environment, program
from tests.e2e.server.faults import listens, wait_until

THEIR_PORT = 8080
THEIR_WORDS = "their website"
THEIR_NAME = "shop.example"

_NGINX = """\
user root;
pid {root}/front.pid;
error_log {root}/front.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
    uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
    include {root}/etc/nginx/conf.d/*.conf;
    server {{ listen {address}:8080; server_name shop.example; return 200 "their website"; }}
}}
"""
_APACHE = """\
ServerName {address}
PidFile {root}/front.pid
ErrorLog {root}/front.log
DefaultRuntimeDir {root}
Mutex file:{root} default
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
Listen {address}:8080
Listen {address}:80
IncludeOptional {root}/etc/apache2/sites-enabled/*.conf
"""
_APACHE_SITE = """\
<VirtualHost {address}:8080>
    ServerName shop.example
    ErrorDocument 403 "their website"
    ErrorDocument 404 "their website"
</VirtualHost>
"""
_CADDY = """\
{{
	admin {address}:2019
	auto_https disable_redirects
	local_certs
	skip_install_trust
	storage file_system {root}/caddy
}}
http://shop.example:8080 {{
	bind {address}
	respond "their website"
}}
import xmpp-wizard*.caddy
"""
_CONFIGS: Mapping[str, Mapping[str, str]] = {
    "nginx": {"etc/nginx/nginx.conf": _NGINX, "etc/nginx/conf.d/keep": ""},
    "apache": {
        "etc/apache2/apache2.conf": _APACHE,
        "etc/apache2/envvars": "export APACHE_HTTPD={apache}\n",
        "etc/apache2/sites-enabled/shop.conf": _APACHE_SITE,
    },
    "caddy": {"etc/caddy/Caddyfile": _CADDY},
}


class FrontServer:
    """One web server that was there before us."""

    def __init__(self, kind: str, root: Path, address: str, project: str) -> None:
        """Write its configuration below ``root``, where the program looks for it."""
        self.kind, self.root, self.address = kind, root, address
        apache = program("apache2") if kind == "apache" else ""
        modules = Path(apache).parents[1] / "lib/apache2/modules" if apache else ""
        facts = {"root": root, "address": address, "project": project, "apache": apache, "modules": modules}
        for name, text in _CONFIGS[kind].items():
            path = root / name.format(**facts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(**facts))
        if modules:
            (root / "usr/lib/apache2").mkdir(parents=True)
            (root / "usr/lib/apache2/modules").symlink_to(modules)
        self.environment = {
            **{name: value for name, value in environment().items() if name in ("PATH", "LD_LIBRARY_PATH")},
            "XDG_DATA_HOME": str(root),
        }
        self.environment["PATH"] = f"{Path(program(_NAMES[kind])).parent}:{os.environ['PATH']}"

    @property
    def config(self) -> Path:
        """The file that it reads first."""
        return self.root / next(iter(_CONFIGS[self.kind]))

    def start(self) -> None:
        """Start it in the background and wait until the website answers."""
        words = {
            "nginx": ["nginx", "-c", str(self.config)],
            "apache": ["apache2ctl", "start"],
            "caddy": ["caddy", "start", "--adapter", "caddyfile", "--config", str(self.config),
                      "--pidfile", str(self.root / "front.pid")],
        }[self.kind]  # fmt: skip
        extra = {"APACHE_CONFDIR": str(self.root / "etc/apache2")}
        with (self.root / "start.log").open("wb") as log:
            subprocess.run(
                words,
                env={**os.environ, **self.environment, **extra},
                check=True,
                stdout=log,
                stderr=log,
                timeout=30,
            )
        wait_until(lambda: self.website() == THEIR_WORDS, "their website answers", seconds=20)

    def website(self) -> str:
        """Return what the website that was here first says."""
        with suppress(OSError), socket.create_connection((self.address, THEIR_PORT), 5) as connection:
            connection.sendall(f"GET / HTTP/1.0\r\nHost: {THEIR_NAME}:{THEIR_PORT}\r\n\r\n".encode())
            answer = b""
            while part := connection.recv(4096):
                answer += part
            return answer.partition(b"\r\n\r\n")[2].decode().strip()
        return ""

    def stop(self) -> None:
        """Stop it, if it runs, and wait for its end: were it killed meanwhile, its workers would stay for good."""
        with suppress(OSError, ValueError):
            os.kill(int((self.root / "front.pid").read_text()), signal.SIGTERM)
            wait_until(lambda: not listens(self.address, THEIR_PORT), "their web server is gone")

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self.stop()


_NAMES = {"nginx": "nginx", "apache": "apache2", "caddy": "caddy"}
