"""News of websites, brought into chat apps that read feeds (XEP-0060, XEP-0277, RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from xmpp_wizard.core.addresses import parse_local_part
from xmpp_wizard.core.kit import pubsub
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, ProofStep, Set, Settings, Site
from xmpp_wizard.core.kit.proofs import service_with
from xmpp_wizard.core.kit.pubsub import PUBSUB
from xmpp_wizard.core.kit.records import address_record, federation_records
from xmpp_wizard.core.kit.stanzas import bare, element
from xmpp_wizard.core.model import OrChosen, Switchable
from xmpp_wizard.core.names import OwnDomain, shown
from xmpp_wizard.core.text import Text, WrongValueError, say
from xmpp_wizard.core.values import parse_web_url, refuse_password

PRESETS: frozenset[Preset] = frozenset()


def parse_feed(text: str) -> str:
    """Return ``text``, a name and the address of a feed, as ``name=https://…``.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    name, equals, url = (part.strip() for part in text.partition("="))
    refuse_password(url if equals else text)
    if not equals:
        raise WrongValueError(
            say(
                "{given} must be a name and an address, such as club=https://club.example.org/feed.xml",
                given=shown(text),
            )
        )
    return f"{parse_local_part(name)}={parse_web_url(url)}"


FeedLine = Annotated[str, AfterValidator(parse_feed), WithJsonSchema({"type": "string", "pattern": "^.+=https?://"})]


class FeedsAnswers(Switchable):
    """News of websites as messages."""

    host: OrChosen[OwnDomain] = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: pubsub. below it.",
        examples=["news.example.org"],
    )
    feeds: tuple[FeedLine, ...] = Field(
        default=(),
        title="Websites",
        description="For each a name that people subscribe to, = and the address of its feed (Atom or RSS).",
        examples=[["club=https://club.example.org/feed.xml"]],
    )
    refresh_minutes: int = Field(
        default=15, ge=5, le=1440, title="Look for news every (minutes)", description="At each website."
    )


def contribute(answers: FeedsAnswers, site: Site) -> Contribution:
    """Return a PubSub service whose nodes are the feeds; further ones may be made by the admins."""
    feeds = dict(line.split("=", 1) for line in answers.feeds) if site.is_main else {}
    pulled: Settings = {"feeds": Set(feeds), "feed_pull_interval_seconds": Set(answers.refresh_minutes * 60)}
    service = pubsub.service(
        site, answers.host, Modules(community=("pubsub_feeds",) if feeds else ()), pulled if feeds else {}
    )
    return Contribution(
        components=(service,),
        records=(address_record(service.host), *federation_records(site, service.host)),
        proofs=(ProofStep("feeds", say("Subscribe to news"), partial(prove_feeds, tuple(feeds))),) if feeds else (),
    )


async def prove_feeds(names: Sequence[str], bench: Bench) -> Text:
    """Find each feed as apps do, subscribe to it and unsubscribe again (XEP-0060 6.1)."""
    async with bench.log_in(bench.alice) as alice:
        service = await service_with(alice, bench.domain, PUBSUB, say("news"))
        for name in names:
            for wish in ("subscribe", "unsubscribe"):
                asked = element(f"{{{PUBSUB}}}{wish}", {"node": name, "jid": bare(alice.jid)})
                await alice.request("set", element(f"{{{PUBSUB}}}pubsub", {}, asked), service)
    return say("{count} can be subscribed to", count=len(names))


FEATURE = Feature(
    name="feeds",
    title=say("News of websites"),
    summary=say("People subscribe to the news of websites and read them in their chat app."),
    settings=FeedsAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 4287", "XEP-0060"),
)
