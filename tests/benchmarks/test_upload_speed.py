"""How fast 50 MB are sent to the server, beside a plain HTTPS server with the same certificate on the same disk."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from socket import create_connection
from statistics import median
from urllib.parse import urlsplit

import pytest
from tests.e2e.dns.programs import environment, program
from tests.e2e.server.faults import wait_until
from tests.e2e.server.machine import Server
from tests.e2e.server.xmpp import Client

pytestmark = [pytest.mark.benchmark, pytest.mark.e2e]

BYTES = 50_000_000
ROUNDS = 9
WANTED = 0.8
UPLOAD = "urn:xmpp:http:upload:0"
PLAIN_ADDRESS = "127.49.0.5"
_NGINX = """\
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    server {{
        listen {address}:443 ssl;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        client_max_body_size 100m;
        root {folder}/files;
        location / {{ dav_methods PUT; }}
    }}
}}
"""


@contextmanager
def plain_https(folder: Path, certificates: Path) -> Iterator[None]:
    """Run nginx, which keeps what is sent to it."""
    (folder / "files").mkdir(parents=True)
    chain, key = certificates / "fullchain.pem", certificates / "privkey.pem"
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, address=PLAIN_ADDRESS, chain=chain, key=key))
    command = [program("nginx"), "-c", str(config), "-g", "daemon off;"]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL) as process:
        try:
            wait_until((folder / "nginx.pid").exists, "nginx runs")
            yield
        finally:
            process.terminate()


def seconds_to_put(address: str, url: str, headers: Mapping[str, str], content: bytes) -> float:
    """Send ``content`` to ``url``, whatever DNS says; return how long it took after the connection was there."""
    parts = urlsplit(url)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection(str(parts.hostname), context=context)
    connection.sock = context.wrap_socket(create_connection((address, 443), 120), server_hostname=parts.hostname)
    began = time.perf_counter()
    connection.request("PUT", parts.path, body=content, headers=dict(headers))
    status = connection.getresponse().status
    taken = time.perf_counter() - began
    connection.close()
    assert status in (200, 201, 204), status
    return taken


def slot(app: Client, host: str) -> tuple[str, dict[str, str]]:
    """Return where a file may be sent, and with which headers."""
    wish = f"<request xmlns='{UPLOAD}' filename='holiday.mp4' size='{BYTES}' content-type='video/mp4'/>"
    put = app.ask(wish, to=host).find(f".//{{{UPLOAD}}}put")
    assert put is not None
    headers = {item.get("name", ""): item.text or "" for item in put}
    return put.get("url", ""), {**headers, "Content-Type": "video/mp4"}


def test_an_upload_against_a_plain_https_server(tmp_path: Path) -> None:
    server, content = Server(tmp_path / "ours"), os.urandom(BYTES)
    server.root.mkdir()
    ours, plain = [], []
    try:
        server.apply({"certificates.source": "local"})
        server.add_user()
        live = server.state / "certificates/live" / server.domain
        with plain_https(tmp_path / "plain", live), server.log_in() as ann:
            for number in range(ROUNDS):
                ours.append(seconds_to_put(server.address, *slot(ann, f"share.{server.domain}"), content))
                plain.append(seconds_to_put(PLAIN_ADDRESS, f"https://{server.domain}/{number}", {}, content))
    finally:
        server.remove()
    speed, other = (BYTES / median(found) / 1e6 for found in (ours, plain))
    ratio = median(theirs / mine for mine, theirs in zip(ours, plain, strict=True))
    sys.stdout.write(
        f"\nupload of 50 MB: {speed:.0f} MB/s, nginx {other:.0f} MB/s, ratio {ratio:.2f} (wanted {WANTED})\n"
    )
