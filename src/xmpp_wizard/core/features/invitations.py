"""Invitations (XEP-0379, XEP-0401, XEP-0445): a way to an account of one's own; without any, admins add people.

The apps' pictures come from Debian's modules; nothing on the pages is loaded from third parties.
"""

from __future__ import annotations

from http import HTTPStatus
from re import findall
from typing import Literal, TypeAlias, get_args

from pydantic import Field

from xmpp_wizard.core.kit import web
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, Preset, ProofStep, Set, Settings, Site
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))
AppName: TypeAlias = Literal["conversations", "monal", "siskin-im", "yaxim", "gajim", "dino", "beagle-im"]
EVERY_APP: tuple[AppName, ...] = get_args(AppName)


class InvitationsAnswers(Switchable):
    """Links and QR codes that lead to an account."""

    expires_days: int = Field(
        default=7, ge=1, le=365, title="Valid for (days)", description="An invitation that nobody used is void then."
    )
    may_members_invite: bool = Field(
        default=False,
        title="Everybody may invite",
        description="Otherwise only admins can invite people who have no account yet.",
    )
    apps: tuple[AppName, ...] = Field(
        default=EVERY_APP, min_length=1, title="Apps on the page", description="Shown in this order, by platform."
    )


def contribute(answers: InvitationsAnswers, site: Site) -> Contribution:
    """Return invitations with a page below the domain, where an app is chosen or an account made in the browser."""
    return Contribution(
        makes_accounts=True,
        modules=Modules(
            # registration in the app is for those with an invitation; the default of registration_invite_only
            core=(
                "invites",
                "invites_adhoc",
                "invites_register",
                "register_ibr",
                "register_limits",
                "watchregistrations",
            ),
            community=("join_pages", "page_frame", "password_policy", "register_apps"),
        ),
        settings={
            **web.https_settings(site),
            "join_pages_invitations": Set(value=True),
            "allow_user_invites": Set(answers.may_members_invite),
            "invite_expiry": Set(f"{answers.expires_days}d"),
            "registration_notification": Set("$username has made an account on $host"),
        },
        host_settings=_pages(answers, site),
        ports=(web.https_port(site),),
        proofs=(ProofStep("invitation", say("An invitation opens"), prove_invitation),),
    )


def _pages(answers: InvitationsAnswers, site: Site) -> Settings:
    """Return addresses and contents of the pages.

    Apps are listed for each host: mod_register_apps writes its host's own address into the list, which would be every
    host's if it were global.
    """
    return {
        **web.host_settings(site, site.web_host),
        "site_name": Set(site.title),
        "invites_page": Set(f"{site.web_url}invite?{{invite.token}}"),
        "site_apps": Set([_APPS[name] for name in answers.apps]),
    }


def _app(  # noqa: PLR0913 what one card of the page shows
    name: str,
    text: str,
    german: str,
    image: str,
    link: str,
    platforms: tuple[str, ...],
    *,
    takes_invitation: bool,
    magic: str = "",
) -> LuaValue:
    """Return an entry of ``site_apps`` (mod_register_apps), with words for visitors in both languages of the pages."""
    app: dict[str, LuaValue] = {
        "name": name,
        "text": text,
        "text_de": german,
        "image": f"assets/logos/{image}",
        "link": link,
        "platforms": platforms,
        "supports_preauth_uri": takes_invitation,
    }
    if magic:
        app["magic_link_format"] = magic
    return app


_PLAY = "https://play.google.com/store/apps/details?id="
_REFERRER = "{app.link!}&referrer={invite.uri}"
"""The Play Store hands the invitation over to the app that it installs."""

_APPS: dict[AppName, LuaValue] = {
    "conversations": _app(
        "Conversations",
        "The chat app for Android: messages, groups, pictures and calls.",
        "Die Chat-App für Android: Nachrichten, Gruppen, Bilder und Anrufe.",
        "conversations.svg",
        f"{_PLAY}eu.siacs.conversations",
        ("Android",),
        takes_invitation=True,
        magic=_REFERRER,
    ),
    "monal": _app(
        "Monal",
        "A chat app for iPhone, iPad and Mac, with calls.",
        "Eine Chat-App für iPhone, iPad und Mac, mit Anrufen.",
        "monal.svg",
        "https://monal-im.org/",
        ("iOS", "macOS"),
        takes_invitation=True,
    ),
    "siskin-im": _app(
        "Siskin IM",
        "A light chat app for iPhone and iPad.",
        "Eine leichte Chat-App für iPhone und iPad.",
        "siskin-im.png",
        "https://apps.apple.com/us/app/siskin-im/id1153516838",
        ("iOS",),
        takes_invitation=True,
    ),
    "yaxim": _app(
        "yaxim",
        "A small chat app for Android that also runs on old phones.",
        "Eine kleine Chat-App für Android, die auch auf alten Handys läuft.",
        "yaxim.svg",
        f"{_PLAY}org.yaxim.androidclient",
        ("Android",),
        takes_invitation=True,
        magic=_REFERRER,
    ),
    "gajim": _app(
        "Gajim",
        "A chat program for Windows and Linux with everything in it.",
        "Ein Chat-Programm für Windows und Linux, in dem alles steckt.",
        "gajim.svg",
        "https://gajim.org/",
        ("Windows", "Linux"),
        takes_invitation=False,
    ),
    "dino": _app(
        "Dino",
        "A modern and simple chat program for Linux.",
        "Ein modernes und einfaches Chat-Programm für Linux.",
        "dino.svg",
        "https://dino.im/",
        ("Linux",),
        takes_invitation=False,
    ),
    "beagle-im": _app(
        "Beagle IM",
        "A light chat program for the Mac.",
        "Ein leichtes Chat-Programm für den Mac.",
        "beagle-im.png",
        "https://apps.apple.com/us/app/beagle-im/id1445349494",
        ("macOS",),
        takes_invitation=False,
    ),
}


async def prove_invitation(bench: Bench) -> Text:
    """Open an invitation as somebody new does: the page with its styles and pictures, and the form for an account."""
    base, _, token = bench.invitation.partition("/invite?")
    if not token:
        raise failed(say("the server makes invitations without a page: {link}", link=bench.invitation or "none"))
    page = (await _page(bench, bench.invitation)).decode("utf-8", "replace")
    if f"preauth={token}" not in page:
        raise failed(say("the page does not hold the invitation"))
    parts = set(findall(r'<(?:img|script)[^>]* src="([^"]+)"|<link rel="stylesheet" href="([^"]+)"', page))
    urls = sorted({first or second for first, second in parts})
    for url in urls:
        await _page(bench, url if url.startswith("https://") else f"{base}/{url.removeprefix('/')}")
    form = (await _page(bench, f"{base}/register?t={token}")).decode("utf-8", "replace")
    if 'name="password"' not in form:
        raise failed(say("the form for a new account has no field for a password"))
    return say("the page opens, with {count} styles and pictures, and so does the form", count=len(urls))


async def _page(bench: Bench, url: str) -> bytes:
    answer = await bench.http("GET", url)
    if answer.status != HTTPStatus.OK:
        raise failed(say("{url} answers with status {status}", url=url.partition("?")[0], status=answer.status))
    return answer.body


FEATURE = Feature(
    name="invitations",
    title=say("Invitations"),
    summary=say("People join by a link or QR code, in their app or in the browser."),
    settings=InvitationsAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0077", "XEP-0379", "XEP-0401", "XEP-0445"),
)
