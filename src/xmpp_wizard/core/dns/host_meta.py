"""How web apps find a server whose domain leads to a website elsewhere (XEP-0156): two files for that website."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.text import say

PLACE = "/.well-known/host-meta"
_RELATION = "urn:xmpp:alt-connections:"
_WAYS = {"websocket": ("wss", "xmpp-websocket"), "xbosh": ("https", "http-bind")}
_OK = 200


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a web server answered; the names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str


def links(web_url: str) -> dict[str, str]:
    """Return where each way in is, by its relation; ``web_url`` is ``https://name/``."""
    base = web_url.partition("://")[2]
    return {_RELATION + name: f"{scheme}://{base}{path}" for name, (scheme, path) in _WAYS.items()}


def as_json(web_url: str) -> str:
    """Return the file ``host-meta.json``."""
    found = [{"rel": relation, "href": url} for relation, url in links(web_url).items()]
    return json.dumps({"links": found}, indent=1) + "\n"


def as_xml(web_url: str) -> str:
    """Return the file ``host-meta``."""
    items = "".join(
        f"  <Link rel={quoteattr(relation)} href={quoteattr(url)}/>\n" for relation, url in links(web_url).items()
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        f"<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n{items}</XRD>\n"
    )


def judge_page(domain: str, web_url: str, page: WebPage | None) -> Finding:
    """Return whether the website of ``domain`` leads web apps here; ``page`` is its ``host-meta.json``, if any came."""
    wanted, url = links(web_url), f"https://{domain}{PLACE}.json"
    if page is None or page.status != _OK or not _is_right(page.text, wanted):
        text = say("web apps do not find the server: {url} does not lead here", url=url)
        advice = say("Put the two files of `xmpp-wizard dns website` on the website of {domain}.", domain=domain)
        return Finding("todo", "host-meta", domain, "HTTPS", text, advice)
    if page.headers.get("access-control-allow-origin", "").strip() != "*":
        text = say("web apps of other sites may not read {url}", url=url)
        advice = say("On the website, add the header Access-Control-Allow-Origin: * for it.")
        return Finding("todo", "host-meta", domain, "HTTPS", text, advice)
    return Finding("ok", "right", domain, "HTTPS", say("the website leads web apps here"))


def _is_right(text: str, wanted: Mapping[str, str]) -> bool:
    try:
        there = {str(link["rel"]): str(link["href"]) for link in json.loads(text)["links"]}
    except (ValueError, KeyError, TypeError):
        return False
    return all(there.get(relation) == url for relation, url in wanted.items())
