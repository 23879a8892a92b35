"""Why names have no public certificate, each reason told once."""

from __future__ import annotations

from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.engine.acme.report import Lack, together


def _lack(name: str, key: str = "dns", why: str = "{name} does not exist in DNS") -> Lack:
    return Lack("a.example", name, key, say(why, name=name), say("Add a record."), None, needs_person=True)


def test_names_that_lack_the_same_are_told_of_together() -> None:
    closed = _lack("b.example", "closed", "nobody answers for {name}")
    first, second = together([_lack("a.example"), closed, _lack("groups.a.example"), _lack("share.a.example")])
    assert str(first.sentence) == (
        "a.example does not exist in DNS. Add a record. The same goes for: groups.a.example, share.a.example"
    )
    assert second == closed


def test_what_is_about_no_single_name_stays_as_it_is() -> None:
    down = Lack("a.example", "", "down", say("the authority is away"), NOTHING, None, needs_person=False)
    assert together([down]) == (down,)
