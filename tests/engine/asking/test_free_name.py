"""A free name from the first word to the uninstall: token in, and records, address and proofs work by themselves."""

from __future__ import annotations

import pytest
from tests.engine.conftest import end, run
from tests.fakes import Fakes

from xmpp_wizard.core.dns.host_meta import WebPage
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.events import StepEnded
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.engine import uninstall
from xmpp_wizard.engine.acme.outside import Seen, remember
from xmpp_wizard.engine.asking.detect import Finding
from xmpp_wizard.engine.asking.detect import run as run_checks
from xmpp_wizard.engine.asking.free_name import FreeName, name_checks, parse_free_entry, token_of, with_free_name
from xmpp_wizard.engine.asking.session import Session, first_session
from xmpp_wizard.engine.dns.made import all_made, makings
from xmpp_wizard.engine.memory.dns import last_line
from xmpp_wizard.engine.memory.generations import all_generations
from xmpp_wizard.engine.records.push import carry_out, prepare_removal
from xmpp_wizard.engine.records.upkeep import keep_dns
from xmpp_wizard.engine.setup import prepare
from xmpp_wizard.engine.status import examine

D = "chat.dedyn.io"
RIGHT = "right"
TOKEN = "/etc/xmpp-wizard/secrets/dns-token"


@pytest.fixture
def fakes(fakes: Fakes) -> Fakes:
    fakes.resolver.zone("dedyn.io", ns1="192.0.2.53")
    fakes.sockets.own_addresses = ("192.168.1.5", "2600::1")
    # somebody outside came in over IPv6 before
    fakes.files.make_folder("/var/lib/xmpp-wizard", 0o755, (0, 0))
    remember(fakes.world(), Layout(), Seen("2600::1", "open", fakes.clock.timestamp()))
    return fakes


def session(fakes: Fakes, layout: Layout, token: str = RIGHT, typed: str = "anna@chat") -> Session:
    first = first_session(fakes.world(), layout, {}, ('features.preset="minimal"',))
    return with_free_name(first, layout, FreeName(parse_free_entry(typed, "anna"), Secret(token)))


def look(fakes: Fakes, said: Session) -> Finding:
    found: list[Finding] = []
    checks = name_checks(fakes.world(), said.answers(), token_of(said))
    run_checks({"domain": checks["domain"]}, found.append)
    return found[0]


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("chat", f"anna@{D}"),
        ("bob@chat", f"bob@{D}"),
        (f" bob@{D} ", f"bob@{D}"),
        (D.upper(), f"anna@{D}"),
    ],
)
def test_what_is_meant(typed: str, address: str) -> None:
    assert parse_free_entry(typed, "anna").address == address


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("chat.example.org", "does not end in .dedyn.io"),
        ("a.b.dedyn.io", "one word before"),
        ("dedyn.io", "does not end in"),
        ("", "domain"),
        ("gmail.com", "mail provider"),
    ],
)
def test_what_is_no_free_name(typed: str, words: str) -> None:
    with pytest.raises(AnswersError, match=words):
        parse_free_entry(typed, "anna")


def test_the_answers_name_the_token_and_do_not_hold_it(fakes: Fakes, layout: Layout) -> None:
    said = session(fakes, layout, "very-secret-token")
    answers = said.answers()
    assert answers.dns.account is not None
    assert answers.dns.account.files == (TOKEN,)
    assert (answers.certificates.source, answers.certificates.acme.challenge) == ("acme", "dns-01")
    assert "very-secret-token" not in said.draft.new_text() + repr(said.request())


def test_another_provider_is_named(fakes: Fakes, layout: Layout) -> None:
    entry = parse_free_entry("chat.dynu.example.net", "anna", "dynu")
    said = with_free_name(session(fakes, layout), layout, FreeName(entry, Secret("right"), "dynu")).answers()
    assert (said.domain, said.dns.provider, said.dns.zone) == (entry.domain, "dynu", entry.domain)
    assert (said.certificates.acme.challenge, said.dns.address_url) == ("auto", None)


def test_back_to_a_domain_of_ones_own_leaves_nothing_of_it(fakes: Fakes, layout: Layout) -> None:
    said = with_free_name(session(fakes, layout), layout, None)
    assert said.answers().dns.provider == "none"
    assert said.answers().certificates.acme.challenge == "auto"
    assert not token_of(said).reveal()


def test_a_name_that_is_free_changes_nothing_and_asks_no_resolver_for_it(fakes: Fakes, layout: Layout) -> None:
    found = look(fakes, session(fakes, layout))
    assert (found.word, str(found.text)) == ("ok", f"The token is right, and {D} is free: Apply makes it yours")
    assert not [item for item in fakes.resolver.asked if item.name == D and not item.server]
    assert not fakes.dns_providers.changes
    assert TOKEN not in fakes.files.nodes


def test_a_name_that_is_ours(fakes: Fakes, layout: Layout) -> None:
    fakes.resolver.zone(D, ns1="192.0.2.53")
    assert "is yours" in str(look(fakes, session(fakes, layout)).text)


def test_a_name_that_is_somebody_elses(fakes: Fakes, layout: Layout) -> None:
    fakes.resolver.zone(D, ns1="192.0.2.53")
    fakes.dns_providers.taken.add(D)
    found = look(fakes, session(fakes, layout))
    assert (found.word, str(found.text)) == ("!", f"{D} belongs to somebody else: choose another name")


def test_a_wrong_token(fakes: Fakes, layout: Layout) -> None:
    found = look(fakes, session(fakes, layout, "wrong"))
    assert (found.word, str(found.text)) == ("!", "another secret")


def test_nobody_tells_whether_it_is_free(fakes: Fakes, layout: Layout) -> None:
    fakes.resolver.states["192.0.2.53", "dedyn.io"] = "TIMEOUT"
    assert "shows when you apply" in str(look(fakes, session(fakes, layout)).text)


def apply(fakes: Fakes, layout: Layout, token: str = RIGHT) -> str:
    """Apply and return what of the records it could not enter."""
    events = run(fakes, layout, session(fakes, layout, token).request())
    assert end(events).exit_status == 0, end(events)
    ended = [event for event in events if isinstance(event, StepEnded) and event.id == "dns"]
    return str(ended[0].left) if ended else "no such step"


def troubles(fakes: Fakes, layout: Layout) -> str:
    """Return what the status says of DNS."""
    return "\n".join(map(str, examine(fakes.world(), layout, asks_engine=False)[1]["dns"]))


def test_one_apply_does_it_all_and_a_second_one_nothing(fakes: Fakes, layout: Layout) -> None:
    assert not apply(fakes, layout)
    assert fakes.resolver.records[D, "A"] == ("9.9.9.9",)
    assert fakes.resolver.records[D, "AAAA"] == ("2600::1",)
    assert fakes.resolver.records[f"_xmpp-client._tcp.{D}", "SRV"]
    node = fakes.files.nodes[TOKEN]
    assert (node.content, node.mode, node.owner) == (b"right\n", 0o600, (0, 0))
    assert fakes.web_pages.calls == ["get https://checkipv4.dedyn.io over IPv4"]
    request = session(fakes, layout).request()
    assert not prepare(fakes.world(), layout, request).plan.steps
    assert not troubles(fakes, layout)


def test_the_address_is_followed_from_then_on(fakes: Fakes, layout: Layout) -> None:
    apply(fakes, layout)
    fakes.web_pages.seen = "9.9.9.10"
    fakes.clock.sleep(300)
    keep_dns(fakes.world(), layout)
    assert fakes.resolver.records[D, "A"] == fakes.resolver.records[f"groups.{D}", "A"] == ("9.9.9.10",)


def test_half_of_it_done_is_told_and_gone_on_with_by_the_next_apply(fakes: Fakes, layout: Layout) -> None:
    fakes.dns_providers.most = 3
    assert "the line was cut" in apply(fakes, layout)
    assert len(all_made(fakes.world(), layout)) > 3, "what was about to be made is known, too"
    assert "the line was cut" in troubles(fakes, layout)
    fakes.dns_providers.most = -1
    plan = prepare(fakes.world(), layout, session(fakes, layout).request()).plan
    assert [str(step.cause) for step in plan.steps if step.id == "dns"] == [
        "an earlier run did not enter them all; this one goes on where it stopped"
    ]
    before = dict(fakes.resolver.records)
    assert not apply(fakes, layout)
    assert before.items() <= fakes.resolver.records.items()
    assert not troubles(fakes, layout)


def test_certificates_are_asked_for_again_with_the_records_that_they_lacked(fakes: Fakes, layout: Layout) -> None:
    fakes.dns_providers.most = 0
    apply(fakes, layout)
    assert "the line was cut" in str(examine(fakes.world(), layout, asks_engine=False)[0].problems)
    fakes.dns_providers.most = -1
    plan = prepare(fakes.world(), layout, session(fakes, layout).request()).plan
    assert [step.id for step in plan.steps][:3] == ["dns", "obtain", "certificates"]
    apply(fakes, layout)
    assert "the line was cut" not in str(examine(fakes.world(), layout, asks_engine=False)[0].problems)


def test_half_of_it_done_is_gone_on_with_by_the_timer(fakes: Fakes, layout: Layout) -> None:
    fakes.dns_providers.most = 3
    apply(fakes, layout)
    fakes.dns_providers.most = -1
    keep_dns(fakes.world(), layout)
    assert fakes.resolver.records[f"_xmpp-client._tcp.{D}", "SRV"]
    assert last_line(fakes.world(), layout).trouble is None
    assert not prepare(fakes.world(), layout, session(fakes, layout).request()).plan.steps


def test_a_name_that_was_taken_meanwhile_stops_no_apply_and_is_told(fakes: Fakes, layout: Layout) -> None:
    fakes.dns_providers.taken.add(D)
    assert "somebody else's" in apply(fakes, layout)
    assert all_generations(fakes.world(), layout)[-1].state == "good"
    assert "somebody else's" in troubles(fakes, layout)


def test_what_others_made_stays_and_is_told(fakes: Fakes, layout: Layout) -> None:
    fakes.resolver.zone(D, ns1="192.0.2.53")
    fakes.resolver.put(D, "A", "198.51.100.7")
    assert "which somebody else made" in apply(fakes, layout)
    assert fakes.resolver.records[D, "A"] == ("198.51.100.7",)
    assert fakes.resolver.records[D, "AAAA"] == ("2600::1",), "all else is entered"


def test_a_line_that_nobody_tells_the_address_of(fakes: Fakes, layout: Layout) -> None:
    fakes.web_pages.pages["https://checkipv4.dedyn.io"] = WebPage(503, {}, "down")
    assert "did not answer with a public address" in apply(fakes, layout)
    fakes.web_pages.pages.clear()
    assert not apply(fakes, layout)


def test_records_that_were_taken_away_by_hand_are_entered_by_the_next_apply(fakes: Fakes, layout: Layout) -> None:
    apply(fakes, layout)
    (made,) = makings(fakes.world(), layout)
    carry_out(fakes.world(), layout, prepare_removal(fakes.world(), layout, made))
    assert (D, "A") not in fakes.resolver.records
    assert not apply(fakes, layout)
    assert fakes.resolver.records[D, "A"] == ("9.9.9.9",)


def test_an_uninstall_takes_every_record_away_and_leaves_the_name(fakes: Fakes, layout: Layout) -> None:
    apply(fakes, layout)
    told: list[str] = []
    uninstall.uninstall(fakes.world(), layout, delete_data=True, report=lambda text: told.append(str(text)))
    assert f"left the name {D} in your account at deSEC" in told
    left = {key for key in fakes.resolver.records if key[0].endswith(D)}
    assert left == {(D, "NS"), (f"ns1.{D}", "A")}
    assert TOKEN not in fakes.files.nodes
