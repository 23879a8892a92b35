"""What the server tells about itself: software (XEP-0092), time (XEP-0202), ping (XEP-0199), uptime (XEP-0012)."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, ProofStep, Set, Site
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.text import Text, say


class ServerInfoAnswers(Model):
    """What anybody may ask the server."""

    show_version: bool = Field(
        default=True,
        title="Tell the version",
        description="Name and version of the server's software, and since when it runs, to anybody who asks.",
    )


def contribute(answers: ServerInfoAnswers, site: Site) -> Contribution:
    """Return ping, which apps need to notice a dead line, and what the server tells beyond that."""
    return Contribution(
        modules=Modules(
            core=(
                "lastactivity",
                "ping",
                "server_info",
                "time",
                *(("uptime", "version") if answers.show_version else ()),
            )
        ),
        host_settings={"name": Set(site.title)},
        proofs=(ProofStep("ping", say("Ping"), prove_ping),),
    )


async def prove_ping(bench: Bench) -> Text:
    """Ping the server, as apps do to notice a dead line."""
    async with bench.log_in(bench.alice) as session:
        await session.request("get", element("{urn:xmpp:ping}ping"), bench.domain)
    return say("it answers")


FEATURE = Feature(
    name="server_info",
    title=say("Server information"),
    summary=say("Lets apps notice a dead line, and tells who asks which software runs here."),
    settings=ServerInfoAnswers,
    contribute=contribute,
    xeps=("XEP-0012", "XEP-0092", "XEP-0199", "XEP-0202"),
)
