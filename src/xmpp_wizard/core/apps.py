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


def platforms(*, has_browser: bool) -> tuple[Platform, ...]:
    """Return the platforms; the browser only where the server lets web apps in and browsers trust it."""
    return tuple(platform for platform in PLATFORMS if has_browser or not platform.needs_public_certificate)
