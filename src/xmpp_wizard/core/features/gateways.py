"""Programs beside the server, such as gateways to other networks, that speak for a name of their own (XEP-0114)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from pydantic import Field

from xmpp_wizard.core.errors import RefusedError
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import (
    Component,
    Contribution,
    Feature,
    Modules,
    Port,
    ProofStep,
    SecretFile,
    Set,
    Settings,
    Site,
)
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.kit.records import address_record, federation_records
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.lua import FileLine, LuaValue
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.names import OwnDomain, ascii_name, prosody_name
from xmpp_wizard.core.text import Text, say

PORT = 5347
PUBSUB = "http://jabber.org/protocol/pubsub"
RIGHTS: LuaValue = {
    "roster": "both",
    "message": "outgoing",
    "iq": {PUBSUB: "both", f"{PUBSUB}#owner": "set"},
}
"""What gateways such as slidge need: contact lists, messages from a person's other network, bookmarks (XEP-0356)."""


class GatewaysAnswers(Model):
    """Programs on this machine that are part of the chat server; bring and start them yourself."""

    names: tuple[OwnDomain, ...] = Field(
        default=(),
        title="Names of the programs",
        description="Each gets a password of its own, in secrets/prosody/gateway-NAME of the settings' folder.",
        examples=[["telegram.example.org"]],
    )
    may_act_for_people: bool = Field(
        default=False,
        title="May act for your people",
        description="They may change contact lists and write in a person's name, as gateways must. Trust them fully.",
    )
    reach: Literal["everybody", "home"] = Field(
        default="home",
        title="Who may use them",
        description="home: only people of this server. everybody: people of other servers, too.",
    )


def contribute(answers: GatewaysAnswers, site: Site) -> Contribution:
    """Return a service for each program, which finds it on this machine only, and the rights of trusted ones."""
    is_open = answers.reach == "everybody"
    # a program is there once; the people of every domain may use it
    names = answers.names if site.is_main else ()
    return Contribution(
        modules=Modules(community=("privilege",) if answers.names and answers.may_act_for_people else ()),
        settings={"component_ports": Set((PORT,)), "component_interfaces": Set((site.local_address,))} if names else {},
        host_settings=_rights(answers),
        components=tuple(_program(name, is_open=is_open) for name in names),
        ports=(Port(PORT, say("programs beside the server"), is_public=False, address=site.local_address),)
        if names
        else (),
        records=tuple(
            record for name in names if is_open for record in (address_record(name), *federation_records(site, name))
        ),
        secrets=tuple(SecretFile(secret(name)) for name in names),
        proofs=(ProofStep("gateways", say("Programs beside the server"), partial(prove_programs, answers.names)),)
        if answers.names
        else (),
    )


def secret(name: str) -> str:
    """Return the name of the file with the password of the program at ``name``."""
    return f"gateway-{ascii_name(name)}"


def _program(name: str, *, is_open: bool) -> Component:
    return Component(
        host=name,
        module="",
        title=str(say("Gateway")),
        modules=Modules(community=("privilege",)),
        settings={"component_secret": Set(FileLine(f"/secrets/{secret(name)}"))},
        federates=is_open,
        is_certified=is_open,
    )


def _rights(answers: GatewaysAnswers) -> Settings:
    if not answers.names or not answers.may_act_for_people:
        return {}
    return {"privileged_entities": Set({prosody_name(name): RIGHTS for name in answers.names})}


NOT_CONNECTED = "remote-server-timeout"


async def prove_programs(names: Sequence[str], bench: Bench) -> Text:
    """Ping each program; while one is not connected the server sends that back, any other answer is its own."""
    async with bench.log_in(bench.alice) as alice:
        for name in names:
            try:
                await alice.request("get", element("{urn:xmpp:ping}ping"), name)
            except RefusedError as error:
                if NOT_CONNECTED in str(error):
                    raise failed(
                        say("the program for {name} is not connected", name=name),
                        say(
                            "Start it on this machine: port {port}, password in the file secrets/prosody/{file}.",
                            port=PORT,
                            file=secret(name),
                        ),
                    ) from error
    return say("all answer")


FEATURE = Feature(
    name="gateways",
    title=say("Gateways"),
    summary=say("Programs of yours, such as gateways to other networks, join the server."),
    settings=GatewaysAnswers,
    contribute=contribute,
    xeps=("XEP-0114", "XEP-0356"),
)
