"""Open sign-up (XEP-0077, or in the browser): strangers make accounts themselves, within guards.

Guards: a riddle, limits for each address and for all together, plain names, names that are kept for the service
itself, and quarantine for those whose address is on a list of abusers (RFC 5782).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from xmpp_wizard.core.kit import web
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import (
    Add,
    Contribution,
    Feature,
    Modules,
    Preset,
    ProofStep,
    Reference,
    Set,
    Settings,
    Site,
)
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.kit.stanzas import CLIENT, element, error_words
from xmpp_wizard.core.lua import FileLine, LuaValue
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import Domain, ascii_name
from xmpp_wizard.core.text import Text, WrongValueError, say
from xmpp_wizard.core.values import ApiUrl, SecretPath

PRESETS: frozenset[Preset] = frozenset(("public",))
HCAPTCHA = "https://api.hcaptcha.com"
SECRET = "captcha.secret"  # noqa: S105 the name of a file
KEPT_NAMES = (
    *("abuse", "admin", "administrator", "billing", "contact", "help", "hostmaster", "info", "moderator", "noc"),
    *("noreply", "operator", "owner", "postmaster", "root", "security", "server", "service", "staff", "status"),
    *("support", "system", "webmaster"),
)
"""What strangers would take for the people who run the service (RFC 2142, and what impostors like)."""


class SignUpAnswers(Switchable):
    """Accounts for whoever comes."""

    way: Literal["page", "apps"] = Field(
        default="page",
        title="Where accounts are made",
        description="page: on a page of yours with a riddle that programs do not solve. apps: in any app, too, "
        "without a riddle; spammers like that.",
    )
    hourly: int = Field(
        default=20,
        ge=1,
        le=10000,
        title="New accounts in an hour",
        description="From all addresses together; how many one address may make, the security level decides.",
    )
    quarantine: Literal["nobody", "listed", "everybody"] = Field(
        default="listed",
        title="Hold new accounts back",
        description="Who is held back can talk with contacts and admins only, until you let them go. listed: whose "
        "address is on a list of abusers. everybody: all who were not invited.",
    )
    address_lists: tuple[Domain, ...] = Field(
        default=("dnsbl.dronebl.org",),
        title="Lists of abusers' addresses",
        description="DNS lists that are asked about the address of each new account, for quarantine = listed.",
    )
    captcha_site_key: str = Field(
        default="",
        max_length=100,
        pattern=r"^[A-Za-z0-9_-]*$",
        title="hCaptcha site key",
        description="Empty: the page asks a sum. With a key from hcaptcha.com it shows their riddle, which is harder "
        "for programs, but visitors' browsers then talk with hCaptcha.",
    )
    captcha_secret_file: SecretPath | None = Field(
        default=None,
        title="File with the hCaptcha secret",
        description="One line, from hcaptcha.com; only root should be able to read it.",
        examples=["/root/hcaptcha-secret.txt"],
    )
    captcha_service: ApiUrl = Field(
        default=HCAPTCHA,
        title="Captcha service",
        description="Who checks what visitors solved: hCaptcha, or a service that speaks as it does.",
    )

    @field_validator("captcha_secret_file")
    @classmethod
    def _comes_with_the_key(cls, file: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("captcha_site_key") and file is None:
            raise WrongValueError(say("captcha_site_key needs captcha_secret_file; hcaptcha.com gives both"))
        return file


def contribute(answers: SignUpAnswers, site: Site) -> Contribution:
    """Return the page, its guards, and in-app registration where that is wanted."""
    in_apps = answers.way == "apps"
    holds = answers.quarantine != "nobody"
    return Contribution(
        makes_accounts=True,
        modules=Modules(
            core=(*(("register_ibr",) if in_apps else ()), "register_limits", "watchregistrations"),
            community=("join_pages", "page_frame", "password_policy", "sign_up", *(("quarantine",) if holds else ())),
        ),
        settings={
            **web.https_settings(site),
            "registration_invite_only": Set(value=False),
            "registration_notification": Set("$username has made an account on $host"),
            "sign_up_in_apps": Set(in_apps),
            "sign_up_hourly": Set(answers.hourly),
            "join_pages_form": Set(value=True),
            **_captcha(answers),
            **_quarantine(answers),
        },
        host_settings={
            **web.host_settings(site, site.web_host),
            "site_name": Set(site.title),
            "sign_up_page": Set(f"{site.web_url}join"),
            "reserved_names": Add(KEPT_NAMES),
        },
        ports=(web.https_port(site),),
        references=_secret(answers),
        proofs=(*PROOFS, *((IN_APPS,) if in_apps else ())),
        dropped_proofs=("no_registration",) if in_apps else (),
    )


def _quarantine(answers: SignUpAnswers) -> Settings:
    if answers.quarantine == "nobody":
        return {}
    lists = [ascii_name(name) for name in answers.address_lists]
    return {"quarantine": Set(answers.quarantine), "quarantine_lists": Set(lists)}


def _captcha(answers: SignUpAnswers) -> Settings:
    if not answers.captcha_site_key:
        return {}
    table: dict[str, LuaValue] = {
        "site_key": answers.captcha_site_key,
        "secret": FileLine(f"/secrets/{SECRET}"),
        "service": answers.captcha_service,
    }
    return {"join_pages_captcha": Set(table)}


def _secret(answers: SignUpAnswers) -> tuple[Reference, ...]:
    if not answers.captcha_site_key or answers.captcha_secret_file is None:
        return ()
    key = "features.sign_up.captcha_secret_file"
    return (Reference(answers.captcha_secret_file, SECRET, key, is_secret=True),)


REGISTER = "jabber:iq:register"


async def prove_page(bench: Bench) -> Text:
    """Open the page as a stranger does, and send its form without solving the riddle: that must make no account."""
    url = f"https://{ascii_name(bench.domain)}:{bench.ports()['websocket']}/join"
    page = await bench.http("GET", url)
    text = page.body.decode("utf-8", "replace")
    if page.status != HTTPStatus.OK or 'name="password"' not in text:
        raise failed(say("the page for new accounts answers with status {status}", status=page.status))
    # deleted together with the account that it is named after
    name = f"{bench.alice.jid.partition('@')[0]}-intruder"
    wish = f"user={name}&password=proof-of-an-intruder".encode()
    answer = await bench.http("POST", url, headers={"Content-Type": "application/x-www-form-urlencoded"}, body=wish)
    if answer.status == HTTPStatus.OK:
        raise failed(say("the page makes accounts for programs that do not solve the riddle"))
    return say("it opens, and asks for the riddle")


async def prove_in_apps(bench: Bench) -> Text:
    """Ask for an account in an app, under a name that is taken: all guards let it pass but that."""
    name = bench.alice.jid.partition("@")[0]
    fields = {"username": name, "password": "proof-of-a-stranger"}
    rows = [element(f"{{{REGISTER}}}{key}", text=value) for key, value in fields.items()]
    wish = element(f"{{{CLIENT}}}iq", {"type": "set", "id": "up"}, element(f"{{{REGISTER}}}query", {}, *rows))
    answer = (await bench.ask_as_stranger(wish)).answer
    error = answer.find(f"{{{CLIENT}}}error") if answer is not None else None
    if answer is None or error is None:
        raise failed(say("the server does not answer to the wish for an account"))
    conditions = {item.tag.rpartition("}")[2] for item in error}
    if "conflict" in conditions:
        return say("it is open, and a name that is taken stays with its owner")
    if error.get("type") == "wait":
        return say("held up, as there were many just now: {reason}", reason=error_words(answer))
    raise failed(say("accounts cannot be made in apps: {reason}", reason=error_words(answer)))


PROOFS = (ProofStep("sign_up_page", say("The page for new accounts opens"), prove_page),)
IN_APPS = ProofStep("sign_up_in_apps", say("An app can make an account"), prove_in_apps)


FEATURE = Feature(
    name="sign_up",
    title=say("Open sign-up"),
    summary=say("Anybody can make an account on a page of yours, with guards against spammers."),
    settings=SignUpAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0077",),
)
