"""Contact addresses of the people behind the server (XEP-0157); always on."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from xmpp_wizard.core.addresses import address_uri
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import failed, features_of, form_values
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.model import LeftOut, Model
from xmpp_wizard.core.names import shown
from xmpp_wizard.core.text import Text, WrongValueError, say

_KINDS = ("xmpp:", "mailto:", "https://", "http://")


def parse_uri(text: str) -> str:
    """Return ``text``, a web address or a whole ``xmpp:`` or ``mailto:`` address (RFC 3986: ASCII only).

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    kind = next((kind for kind in _KINDS if text.startswith(kind)), "")
    rest = text.removeprefix(kind)
    if not kind or not rest or ("@" not in rest and not kind.endswith("/")):
        raise WrongValueError(
            say(
                "{given} must be like mailto:abuse@example.org, xmpp:alice@example.org or https://example.org/",
                given=shown(text),
            )
        )
    if not text.isascii() or not text.isprintable() or " " in text:
        raise WrongValueError(
            say("{given} has a space or a sign outside ASCII in it; write those as %20 and so on", given=shown(text))
        )
    return text


Uri = Annotated[str, AfterValidator(parse_uri)]
Uris = tuple[Uri, ...]
OrAdmins = Annotated[Uris, LeftOut(say("the admins' addresses"))]


class ContactAddressesAnswers(Model):
    """Whom to write to; web addresses and xmpp: or mailto: addresses."""

    abuse: OrAdmins = Field(
        default=(),
        title="Abuse",
        description="Complaints; left out: the admins' addresses.",
        examples=[["mailto:abuse@example.org"]],
    )
    admin: OrAdmins = Field(
        default=(),
        title="Admins",
        description="Left out: the admins' addresses.",
        examples=[["mailto:admin@example.org"]],
    )
    security: OrAdmins = Field(
        default=(),
        title="Security",
        description="Left out: the admins' addresses.",
        examples=[["mailto:security@example.org"]],
    )
    support: OrAdmins = Field(
        default=(),
        title="Help",
        description="Left out: the admins' addresses.",
        examples=[["mailto:support@example.org"]],
    )
    feedback: Uris = Field(
        default=(), title="Feedback", description="Praise and ideas.", examples=[["mailto:hello@example.org"]]
    )
    status: Uris = Field(
        default=(),
        title="Status page",
        description="Where to see whether the server is down.",
        examples=[["https://status.example.org/"]],
    )


def contribute(answers: ContactAddressesAnswers, site: Site) -> Contribution:
    """Return the addresses by role; without any, and without admins, nothing is told."""
    admins = tuple(map(address_uri, site.admins))
    roles: dict[str, LuaValue] = {
        "abuse": answers.abuse or admins,
        "admin": answers.admin or admins,
        "feedback": answers.feedback,
        "security": answers.security or admins,
        "status": answers.status,
        "support": answers.support or admins,
    }
    told = {role: addresses for role, addresses in roles.items() if addresses}
    if not told:
        return Contribution()
    proof = ProofStep("contact_addresses", say("Contact addresses are told"), prove_addresses)
    return Contribution(
        modules=Modules(core=("server_contact_info",)), settings={"contact_info": Set(told)}, proofs=(proof,)
    )


async def prove_addresses(bench: Bench) -> Text:
    """Ask the server whom to write to, as other servers' admins do."""
    async with bench.log_in(bench.alice) as session:
        values = form_values(await features_of(session, bench.domain))
    told = sorted(name for name, addresses in values.items() if name.endswith("-addresses") and any(addresses))
    if not told:
        raise failed(say("{domain} tells nobody's address", domain=bench.domain))
    return say("{roles}", roles=", ".join(name.removesuffix("-addresses") for name in told))


FEATURE = Feature(
    name="contact_addresses",
    title=say("Contact addresses"),
    summary=say("Tells people and other servers whom to write to, above all about abuse."),
    settings=ContactAddressesAnswers,
    contribute=contribute,
    xeps=("XEP-0157",),
)
