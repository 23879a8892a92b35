"""Strangers who join: people get in by the page and by apps, programs and spammers do not get far."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from tests.addresses import own_address
from tests.e2e.server.dns import A, Dns
from tests.e2e.server.machine import PASSWORD, PORTS, Server, told
from tests.e2e.server.proving import changed, proven, red
from tests.e2e.server.web import ask
from tests.e2e.server.xmpp import Client, Stream
from tests.e2e.together.people import contacts

pytestmark = pytest.mark.e2e

LIST = "abusers.example"
LISTED, CLEAN, FLOODER, SECOND = "127.66.99.2", "127.66.99.3", "127.66.99.4", "127.66.99.5"
TITLE = "Us & <them>"
NUMBERS = {
    "en": ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
    "de": ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"],
}
PER_ADDRESS = 5
"""What the level "recommended" allows one address in an hour."""


@pytest.fixture(scope="module")
def house(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that is open to all, with an admin, and a DNS list of abusers that knows one address."""
    assert image
    with Server(tmp_path_factory.mktemp("house")) as server, Dns(own_address()) as dns:
        backwards = ".".join(reversed(LISTED.split(".")))
        dns.publish({(f"{backwards}.{LIST}", A): ("127.0.0.2",), (LIST, A): ()})
        server.dns_address = dns.address  # type: ignore[attr-defined]
        server.apply(answers(server))
        server.add_user("boss")
        yield server


def answers(server: Server, **more: Any) -> dict[str, Any]:  # noqa: ANN401 any answer
    return {
        "title": TITLE,
        "admins": ["boss"],
        "network.resolvers": [server.dns_address],  # type: ignore[attr-defined]
        "features.sign_up.enabled": True,
        "features.sign_up.way": "apps",
        "features.sign_up.address_lists": [LIST],
        "features.pages.color": "#884400",
        "features.pages.welcome": "Be kind.",
        **more,
    }


def page(server: Server, language: str = "en") -> tuple[str, str, str]:
    """Open the form; return its text, the number of its riddle and the solution."""
    status, text = ask(server, f"https://{server.domain}/join", language=language)
    assert status == 200
    number = re.search(r'name="riddle_id" value="([^"]+)"', text)
    question = re.search(r'<label for="riddle">([^<]+)<', text)
    assert number, text
    assert question, text
    terms = [NUMBERS[language].index(word) + 1 for word in re.findall(r"\w+", question[1]) if word in NUMBERS[language]]
    assert len(terms) == 2, question[1]
    return unescape(text), number[1], str(sum(terms))


def fill_in(server: Server, name: str, riddle: tuple[str, str], source: str = CLEAN, **more: str) -> tuple[int, str]:
    """Send the form and return the status and the page that comes."""
    form = {"user": name, "password": PASSWORD, "riddle_id": riddle[0], "riddle": riddle[1], **more}
    status, text = ask(server, f"https://{server.domain}/join", form, source=source)
    return status, unescape(text)


def people(server: Server) -> set[str]:
    """Return the names of all accounts."""
    return {address.partition("@")[0] for address in server.json("user", "list")["users"]}


def in_app(server: Server, name: str, source: str) -> str:
    """Ask for an account as an app does; return "" or why there is none."""
    with Stream((server.address, PORTS["client"]), server.domain, source=source) as stream:
        stream.send(
            "<iq type='set' id='r' xmlns='jabber:client'><query xmlns='jabber:iq:register'>"
            f"<username>{name}</username><password>{PASSWORD}</password></query></iq>"
        )
        error = stream.read().find("{jabber:client}error")
        return "" if error is None else str(error[0].tag.rpartition("}")[2])


def new_name(prefix: str = "new") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:6]}"


def hears(client: Client, words: str) -> None:
    """Wait until somebody is told this, whatever else is waiting for them."""
    while words not in client.hear()[1]:
        pass


def what_comes_back(client: Client, to: str) -> str:
    """Write to somebody and return the condition of the error that comes back before an own ping's echo, if any."""
    client.say(to, "hello")
    mark, condition = uuid.uuid4().hex, ""
    client.send(f"<iq type='get' id='{mark}'><ping xmlns='urn:xmpp:ping'/></iq>")
    while (stanza := client.read()).get("id") != mark:
        error = stanza.find("{jabber:client}error")
        condition = condition if error is None else str(error[0].tag.rpartition("}")[2])
    return condition


def test_the_page_is_the_servers_own_in_the_visitors_language(house: Server) -> None:
    english, _, _ = page(house)
    german, _, _ = page(house, "de")
    assert f"Your account on {TITLE}" in english
    assert f"Ihr Konto auf {TITLE}" in german
    assert "<them>" not in ask(house, f"https://{house.domain}/join")[1]
    assert "Be kind." in english
    assert "#884400" in ask(house, f"https://{house.domain}/look/color.css")[1]
    assert "https://" not in english.replace(f"https://{house.domain}/", ""), "something is loaded from others"
    assert "Ihr Konto" in ask(house, f"https://{house.domain}/join", language="fr-CH, de;q=0.8, en;q=0.5")[1]


def test_who_solves_the_riddle_gets_an_account_and_the_admin_a_notice(house: Server) -> None:
    name = new_name()
    with house.log_in("boss") as boss:
        _, number, solution = page(house, "de")
        status, text = fill_in(house, name, (number, solution))
        assert (status, f"{name}@{house.domain}" in text) == (200, True), text
        hears(boss, f"{name} has made an account on {house.domain}")
    with house.log_in(name) as newcomer:
        newcomer.ping()
        assert what_comes_back(newcomer, f"boss@{house.domain}") == ""


def test_a_program_that_does_not_solve_it_gets_none(house: Server) -> None:
    name = new_name()
    _, number, solution = page(house)
    assert fill_in(house, name, (number, "99"))[0] == 400
    # neither the same riddle once more, nor one that was solved before, nor one that never was
    assert "took too long" in fill_in(house, name, (number, solution))[1]
    _, used, solution = page(house)
    assert fill_in(house, new_name(), (used, solution))[0] == 200
    assert fill_in(house, name, (used, solution))[0] == 400
    assert fill_in(house, name, ("made-up", "7"))[0] == 400
    _, number, solution = page(house)
    assert fill_in(house, name, (number, solution), website="https://spam.example/")[0] == 403
    assert name not in people(house)


@pytest.mark.parametrize(
    ("name", "words"),
    [("admin", "kept for somebody else"), ("boss", "is taken"), ("\u0430lice", "Only a-z"), ("", "cannot be used")],
)
def test_names_that_deceive_are_refused(house: Server, name: str, words: str) -> None:
    _, number, solution = page(house)
    status, text = fill_in(house, name, (number, solution), source="127.66.98.1")
    assert (status, words in text) == (400, True), text
    if name:
        assert in_app(house, name, "127.66.98.2") in ("not-acceptable", "conflict")


def test_a_password_that_is_too_short_is_refused(house: Server) -> None:
    _, number, solution = page(house, "de")
    form = {"user": new_name(), "password": "short", "riddle_id": number, "riddle": solution}
    status, text = ask(house, f"https://{house.domain}/join", form, language="de")
    assert (status, "mindestens 10 Zeichen" in text) == (400, True)


def test_a_flood_of_accounts_from_one_address_ends_soon(house: Server) -> None:
    made = [in_app(house, new_name("bot"), FLOODER) for _ in range(PER_ADDRESS + 3)]
    assert made == [""] * PER_ADDRESS + ["policy-violation"] * 3
    _, number, solution = page(house)
    assert "too many new accounts" in fill_in(house, new_name("bot"), (number, solution), FLOODER)[1]
    assert in_app(house, new_name(), CLEAN) == ""


def test_a_listed_address_leads_to_quarantine_until_an_admin_lets_go(house: Server) -> None:
    house.add_user("neighbor")
    name = new_name("held")
    admin, neighbor = f"boss@{house.domain}", f"neighbor@{house.domain}"
    with house.log_in("boss") as boss:
        assert in_app(house, name, LISTED) == ""
        hears(boss, f"release {name}@{house.domain}")
    address = f"{name}@{house.domain}"
    with house.log_in(name) as held, house.log_in("neighbor") as friend:
        assert what_comes_back(held, neighbor) == "policy-violation"
        assert what_comes_back(held, admin) == ""
        assert what_comes_back(held, f"room@groups.{house.domain}") == "policy-violation"
        held.send(f"<presence to='{neighbor}' type='subscribe'><status>buy this</status></presence>")
        assert held.wait(lambda found: found.get("type") == "error").tag.endswith("}presence")
        # somebody who adds the account knows whose it is; a device that has not asked for its contacts is not told
        friend.ask("<query xmlns='jabber:iq:roster'/>")
        friend.send(f"<presence to='{address}' type='subscribe'/>")
        held.wait(lambda found: found.get("type") == "subscribe")
        held.send(f"<presence to='{neighbor}' type='subscribed'/>")
        friend.wait(lambda found: found.get("type") == "subscribed")
        assert what_comes_back(held, neighbor) == ""
    assert [one["address"] for one in house.json("user", "quarantine", "list")["quarantine"]] == [address]
    house.restart()
    with house.log_in(name) as held:
        assert what_comes_back(held, f"ann@{house.domain}") == "policy-violation"
        done = house.cli("user", "quarantine", "release", name)
        assert done.returncode == 0, told(done)
        assert what_comes_back(held, f"nobody@{house.domain}") == "service-unavailable"
    assert house.json("user", "quarantine", "list")["quarantine"] == []
    again = house.cli("user", "quarantine", "release", name)
    assert (again.returncode, "not held back" in again.stderr) == (5, True), told(again)


def test_a_stranger_is_in_nobodys_contact_list_until_an_admin_says_so(house: Server) -> None:
    name, invited = new_name("stranger"), new_name("friend")
    with house.log_in("boss") as boss:
        assert in_app(house, name, SECOND) == ""
        hears(boss, f"newcomers admit {name}@{house.domain}")
        house.add_user(invited)
        with house.log_in(name) as stranger, house.log_in(invited) as friend:
            assert contacts(stranger) == set()
            assert {name, invited} & contacts(boss) == {invited}
            assert "boss" in contacts(friend)
        house.restart()
    assert f"{name}@{house.domain}" in {one["address"] for one in house.json("user", "newcomers")["newcomers"]}
    with house.log_in("boss") as boss:
        assert name not in contacts(boss), "the server remembers it"
        done = house.cli("user", "newcomers", "admit", name)
        assert done.returncode == 0, told(done)
        with house.log_in(name) as stranger:
            assert {"boss", invited} <= contacts(stranger)
            assert name in contacts(boss)
    assert house.cli("user", "newcomers", "admit", name).returncode == 5


@pytest.mark.long  # two proofs and two restarts
def test_the_proof_tells_when_the_door_is_shut(house: Server) -> None:
    steps = {"sign_up_page", "sign_up_in_apps"}
    found = proven(house)
    assert red(found) == set()
    assert steps < set(found)
    with changed(house, {"modules_disabled = {}": 'modules_disabled = { "join_pages"; "register_ibr" }'}):
        assert red(proven(house)) == {*steps, "invitation"}


class Captcha(BaseHTTPRequestHandler):
    """What hCaptcha's service does: it says whether an answer is one that it has given out."""

    asked: list[dict[str, list[str]]] = []  # noqa: RUF012 what all requests share

    def do_POST(self) -> None:
        """Check one answer."""
        wish = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.asked.append(wish)
        is_right = (wish["secret"], wish["response"]) == (["the secret"], ["solved"])
        body = json.dumps({"success": is_right, "error-codes": [] if is_right else ["invalid"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@contextmanager
def captcha_service() -> Iterator[str]:
    """Serve captchas on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Captcha) as service:
        thread = threading.Thread(target=service.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{service.server_port}"
        service.shutdown()
        thread.join()


def test_a_captcha_service_decides_who_is_no_program(house: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret\n")
    with captcha_service() as service:
        keys = {"captcha_site_key": "site-key", "captcha_secret_file": str(secret), "captcha_service": service}
        # in apps there is no riddle: then the page alone makes accounts
        changes = {f"features.sign_up.{key}": value for key, value in keys.items()}
        house.apply(answers(house, **{"features.sign_up.way": "page", **changes}))
        assert in_app(house, new_name(), "127.66.97.1") == "not-acceptable"
        assert 'data-sitekey="site-key"' in ask(house, f"https://{house.domain}/join")[1]
        name, address = new_name(), f"https://{house.domain}/join"
        form = {"user": name, "password": PASSWORD}
        assert ask(house, address, form, source=CLEAN)[0] == 400
        assert ask(house, address, {**form, "h-captcha-response": "guessed"}, source=CLEAN)[0] == 400
        assert name not in people(house)
        status, text = ask(house, address, {**form, "h-captcha-response": "solved"}, source="127.66.97.2")
        assert status == 200, text
        assert Captcha.asked[-1]["sitekey"] == ["site-key"]
        assert Captcha.asked[-1]["remoteip"] == ["127.66.97.2"]
    # without the service nobody gets in, and is told why
    status, text = ask(house, address, {**form, "user": new_name(), "h-captcha-response": "solved"})
    assert (status, "cannot be checked" in text) == (400, True)
    assert "the secret" not in house.cli("plan", "--answers", str(house.file)).stdout
