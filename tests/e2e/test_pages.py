"""Pages in the browser: each domain's own addresses, pictures and names, and an account from an invitation."""

import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from tests.e2e.server.machine import PASSWORD, Server
from tests.e2e.server.web import ask, invitation

pytestmark = pytest.mark.e2e

TITLE = 'Us & <them> "here"'
IDN = "bücher.example"


@pytest.fixture(scope="module")
def pages(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve two domains, one of them outside ASCII."""
    assert image
    with Server(tmp_path_factory.mktemp("pages")) as server:
        server.apply({"extra_domains": [IDN], "title": TITLE, "admins": ["boss"]})
        yield server


def web_name(domain: str) -> str:
    """Return the domain as a browser sends it."""
    return domain.encode("idna").decode()


def both(server: Server) -> tuple[str, str]:
    """Return the domains of the server."""
    return server.domain, IDN


def test_each_domain_tells_apps_its_own_addresses(pages: Server) -> None:
    for domain in both(pages):
        name = web_name(domain)
        status, text = ask(pages, f"https://{name}/.well-known/host-meta.json")
        links = {link["rel"].rpartition(":")[2]: link["href"] for link in json.loads(text)["links"]}
        assert status == 200
        assert links == {"websocket": f"wss://{name}/xmpp-websocket", "xbosh": f"https://{name}/http-bind"}


def test_an_invitation_leads_to_a_page_with_the_servers_own_name_and_nothing_of_others(pages: Server) -> None:
    for domain in both(pages):
        link = invitation(pages, domain)
        assert link.startswith(f"https://{web_name(domain)}/invite?")
        status, text = ask(pages, link)
        assert status == 200
        assert TITLE in unescape(text)
        assert "<them>" not in text
        shown = [urljoin(link, unescape(url)) for url in re.findall(r'src="([^"]+)"', text)]
        assert len([url for url in shown if "/register_apps/assets/logos/" in url]) == 7
        assert len([url for url in shown if url.endswith(".js")]) == 2
        for url in shown:
            assert urlsplit(url).hostname == web_name(domain), url
            assert ask(pages, url)[0] == 200, url
        assert f"Einladung zu {TITLE}" in unescape(ask(pages, link, language="de-AT,de;q=0.9")[1])


def test_every_link_to_an_app_or_the_form_works(pages: Server) -> None:
    link = invitation(pages, pages.domain)
    _, text = ask(pages, link)
    links = [urljoin(link, unescape(url)) for url in re.findall(r'<a [^>]*href="([^"#][^"]*)"', text)]
    ours = [url for url in links if urlsplit(url).hostname == pages.domain]
    others = {urlsplit(url).hostname for url in links} - {pages.domain}
    assert {urlsplit(url).path for url in ours} == {"/invite/setup/monal", "/invite/setup/siskin-im", "/register"}
    assert others == {"play.google.com"}
    for url in ours:
        status, page = ask(pages, url)
        assert status == 200, url
        assert TITLE in unescape(page)


def test_an_invitation_makes_one_account_in_the_browser_that_can_log_in(pages: Server) -> None:
    link = invitation(pages, pages.domain)
    form = {"token": urlsplit(link).query, "user": "guest", "password": PASSWORD, "app_id": "gajim"}
    form_address = f"https://{pages.domain}/register"
    status, text = ask(pages, form_address, form)
    assert (status, f"guest@{pages.domain}" in text) == (200, True)
    with pages.log_in("guest") as guest:
        guest.ping()
    _, again = ask(pages, link)
    assert "guest" not in ask(pages, form_address, {**form, "user": "another"})[1]
    assert "register?" not in again
    assert "another" not in pages.inside("prosodyctl", "shell", "user", "list", pages.domain)


def test_only_an_invitation_for_an_admin_makes_that_admin(pages: Server) -> None:
    address = f"https://{pages.domain}/register"
    open_to_all = urlsplit(invitation(pages, pages.domain)).query
    form = {"token": open_to_all, "user": "boss", "password": PASSWORD, "app_id": "gajim"}
    status, text = ask(pages, address, form)
    assert "kept for somebody else" in text, status
    assert "boss" not in pages.inside("prosodyctl", "shell", "user", "list", pages.domain)
    for_other = urlsplit(invitation(pages, f"clerk@{pages.domain}")).query
    assert "This invitation is for clerk" in ask(pages, address, {**form, "token": for_other})[1]
    for_boss = urlsplit(invitation(pages, f"boss@{pages.domain}")).query
    status, text = ask(pages, address, {**form, "token": for_boss})
    assert (status, f"boss@{pages.domain}" in text) == (200, True), text
    with pages.log_in("boss") as boss:
        boss.ping()


def test_without_invitations_there_are_no_pages(pages: Server) -> None:
    pages.apply({"extra_domains": [IDN], "title": TITLE, "features.invitations.enabled": False})
    assert ask(pages, f"https://{pages.domain}/invite")[0] == 404
    assert ask(pages, f"https://{pages.domain}/register")[0] == 404
    assert ask(pages, f"https://{pages.domain}/join")[0] == 404
