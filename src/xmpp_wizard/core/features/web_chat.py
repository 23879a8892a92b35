"""Chat in the browser: Converse.js from the server's own image, which logs in over WebSocket (RFC 7395)."""

from __future__ import annotations

from xmpp_wizard.core.kit import chat_page, web
from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Merge, Modules, Preset, ProofStep, Set, Site
from xmpp_wizard.core.kit.proofs import failed
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import ascii_name, prosody_name
from xmpp_wizard.core.text import Text, say

PRESETS: frozenset[Preset] = frozenset()
"""None: its image is larger and takes longer to build, and a public certificate is needed to be of use."""


class WebChatAnswers(Switchable):
    """Chat without an app."""


def contribute(_answers: WebChatAnswers, site: Site) -> Contribution:
    """Return the page at ``/chat``, how it logs in, and the part of the image that it is made of."""
    return Contribution(
        modules=Modules(core=("http_altconnect", "websocket"), community=chat_page.MODULES),
        settings={**web.https_settings(site), "http_paths": Merge({"websocket": "/xmpp-websocket"})},
        host_settings={**web.host_settings(site, site.web_host), "site_name": Set(site.title)},
        ports=(web.https_port(site),),
        image_parts=("web_chat",),
        chat_page=f"{site.web_url.rstrip('/')}{chat_page.PATH}",
        proofs=PROOFS,
    )


async def prove_page(bench: Bench) -> Text:
    """Open the page as a browser does, get all that it is made of, and log in where and as it does."""
    page = await chat_page.open_page(bench, ascii_name(bench.domain))
    if page.settings.get("locked_domain") != prosody_name(bench.domain):
        raise failed(say("the page logs in to {domain}", domain=str(page.settings.get("locked_domain"))))
    count = await chat_page.check_parts(bench, page)
    async with bench.log_in(bench.alice, "websocket"):
        return say("{count} files of its own, and the log-in works", count=count)


PROOFS = (ProofStep("web_chat", say("Chat in the browser"), prove_page),)


FEATURE = Feature(
    name="web_chat",
    title=say("Web chat"),
    summary=say("Chat in the browser, on a page of yours that loads nothing from others."),
    settings=WebChatAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 7395",),
)
