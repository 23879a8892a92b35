"""Browsers: WebSocket (RFC 7395), BOSH (XEP-0124, XEP-0206) and how apps find them (XEP-0156)."""

from __future__ import annotations

from xmpp_wizard.core import web
from xmpp_wizard.core.feature import Contribution, Feature, Merge, Modules, Preset, Site
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.text import say

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))


class WebAnswers(Switchable):
    """Log-in from web apps."""


def contribute(_answers: WebAnswers, site: Site) -> Contribution:
    """Return both ways in over HTTPS and host-meta; cross-origin requests are allowed by Prosody's own rules."""
    return Contribution(
        modules=Modules(core=("bosh", "http_altconnect", "websocket")),
        settings={
            **web.https_settings(site),
            "http_paths": Merge({"bosh": "/http-bind", "websocket": "/xmpp-websocket"}),
        },
        host_settings=web.host_settings(site, site.web_host),
        ports=(web.https_port(site),),
    )


FEATURE = Feature(
    name="web",
    title=say("Web apps"),
    summary=say("Log-in from web apps, and from networks that let only the web through."),
    settings=WebAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 7395", "XEP-0124", "XEP-0156", "XEP-0206"),
)
