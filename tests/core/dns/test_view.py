"""What is asked of whom."""

from __future__ import annotations

from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.reply import Question, Reply
from xmpp_wizard.core.dns.view import View, direct_questions, server_questions

ZONE = "evil.example"


def test_a_zone_of_thousands_of_servers_is_not_asked_by_the_hundred_thousand() -> None:
    addresses = {
        f"ns{number}.{ZONE}": tuple(f"10.{number}.{last >> 8}.{last & 255}" for last in range(2500))
        for number in range(60)
    }
    asked = {Question(name, "A"): Reply("OK", found) for name, found in addresses.items()}
    view = View({Question(ZONE, "NS"): Reply("OK", tuple(addresses)), **asked}, {}, "w")
    assert 13 * 2 <= len(server_questions(view, [ZONE])) < 100
    assert 13 <= len(direct_questions(view, [Record(ZONE, "TXT", "x")])) < 100
