"""The apps that people are told of, by what they run on; looked through in November 2026."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.text import Text, say


@dataclass(frozen=True, slots=True)
class Platform:
    """One kind of device, and the apps for it, the one to begin with first: (name, where it is got)."""

    title: Text
    apps: tuple[tuple[str, str], ...]
    needs_public_certificate: bool = False
    """Whether it only works where everybody's browser trusts the server's certificate."""


PLATFORMS = (
    Platform(
        say("Android"),
        (
            ("Conversations", "Google Play, F-Droid; conversations.im"),
            ("Cheogram", "F-Droid; cheogram.com"),
            ("Monocles Chat", "Google Play, F-Droid; monocles.chat"),
        ),
    ),
    Platform(say("iPhone, iPad"), (("Monal", "App Store; monal-im.org"), ("Siskin IM", "App Store; siskin.im"))),
    Platform(say("Linux"), (("Dino", "your distribution; dino.im"), ("Gajim", "your distribution; gajim.org"))),
    Platform(say("macOS"), (("Monal", "App Store; monal-im.org"), ("Beagle IM", "App Store; beagle.im"))),
    Platform(say("Windows"), (("Gajim", "Microsoft Store; gajim.org"),)),
    Platform(say("Browser"), (("Converse", "conversejs.org/fullscreen.html"),), needs_public_certificate=True),
    Platform(
        say("Terminal"),
        (("Profanity", "your distribution; profanity-im.github.io"), ("Poezio", "your distribution; poez.io")),
    ),
)
"""All platforms, phones first."""


def platforms(*, has_browser: bool, chat_page: str = "") -> tuple[Platform, ...]:
    """Return the platforms; apps of others in the browser only where the server lets them in and browsers trust it.

    ``chat_page`` is the server's own page to chat on, which is all that anybody needs there.
    """
    own = Platform(say("Browser"), ((str(say("Web chat")), chat_page),))
    known = (own if chat_page and platform.needs_public_certificate else platform for platform in PLATFORMS)
    return tuple(platform for platform in known if has_browser or not platform.needs_public_certificate)
