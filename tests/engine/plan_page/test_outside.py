"""The records that a first set-up shows: the very ones that `dns show` prints."""

from __future__ import annotations

from xmpp_wizard.core.answers.model import answers_model
from xmpp_wizard.core.wanted.desired import desired
from xmpp_wizard.engine.plan_page.outside import dns_lines


def test_services_lead_to_the_machine_where_the_website_is_elsewhere() -> None:
    said = {"domain": "fam.example", "network": {"host": "xmpp.fam.example", "client_port": 5333}}
    answers = answers_model().model_validate(said)
    wanted = desired(answers)
    lines = [line.split() for line in dns_lines(wanted, "203.0.113.5")]
    assert ["xmpp.fam.example.", "A", "203.0.113.5"] in lines
    targets = {words[-1] for words in lines if words[0].startswith("_xmpp")}
    assert targets == {"xmpp.fam.example."}
