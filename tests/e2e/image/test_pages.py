"""The pages of an invitation find their texts, pictures, styles and scripts, each in its own module."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from tests.e2e.image.running import Image, Running

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def pages(prosody: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start a server with the pages."""
    folder = tmp_path_factory.mktemp("pages")
    folder.chmod(0o755)
    (folder / "pages.cfg.lua").write_text(
        'invites_page = "http://a.example/invites_page?{invite.token}"\nsite_name = "Us"\n'
    )
    variables = {
        "PROSODY_VIRTUAL_HOSTS": "a.example",
        "PROSODY_ENABLE_MODULES": "invites_page, invites_register_web, register_apps, http_libjs, register_web",
        "PROSODY_HTTP_INTERFACES": "*",
    }
    mounted = {str(folder): {"bind": "/etc/prosody/conf.d", "mode": "ro"}}
    with prosody.started(environment=variables, volumes=mounted) as running:
        running.wait_for_stream("a.example")
        yield running


def _get(running: Running, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(running.address, 5280, timeout=5)
    connection.request("GET", path, headers={"Host": "a.example"})
    answer = connection.getresponse()
    body = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, body


def test_an_invitation_leads_to_a_page_whose_parts_are_all_there(pages: Running) -> None:
    link = pages.prosodyctl("shell", "invite", "create_account", "a.example")
    found = re.search(r"http://a\.example(/invites_page\?\S+)", link)
    assert found, link
    status, page = _get(pages, found[1])
    assert status == 200
    assert "Us" in page
    # the icons of a site are its own business: the module ships none
    found_parts = re.findall(r'(?:src|rel="stylesheet" href)="([^"]+)"', page)
    parts = {urljoin("http://a.example/invites_page", part) for part in found_parts}
    paths = {part.removeprefix("http://a.example") for part in parts if not part.startswith("data:")}
    for part in ("/bootstrap4/css/", "/jquery/", "/logos/", "/qrcode.min.js"):
        assert any(part in path for path in paths), (part, paths)
    assert {path: _get(pages, path)[0] for path in paths} == dict.fromkeys(paths, 200)


def test_an_invitation_can_be_taken_up_on_the_web(pages: Running) -> None:
    link = pages.prosodyctl("shell", "invite", "create_account", "a.example")
    token = link.split("invites_page?")[1].split()[0]
    status, page = _get(pages, f"/register?t={token}")
    assert status == 200
    assert 'name="password"' in page


def test_the_registration_form_finds_its_template(pages: Running) -> None:
    status, page = _get(pages, "/register_web")
    assert status == 200
    assert "captcha" in page
