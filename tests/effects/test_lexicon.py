"""The process that DNS providers are spoken to in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from xmpp_wizard.core.dns.account import Access, DnsAccount
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.effects.dns_providers import NetworkDnsProviders


def test_nothing_is_loaded_from_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may stand in a folder that anybody writes to."""
    (tmp_path / "requests.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    access = Access(DnsAccount("nobody-has-this-name"), Secret("token"), ())
    with pytest.raises(DnsProviderError, match="there is no DNS provider"):
        NetworkDnsProviders().apply(access, Change("a.example", (), (), 60))
    assert not (tmp_path / "loaded").exists()


@contextmanager
def provider_that_takes(most: int) -> Iterator[Access]:
    """Give access to one that speaks as PowerDNS does and forbids all changes after so many."""
    left = [most]

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(200, {"name": "a.example.", "kind": "Native", "rrsets": []})

        def do_PATCH(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            left[0] -= 1
            self._say(204 if left[0] >= 0 else 403, {})

        def _say(self, status: int, body: object) -> None:
            self.send_response(status)
            self.end_headers()
            if status == 200:
                self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.66.9.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.66.9.1:{server.server_port}"
        options = (("pdns_server", url), ("pdns_server_id", "localhost"))
        try:
            yield Access(DnsAccount("powerdns", secret_file="/root/token", options=options), Secret("token"))
        finally:
            server.shutdown()


@pytest.mark.parametrize("most", [0, 1])
def test_a_refusal_means_that_nothing_was_done(most: int) -> None:
    records = (Record("a.example", "A", "192.0.2.9"), Record("a.example", "AAAA", "2001:db8::9"))
    with (
        provider_that_takes(most) as access,
        pytest.raises(DnsProviderError, match="powerdns refuses the token: HTTP 403") as caught,
    ):
        NetworkDnsProviders().apply(access, Change("a.example", records))
    assert isinstance(caught.value, DnsRefusedError) is (most == 0)
