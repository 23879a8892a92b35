"""The account with an authority: another key for it, a key that was lost, and what DNS says of either."""

from __future__ import annotations

import pytest
from tests.engine.acme.public import NAMES, REAL, STAGING, live, look_after, public
from tests.engine.conftest import end, run
from tests.fakes import Fakes
from tests.servers import answers

from xmpp_wizard.core.acme.model import AcmeError, Problem
from xmpp_wizard.core.acme.source import AcmeSource, folder_of
from xmpp_wizard.core.errors import DiskError, EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import say
from xmpp_wizard.core.upkeep import Trouble
from xmpp_wizard.engine.acme.account import account, account_troubles, account_url, change_keys, connect, key_path
from xmpp_wizard.engine.records.push import carry_out, prepare
from xmpp_wizard.engine.records.upkeep import keep_dns
from xmpp_wizard.engine.setup import ApplyAnswers, current

BOUND = "letsencrypt.org; accounturi="
BOUND_BY_US = """
certificates.source = "acme"
dns = { provider = "desec", token_file = "/root/token", caa = "account" }
"""


def source(fakes: Fakes, layout: Layout) -> AcmeSource:
    found = current(fakes.world(), layout)[0].certificate_source.acme
    assert found is not None
    return found


def key(fakes: Fakes, layout: Layout, url: str = REAL) -> bytes:
    found = fakes.files.read(str(layout.acme / folder_of(url) / "account.key"))
    assert found is not None
    return found


def has_next(fakes: Fakes, layout: Layout) -> bool:
    return fakes.files.stat(str(layout.acme / folder_of(REAL) / "account.next")) is not None


def url(fakes: Fakes, layout: Layout) -> str:
    """Return the account that the authority has for the key on the disk."""
    return fakes.acme.accounts[REAL][key(fakes, layout)]


def lose_key(fakes: Fakes, layout: Layout) -> None:
    fakes.files.remove(str(layout.acme / folder_of(REAL) / "account.key"))


def troubles(fakes: Fakes, layout: Layout) -> list[Trouble]:
    return list(account_troubles(fakes.world(), layout, current(fakes.world(), layout)[0]))


def test_every_account_gets_another_key_and_stays(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    before = {directory: key(fakes, layout, directory) for directory in (REAL, STAGING)}
    accounts = {directory: set(known.values()) for directory, known in fakes.acme.accounts.items()}
    paths = list(change_keys(fakes.world(), layout, source(fakes, layout)))
    assert paths == [str(layout.acme / folder_of(directory) / "account.key") for directory in (REAL, STAGING)]
    for directory, old in before.items():
        assert key(fakes, layout, directory) != old
        assert old not in fakes.acme.accounts[directory]
    look_after(fakes, layout)
    assert {directory: set(known.values()) for directory, known in fakes.acme.accounts.items()} == accounts
    assert not has_next(fakes, layout)
    facts = fakes.files.stat(key_path(layout, source(fakes, layout)))
    assert facts is not None
    assert facts.mode == 0o600
    assert troubles(fakes, layout) == []


def test_a_power_cut_after_the_authority_changed_the_key(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    old, account_before = key(fakes, layout), url(fakes, layout)
    fakes.acme.power_fails = True
    with pytest.raises(SystemExit):
        list(change_keys(fakes.world(), layout, source(fakes, layout)))
    fakes.acme.power_fails = False
    assert key(fakes, layout) == old
    assert has_next(fakes, layout)
    connect(fakes.world(), layout, source(fakes, layout))
    assert key(fakes, layout) != old
    assert url(fakes, layout) == account_before
    assert len(fakes.acme.accounts[REAL]) == 1, "the old key made no other account"
    assert not has_next(fakes, layout)


def test_a_power_cut_before_the_authority_heard_of_the_key(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    old, account_before = key(fakes, layout), url(fakes, layout)
    fakes.acme.fail_at["change_key"] = DiskError(say("the power is cut"))
    with pytest.raises(DiskError):
        list(change_keys(fakes.world(), layout, source(fakes, layout)))
    assert has_next(fakes, layout)
    connect(fakes.world(), layout, source(fakes, layout))
    assert key(fakes, layout) == old
    assert url(fakes, layout) == account_before
    assert not has_next(fakes, layout)


def test_while_it_is_not_known_which_key_counts_no_account_is_made(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    fakes.acme.power_fails = True
    with pytest.raises(SystemExit):
        list(change_keys(fakes.world(), layout, source(fakes, layout)))
    fakes.acme.power_fails = False
    fakes.acme.down[REAL] = Problem("offline", "refused")
    with pytest.raises(AcmeError):
        connect(fakes.world(), layout, source(fakes, layout))
    assert has_next(fakes, layout)
    assert len(fakes.acme.accounts[REAL]) == 1


def test_an_authority_that_is_away_changes_nothing(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    old = key(fakes, layout)
    fakes.acme.down[REAL] = Problem("offline", "refused")
    with pytest.raises(EffectError, match="not reached"):
        list(change_keys(fakes.world(), layout, source(fakes, layout)))
    assert key(fakes, layout) == old


def test_the_address_of_a_known_account_is_not_asked_for(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    fakes.acme.down[REAL] = Problem("offline", "refused")
    assert account_url(fakes.world(), layout, source(fakes, layout)) == url(fakes, layout)


def test_a_lost_key_makes_another_account_that_is_told(fakes: Fakes, layout: Layout) -> None:
    run(fakes, layout, public())
    before = url(fakes, layout)
    lose_key(fakes, layout)
    fakes.clock.sleep(61 * 86400)
    assert look_after(fakes, layout), "it stops no renewal"
    after = url(fakes, layout)
    found = account(fakes.world(), layout, source(fakes, layout))
    assert found is not None
    assert (found.url, found.former_url) == (after, before)
    assert found.since.date() == fakes.clock.now().date()
    assert troubles(fakes, layout) == [], "no CAA record is about an account"
    fakes.resolver.put("a.example", "CAA", f'0 issue "{BOUND}{before}"')
    (trouble,) = troubles(fakes, layout)
    assert trouble.code == "account-changed"
    assert ", ".join(NAMES) in str(trouble.text)
    assert f"accounturi={after}" in str(trouble.hint)
    fakes.resolver.put("a.example", "CAA", f'0 issue "{BOUND}{after}"')
    assert troubles(fakes, layout) == []
    lose_key(fakes, layout)
    connect(fakes.world(), layout, source(fakes, layout))
    (trouble,) = troubles(fakes, layout)
    assert after in str(trouble.hint)


def test_our_own_caa_record_follows_a_new_account(fakes: Fakes, layout: Layout) -> None:
    fakes.files.put("/root/token", "right")
    fakes.resolver.zone("a.example", ns1="192.0.2.1")
    text, said = f'domain = "a.example"\n{BOUND_BY_US}', answers(BOUND_BY_US, "a.example")
    assert end(run(fakes, layout, ApplyAnswers(said, text, "/root/answers.toml"))).exit_status == 0
    lose_key(fakes, layout)
    keep_dns(fakes.world(), layout)
    assert ("a.example", "CAA") not in fakes.resolver.records, "nobody has wished for one"
    connect(fakes.world(), layout, source(fakes, layout))
    before = url(fakes, layout)
    carry_out(fakes.world(), layout, prepare(fakes.world(), layout, said))
    assert fakes.resolver.records["a.example", "CAA"] == (f'0 issue "{BOUND}{before}"',)
    lose_key(fakes, layout)
    keep_dns(fakes.world(), layout)
    after = url(fakes, layout)
    assert after != before
    assert fakes.resolver.records["a.example", "CAA"] == (f'0 issue "{BOUND}{after}"',)
    changes = len(fakes.dns_providers.changes)
    keep_dns(fakes.world(), layout)
    assert len(fakes.dns_providers.changes) == changes


def test_a_rehearsal_knows_nothing_of_who_is_named_in_dns(fakes: Fakes, layout: Layout) -> None:
    """The account for rehearsals is another one, which the CAA record does not let have anything."""
    fakes.resolver.put("a.example", "CAA", f'0 issue "{BOUND}{REAL}/account/1"')
    forbidden = Problem("caa", "CAA record for a.example prevents issuance")
    fakes.acme.failing_there = {(STAGING, name): forbidden for name in NAMES}
    run(fakes, layout, public())
    assert live(fakes, layout) == {"a.example": (f"Fake CA {REAL}", NAMES)}


def test_a_rehearsal_that_finds_a_ban_for_all_is_believed(fakes: Fakes, layout: Layout) -> None:
    fakes.resolver.put("a.example", "CAA", '0 issue "other.example"')
    fakes.acme.failing_there = {(STAGING, name): Problem("caa", "forbidden") for name in NAMES}
    run(fakes, layout, public())
    assert [order[0] for order in fakes.acme.orders] == [STAGING]
