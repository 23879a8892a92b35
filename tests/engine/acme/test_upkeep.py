"""Certificates of a public authority, in a world of fakes: nothing outside ever stops an apply."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.engine.acme.public import CLOSED, NAMES, REAL, STAGING, live, look_after, public
from tests.engine.conftest import end, run, wish
from tests.fakes import Fakes
from tests.fakes.acme import window

from xmpp_wizard.core.acme.model import Problem
from xmpp_wizard.core.acme.state import AcmeState
from xmpp_wizard.core.errors import EffectError, EngineError, NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.surroundings import Lookup
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme import store
from xmpp_wizard.engine.acme.means import means
from xmpp_wizard.engine.acme.revoking import revoke
from xmpp_wizard.engine.observe import live_certificates
from xmpp_wizard.engine.setup import ApplyAnswers, GoBack, Renew, current, prepare
from xmpp_wizard.engine.uninstall import uninstall


def remembered(fakes: Fakes, layout: Layout) -> AcmeState:
    """Return what is remembered."""
    return store.load_state(fakes.world(), layout)


def renewed(fakes: Fakes, layout: Layout) -> list[str]:
    """Ask for what is due and return the steps of the renewal that follows."""
    look_after(fakes, layout)
    steps = [step.id for step in prepare(fakes.world(), layout, Renew()).plan.steps]
    if steps:
        assert end(run(fakes, layout, Renew())).exit_status == 0
    return steps


def test_a_revocation_that_failed_is_promised_by_nobody(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    fakes.acme.down[REAL] = Problem("busy", "HTTP 503")
    world, target = fakes.world(), current(fakes.world(), layout)[0]
    with pytest.raises(EffectError) as caught:
        list(revoke(world, layout, target, is_key_stolen=True))
    assert f"{caught.value.hint}" == "It was not done, and nothing does it later by itself: run the command again."
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}


def test_certificates_of_before_can_be_revoked_when_others_are_served(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    run(fakes, layout, wish(certificates={"source": "local"}))
    world, target = fakes.world(), current(fakes.world(), layout)[0]
    assert list(revoke(world, layout, target, is_key_stolen=True)) == ["a.example"]
    assert len(fakes.acme.revoked) == 1
    assert live(fakes, layout)["a.example"][0].startswith("xmpp-wizard ")
    with pytest.raises(NeedsPersonError, match="no public certificates"):
        list(revoke(world, layout, target, is_key_stolen=True))
    run(fakes, layout, GoBack())
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}
    assert len(fakes.acme.orders) == 4, "they are rehearsed and had anew"


def test_a_certificate_that_is_gone_from_the_disk_is_had_anew_by_itself(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    (path,) = [path for path in fakes.files.nodes if "/acme/" in path and path.endswith("fullchain.pem")]
    fakes.files.remove(path)
    before = len(fakes.acme.orders)
    assert look_after(fakes, layout)
    assert len(fakes.acme.orders) > before
    assert path in fakes.files.nodes


def test_all_names_are_rehearsed_and_then_had_at_once(fakes: Fakes, layout: Layout) -> None:
    assert end(run(fakes, layout, public())).exit_status == 0
    assert [(url, names) for url, names, _, _ in fakes.acme.orders] == [(STAGING, NAMES), (REAL, NAMES)]
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}
    assert not fakes.files.stat(str(layout.authority / "root.crt")), "no authority is made that nobody needs"
    assert not prepare(fakes.world(), layout, public()).plan.steps


def test_accounts_and_keys_are_for_root_alone_and_apart(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    secret = [path for path in fakes.files.nodes if path.startswith(str(layout.acme))]
    assert sum(path.endswith("account.key") for path in secret) == 2
    for path in (*secret, str(layout.acme_state)):
        facts = fakes.files.stat(path)
        assert facts is not None
        assert (facts.mode, facts.owner) == (0o700 if facts.is_folder else 0o600, (0, 0))


def test_one_bad_name_never_stops_the_others(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.failing["groups.a.example"] = CLOSED
    assert end(run(fakes, layout, public())).exit_status == 0
    good = tuple(name for name in NAMES if name != "groups.a.example")
    assert fakes.acme.orders[-1][:2] == (REAL, good)
    found = live(fakes, layout)
    assert found["a.example"] == (f"Fake CA {REAL}", good)
    issuer, names = found["groups.a.example"]
    assert issuer.startswith("xmpp-wizard ")
    assert names == ("groups.a.example",)
    (trouble,) = remembered(fakes, layout).certificates["a.example"].troubles
    assert (trouble.name, trouble.key) == ("groups.a.example", "closed")
    assert not prepare(fakes.world(), layout, public()).plan.steps


def test_the_bad_name_is_tried_alone_and_joins_when_it_is_well(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.failing["groups.a.example"] = CLOSED
    run(fakes, layout, public())
    fakes.acme.orders.clear()
    assert renewed(fakes, layout) == []
    assert fakes.acme.orders == [], "it is too early"
    fakes.clock.sleep(3600)
    assert renewed(fakes, layout) == []
    alone = (STAGING, ("groups.a.example",))
    assert [order[:2] for order in fakes.acme.orders] == [alone, alone], "over port 80, then over 443"
    fakes.acme.failing.clear()
    fakes.clock.sleep(3600)
    assert renewed(fakes, layout) == ["certificates", "container:prosody", "health:prosody"]
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}
    assert remembered(fakes, layout).certificates["a.example"].troubles == ()


def test_a_record_that_was_put_right_is_noticed_by_the_next_run_though_the_next_attempt_is_far(
    fakes: Fakes, layout: Layout
) -> None:
    fakes.surroundings.names["groups.a.example"] = Lookup((), is_known=False)
    run(fakes, layout, public())
    for _ in range(8):
        look_after(fakes, layout)
        fakes.clock.sleep(3600)
    look_after(fakes, layout)
    before = remembered(fakes, layout).certificates["a.example"]
    assert before.next_attempt is not None
    assert (before.next_attempt - fakes.clock.now()) > timedelta(minutes=50)
    fakes.clock.sleep(300)
    orders = len(fakes.acme.orders)
    assert renewed(fakes, layout) == []
    assert len(fakes.acme.orders) == orders
    fakes.surroundings.names["groups.a.example"] = Lookup(("192.0.2.10",), is_known=True)
    assert renewed(fakes, layout) == ["certificates", "container:prosody", "health:prosody"]
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}


def test_a_name_server_that_does_not_answer_is_no_news(fakes: Fakes, layout: Layout) -> None:
    fakes.surroundings.names["groups.a.example"] = Lookup((), is_known=False)
    run(fakes, layout, public())
    fakes.surroundings.names["groups.a.example"] = Lookup()
    orders = len(fakes.acme.orders)
    look_after(fakes, layout)
    assert len(fakes.acme.orders) == orders


def test_a_name_that_has_failed_too_often_still_says_why(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.failing["groups.a.example"] = CLOSED
    run(fakes, layout, public(rehearse=False))
    for _ in range(20):
        fakes.clock.sleep(60)
        look_after(fakes, layout)
    state = remembered(fakes, layout)
    assert len(state.ledgers[REAL].failed) == 3, "of the five an hour that are allowed"
    (trouble,) = state.certificates["a.example"].troubles
    assert (trouble.name, trouble.key) == ("groups.a.example", "closed")


def test_what_a_clock_a_year_ahead_has_left_holds_nothing_back(fakes: Fakes, layout: Layout) -> None:
    now = fakes.clock.at
    fakes.clock.at = now + timedelta(days=365)
    fakes.acme.down = {STAGING: Problem("clock", "not yet valid"), REAL: Problem("clock", "not yet valid")}
    run(fakes, layout, public())
    for _ in range(5):
        fakes.clock.sleep(3600)
        look_after(fakes, layout)
    fakes.clock.at, fakes.acme.down = now + timedelta(minutes=5), {}
    assert renewed(fakes, layout)[0] == "certificates"
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}


def test_without_a_rehearsal_nothing_that_is_had_is_had_again(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.failing["groups.a.example"] = CLOSED
    run(fakes, layout, public(rehearse=False))
    before = live_certificates(fakes.world(), layout)
    for _ in range(3):
        assert not look_after(fakes, layout, impatient=True)
    assert live_certificates(fakes.world(), layout) == before


@pytest.mark.parametrize("problem", [Problem("offline", "refused"), Problem("busy", "503"), Problem("clock", "x")])
def test_an_authority_that_is_not_reached_stops_no_apply(fakes: Fakes, layout: Layout, problem: Problem) -> None:
    fakes.acme.down = {STAGING: problem, REAL: problem}
    assert end(run(fakes, layout, public())).exit_status == 0
    assert live(fakes, layout)["a.example"][0].startswith("xmpp-wizard ")
    fakes.acme.down.clear()
    fakes.clock.sleep(3600)
    assert renewed(fakes, layout)[0] == "certificates"
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}


def test_a_rehearsal_that_is_down_is_left_out(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.down = {STAGING: Problem("busy", "503")}
    run(fakes, layout, public())
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}


def test_a_taken_port_is_told_with_its_owner(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.listening = (Listener("", 80, "tcp", "nginx", 7),)
    assert end(run(fakes, layout, public(challenge="http-01"))).exit_status == 0
    troubles = remembered(fakes, layout).certificates["a.example"].troubles
    assert {trouble.key for trouble in troubles} == {"port-taken"}
    assert "nginx (pid 7)" in str(troubles[0].what)
    assert fakes.acme.orders == [], "nothing is asked that cannot be answered"


def test_the_folder_of_a_web_server_is_used_and_left_clean(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.listening = (Listener("", 80, "tcp", "nginx", 7),)
    fakes.files.make_folder("/var/www/html", 0o755, (0, 0))
    run(fakes, layout, public(webroot="/var/www/html", rehearse=False))
    written = [call for call in fakes.files.calls if call.startswith("write /var/www")]
    assert len(written) == len(NAMES)
    assert fakes.files.names("/var/www/html/.well-known/acme-challenge") == []


def test_port_443_is_the_last_resort_where_another_program_has_port_80(fakes: Fakes, layout: Layout) -> None:
    fakes.sockets.listening = (Listener("", 80, "tcp", "nginx", 7),)
    assert end(run(fakes, layout, public())).exit_status == 0
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}
    assert fakes.tls_responder.calls == ["serve", "serve"], "nobody has port 443 yet"
    assert fakes.responder.calls == []
    assert not prepare(fakes.world(), layout, public()).plan.steps


def prosody_has_443(fakes: Fakes, layout: Layout) -> None:
    """Let our own server listen."""
    ours = fakes.containers.observe(layout.project)[layout.container("prosody")]
    fakes.sockets.listening = (Listener("", 443, "tcp", "lua5.4", 8, ours.id),)


def test_an_authority_is_led_past_our_own_server(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    prosody_has_443(fakes, layout)
    fakes.acme.unreachable = True
    wished = public(challenge="auto", rehearse=False, directory_url="https://other.example/dir")
    assert end(run(fakes, layout, wished)).exit_status == 0
    assert live(fakes, layout)["a.example"][0] == "Fake CA https://other.example/dir"
    assert fakes.tls_responder.calls[-1] == f"serve {layout.project}"
    assert remembered(fakes, layout).certificates["a.example"].troubles == ()


def test_where_port_443_fails_too_people_hear_of_port_80(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.unreachable = fakes.acme.is_tls_unreachable = True
    run(fakes, layout, public())
    assert fakes.tls_responder.calls == ["serve"]
    troubles = remembered(fakes, layout).certificates["a.example"].troubles
    assert {(trouble.key, "port 80" in str(trouble.what)) for trouble in troubles} == {("refused", True)}


def test_what_a_killed_run_has_left_is_removed_by_the_next_one(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    fakes.tls_responder.left = {layout.project, "xmpp-wizard-other"}
    look_after(fakes, layout)
    assert fakes.tls_responder.left == {"xmpp-wizard-other"}
    fakes.tls_responder.left.add(layout.project)
    uninstall(fakes.world(), layout, delete_data=False, report=lambda _line: None)
    assert fakes.tls_responder.left == {"xmpp-wizard-other"}


def test_without_nftables_it_is_said(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    prosody_has_443(fakes, layout)
    fakes.tls_responder.why_not = "the program nft (package nftables) is missing"
    wished = public(challenge="tls-alpn-01", directory_url="https://other.example/dir")
    assert end(run(fakes, layout, wished)).exit_status == 0
    troubles = remembered(fakes, layout).certificates["a.example"].troubles
    assert {trouble.key for trouble in troubles} == {"no-way-past"}
    assert "apt install nftables" in str(troubles[0].do)
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}, "what there was stays"


def test_an_engine_that_does_not_answer_makes_no_server_ours(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    prosody_has_443(fakes, layout)
    fakes.containers.fail_at["observe"] = EngineError(say("down"))
    source = current(fakes.world(), layout)[0].certificate_source.acme
    assert source is not None
    found = means(fakes.world(), layout, source)
    assert found.tls_problem == Problem("tlsTaken", "lua5.4 (pid 8)")


@pytest.mark.parametrize("token", ["../../../etc/cron.d/x", "a/b", "", "a b", "ä", "a\n"])
def test_a_token_never_leads_out_of_its_folder(fakes: Fakes, layout: Layout, token: str) -> None:
    fakes.files.make_folder("/var/www/html", 0o755, (0, 0))
    fakes.acme.token = token or "."
    assert end(run(fakes, layout, public(webroot="/var/www/html", rehearse=False))).exit_status == 0
    assert not [call for call in fakes.files.calls if call.startswith("write ") and ("/www/" in call or "cron" in call)]
    assert {trouble.key for trouble in remembered(fakes, layout).certificates["a.example"].troubles} == {"not-acme"}


def test_a_name_that_does_not_exist_is_not_asked_for(fakes: Fakes, layout: Layout) -> None:
    fakes.surroundings.names["share.a.example"] = Lookup((), is_known=False)
    run(fakes, layout, public())
    assert {order[1] for order in fakes.acme.orders} == {NAMES[:2]}
    (trouble,) = remembered(fakes, layout).certificates["a.example"].troubles
    assert (trouble.name, trouble.key) == ("share.a.example", "no-such-name")


def test_names_that_the_authority_refuses_are_left_out(fakes: Fakes, layout: Layout) -> None:
    part = Problem("rejectedIdentifier", "policy", "share.a.example")
    fakes.acme.refusing = {REAL: [Problem("compound", "Some were rejected", parts=(part,))]}
    run(fakes, layout, public())
    assert [order[1] for order in fakes.acme.orders if order[0] == REAL] == [NAMES, NAMES[:2]]
    assert live(fakes, layout)["a.example"][1] == NAMES[:2]


def test_a_limit_is_kept_to_the_minute_that_the_authority_names(fakes: Fakes, layout: Layout) -> None:
    limit = Problem("rateLimited", "already issued for this exact set of identifiers", retry_after_seconds=7200)
    fakes.acme.refusing = {REAL: [limit]}
    run(fakes, layout, public())
    orders = len(fakes.acme.orders)
    fakes.clock.sleep(7100)
    assert renewed(fakes, layout) == []
    assert len(fakes.acme.orders) == orders
    fakes.clock.sleep(200)
    assert renewed(fakes, layout)[0] == "certificates"


def test_an_unknown_profile_gives_way_to_the_usual_one(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.facts = type(fakes.acme.facts)(profiles={"tlsserver": "45 days"}, has_renewal_info=True)
    fakes.acme.refusing = {REAL: [Problem("invalidProfile", "gone")]}
    run(fakes, layout, public())
    assert [order[2] for order in fakes.acme.orders if order[0] == REAL] == ["tlsserver", ""]
    assert live(fakes, layout)["a.example"][1] == NAMES


def test_a_lost_account_is_made_anew_once(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.refusing = {REAL: [Problem("unauthorized", "Account is not valid, has status deactivated")]}
    run(fakes, layout, public())
    assert len(fakes.acme.accounts[REAL]) == 2
    assert live(fakes, layout)["a.example"][1] == NAMES


@pytest.mark.parametrize(("days", "early", "due"), [(90, 59, 61), (45, 29, 31), (6, 2, 4)])
def test_renewal_fits_each_lifetime(fakes: Fakes, layout: Layout, days: int, early: int, due: int) -> None:
    fakes.acme.days = days
    run(fakes, layout, public())
    key = fakes.files.read(str(layout.certificates / "live/a.example/privkey.pem"))
    fakes.clock.sleep(early * 86400)
    assert renewed(fakes, layout) == []
    fakes.clock.sleep((due - early) * 86400)
    assert renewed(fakes, layout) == ["certificates", "container:prosody", "health:prosody"]
    assert fakes.files.read(str(layout.certificates / "live/a.example/privkey.pem")) == key
    assert fakes.acme.orders[-1] == (REAL, NAMES, "", True), "it is announced as a renewal"
    assert [order[0] for order in fakes.acme.orders].count(STAGING) == 1, "names that were had need no rehearsal"


def test_the_moment_that_the_authority_wants_is_drawn_once(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    fakes.acme.window = window(fakes.clock.now() + timedelta(days=2), 1)
    renewals = []
    for _ in range(3):
        look_after(fakes, layout)
        renewals.append(remembered(fakes, layout).certificates["a.example"].renewal)
        fakes.clock.sleep(8 * 3600)
    first = renewals[0]
    assert first is not None
    assert renewals == [first] * 3
    assert first.start <= first.at <= first.end
    fakes.clock.sleep(86400 * 3)
    assert renewed(fakes, layout)[0] == "certificates"


def test_a_renewal_that_fails_leaves_what_is_served(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    before = live_certificates(fakes.world(), layout)
    fakes.clock.sleep(61 * 86400)
    fakes.acme.failing["share.a.example"] = CLOSED
    assert renewed(fakes, layout) == []
    assert live_certificates(fakes.world(), layout) == before
    assert remembered(fakes, layout).certificates["a.example"].failures == 1
    # near the end the others do not wait any longer
    fakes.clock.sleep(25 * 86400)
    assert renewed(fakes, layout)[0] == "certificates"
    assert live(fakes, layout)["a.example"][1] == NAMES[:2]


def test_a_new_key_comes_only_if_it_is_wished_for(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public(rotate_key=True))
    key = fakes.files.read(str(layout.certificates / "live/a.example/privkey.pem"))
    fakes.clock.sleep(61 * 86400)
    renewed(fakes, layout)
    assert fakes.files.read(str(layout.certificates / "live/a.example/privkey.pem")) != key


def test_another_authority_takes_over_at_the_next_apply(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    other = "https://ca.example/dir"
    fakes.acme.down = {other: Problem("offline", "refused")}
    assert end(run(fakes, layout, public(directory_url=other))).exit_status == 0
    assert live(fakes, layout)["a.example"][0] == f"Fake CA {REAL}", "what is valid stays while the other is away"
    fakes.acme.down.clear()
    fakes.clock.sleep(3600)
    assert renewed(fakes, layout)[0] == "certificates"
    assert live(fakes, layout)["a.example"][0] == f"Fake CA {other}"


def test_five_reinstalls_need_one_certificate(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    before, orders = live(fakes, layout), list(fakes.acme.orders)
    for _ in range(5):
        uninstall(fakes.world(), layout, delete_data=False, report=lambda _text: None)
        assert live(fakes, layout) == {}
        assert end(run(fakes, layout, public())).exit_status == 0
    assert live(fakes, layout) == before
    assert fakes.acme.orders == orders
    uninstall(fakes.world(), layout, delete_data=True, report=lambda _text: None)
    assert not [path for path in fakes.files.nodes if path.startswith(str(layout.acme))]


def test_from_local_to_public_and_back(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, wish())
    assert end(run(fakes, layout, public())).exit_status == 0
    assert live(fakes, layout)["a.example"][0] == f"Fake CA {REAL}"
    assert end(run(fakes, layout, wish())).exit_status == 0
    assert live(fakes, layout)["a.example"][0].startswith("xmpp-wizard ")


SECOND = "https://ca.example/dir"


def test_a_second_authority_is_asked_where_the_first_is_down(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.down = {STAGING: Problem("busy", "503"), REAL: Problem("busy", "503")}
    run(fakes, layout, public(fallback_url=SECOND))
    assert live(fakes, layout) == {"a.example": (f"Fake CA {SECOND}", NAMES)}
    assert not prepare(fakes.world(), layout, public(fallback_url=SECOND)).plan.steps
    fakes.acme.down.clear()
    fakes.clock.sleep(61 * 86400)
    assert renewed(fakes, layout)[0] == "certificates"
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}


def test_a_second_authority_renews_when_the_first_is_away_too_long(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public(fallback_url=SECOND))
    fakes.acme.down = {REAL: Problem("busy", "503")}
    fakes.clock.sleep(61 * 86400)
    assert renewed(fakes, layout) == []
    assert SECOND not in {order[0] for order in fakes.acme.orders}, "there is still time"
    fakes.clock.sleep(25 * 86400)
    assert renewed(fakes, layout)[0] == "certificates"
    assert live(fakes, layout) == {"a.example": (f"Fake CA {SECOND}", NAMES)}


def test_a_closed_port_is_no_reason_to_ask_a_second_authority(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.failing = dict.fromkeys(NAMES, CLOSED)
    run(fakes, layout, public(fallback_url=SECOND))
    assert SECOND not in {order[0] for order in fakes.acme.orders}


def test_an_order_that_was_cut_off_is_gone_on_with(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.power_fails = True
    with pytest.raises(SystemExit):
        run(fakes, layout, public())
    orders = list(fakes.acme.orders)
    fakes.lock.held.clear()
    fakes.acme.power_fails = False
    assert end(run(fakes, layout, public())).exit_status == 0
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}
    assert fakes.acme.orders == orders, "the order that was begun is gone on with"


def test_renewing_by_force_asks_again(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    orders = len(fakes.acme.orders)
    assert end(run(fakes, layout, Renew(force=True))).exit_status == 0
    assert len(fakes.acme.orders) == orders + 1


@pytest.fixture
def zone(fakes: Fakes) -> None:
    """Let there be a zone that can be changed."""
    fakes.resolver.zone("a.example", ns1="192.0.2.53")
    fakes.files.put("/root/token", "right")


def by_dns(**acme: object) -> ApplyAnswers:
    """Return the wish for a server that has an account for DNS."""
    return wish(
        certificates={"source": "acme", "acme": acme},
        dns={"provider": "desec", "token_file": "/root/token"},
    )


@pytest.mark.usefixtures("zone")
def test_names_are_proven_by_dns_where_port_80_is_closed(fakes: Fakes, layout: Layout) -> None:
    fakes.acme.unreachable = True
    run(fakes, layout, by_dns())
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}
    added = {record.name for change in fakes.dns_providers.changes for record in change.add}
    assert added == {f"_acme-challenge.{name}" for name in NAMES}
    assert not [name for name, kind in fakes.resolver.records if kind == "TXT"], "nothing is left behind"


@pytest.mark.usefixtures("zone")
def test_one_star_stands_for_all_services(fakes: Fakes, layout: Layout) -> None:
    assert end(run(fakes, layout, by_dns(challenge="dns-01", wildcard=True))).exit_status == 0
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", ("a.example", "*.a.example"))}
    assert not prepare(fakes.world(), layout, by_dns(challenge="dns-01", wildcard=True)).plan.steps
    fakes.clock.sleep(61 * 86400)
    assert renewed(fakes, layout)[0] == "certificates"


@pytest.mark.usefixtures("zone")
def test_a_dns_account_that_refuses_stops_no_apply(fakes: Fakes, layout: Layout) -> None:
    fakes.files.put("/root/token", "wrong")
    assert end(run(fakes, layout, by_dns(challenge="dns-01"))).exit_status == 0
    troubles = remembered(fakes, layout).certificates["a.example"].troubles
    assert {trouble.key for trouble in troubles} == {"dns-provider"}
    assert "another secret" in str(troubles[0].what)


def test_a_star_without_a_dns_account_is_told(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public(wildcard=True))
    found = live(fakes, layout)
    assert found["a.example"] == (f"Fake CA {REAL}", ("a.example",))
    (trouble,) = remembered(fakes, layout).certificates["a.example"].troubles
    assert (trouble.name, trouble.key) == ("*.a.example", "no-method")
