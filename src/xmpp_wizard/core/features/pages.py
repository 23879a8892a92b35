"""The look of the pages where people join: the server's own color, picture and words; always there."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.kit.feature import Contribution, Feature, Reference, Set, Settings, Site
from xmpp_wizard.core.lua import LuaValue
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.text import say
from xmpp_wizard.core.values import AbsolutePath

_PICTURES = ("svg", "png", "jpg", "webp")


class PagesAnswers(Model):
    """How the pages look; their title is the server's own name, their language the visitor's."""

    color: str = Field(
        default="#2b6cb0",
        pattern=r"^#[0-9a-fA-F]{6}$",
        title="Color",
        description="Of the head and the buttons, as # and six digits; the writing on it is white.",
    )
    logo_file: AbsolutePath | None = Field(
        default=None,
        title="Picture",
        description="Shown at the top: an SVG, PNG, JPEG or WebP file on this machine.",
        examples=["/root/logo.svg"],
    )
    welcome: str = Field(
        default="", max_length=500, title="Words of welcome", description="Shown to whoever is about to join."
    )


def contribute(answers: PagesAnswers, _site: Site) -> Contribution:
    """Return the look; without a page nobody sees it."""
    values: dict[str, LuaValue] = {"join_pages_color": answers.color, "join_pages_welcome": answers.welcome}
    settings: Settings = {name: Set(value) for name, value in values.items() if value not in ("", "#2b6cb0")}
    if answers.logo_file is None:
        return Contribution(settings=settings)
    ending = answers.logo_file.rpartition(".")[2].lower().replace("jpeg", "jpg")
    name = f"logo.{ending if ending in _PICTURES else 'png'}"
    return Contribution(
        settings={**settings, "join_pages_logo": Set(f"/etc/prosody/{name}")},
        references=(Reference(answers.logo_file, name, "features.pages.logo_file"),),
    )


FEATURE = Feature(
    name="pages",
    title=say("Look of the pages"),
    summary=say("Invitations and the form for new accounts carry your color, picture and words."),
    settings=PagesAnswers,
    contribute=contribute,
)
