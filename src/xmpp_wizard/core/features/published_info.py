"""Published server information (XEP-0485): which other servers this one is connected with, told to everybody."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pydantic import Field

from xmpp_wizard.core.kit import pubsub
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import failed, features_of, form_values, has_feature
from xmpp_wizard.core.kit.records import address_record, federation_records
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.model import OrChosen, Switchable
from xmpp_wizard.core.names import OwnDomain, prosody_name
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset()
INFO = "urn:xmpp:serverinfo:0"
NODE = "serverinfo"


class PublishedInfoAnswers(Switchable):
    """Told to the whole world: which servers this one talks with. Only those are named that tell the same."""

    host: OrChosen[OwnDomain] = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: pubsub. below it. It may be the one for news of websites.",
        examples=["news.example.org"],
    )


def contribute(answers: PublishedInfoAnswers, site: Site) -> Contribution:
    """Return a PubSub service with a node that anybody may read, and what fills it every 15 minutes."""
    service = pubsub.service(site, answers.host, Modules())
    return Contribution(
        modules=Modules(community=("published_info",)),
        host_settings={"published_info_service": Set(prosody_name(service.host))},
        components=(service,),
        records=(address_record(service.host), *federation_records(site, service.host)),
        needs_servers=True,
        proofs=(ProofStep("published_info", say("Published connections"), partial(prove_info, answers, site)),),
    )


async def prove_info(answers: PublishedInfoAnswers, site: Site, bench: Bench) -> Text:
    """Find the node as a map of servers does, by what the server says of itself, and read there which one it is."""
    async with bench.log_in(bench.alice) as alice:
        told = await features_of(alice, bench.domain)
        # the steps of one domain prove all of them
        service = prosody_name(pubsub.host(replace(site, domain=bench.domain), answers.host))
        place = f"xmpp:{service}?;node={NODE}"
        if not has_feature(told, INFO) or form_values(told).get("serverinfo-pubsub-node") != [place]:
            raise failed(say("{domain} does not say where it publishes", domain=bench.domain))
        wish = element(f"{{{pubsub.PUBSUB}}}pubsub", {}, element(f"{{{pubsub.PUBSUB}}}items", {"node": NODE}))
        found = (await alice.request("get", wish, service)).find(f".//{{{INFO}}}domain")
        if found is None or found.get("name") != bench.domain:
            raise failed(say("{service} publishes nothing about {domain}", service=service, domain=bench.domain))
        count = len(list(found.iter(f"{{{INFO}}}remote-domain")))
    return say("published, with {count} other servers", count=count)


FEATURE = Feature(
    name="published_info",
    title=say("Published connections"),
    summary=say("Everybody sees which servers yours talks with, if those tell it, too."),
    settings=PublishedInfoAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0485",),
)
