"""How the records of a server are looked at."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fakes import Fakes
from tests.servers import answers

from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.engine.records.dns import DnsReport, report

HERE = "9.9.9.9"
ELSEWHERE = "8.8.8.8"


def look(fakes: Fakes, text: str = "") -> DnsReport:
    return report(fakes.world(), Layout(), answers(f'certificates.source = "acme"\n{text}'))


def wrong(found: DnsReport) -> Mapping[str, Finding]:
    """Return all that is not right, by its key."""
    return {finding.key: finding for finding in found.findings if finding.level != "ok"}


def only(found: DnsReport) -> Finding:
    """Return the one thing that is not right."""
    bad = list(wrong(found).values())
    assert len(bad) == 1, [str(finding.text) for finding in bad]
    return bad[0]
