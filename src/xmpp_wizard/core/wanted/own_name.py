"""A domain whose website is on another machine: this one then has a name of its own, below the domain or elsewhere.

Records of services lead to that name, and pages, uploads' neighbours and web apps are reached under it.
"""

from __future__ import annotations

from xmpp_wizard.core.kit.feature import Component, Contribution, Modules, Set, Site
from xmpp_wizard.core.kit.records import address_record
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.text import say


def own_name(site: Site) -> Contribution:
    """Return what makes ``site.web_host`` a name of this server.

    Prosody refuses TLS for names that are no host of its own, so the name is that of an idle component; whatever is
    asked of it by HTTP is answered as by the domain.
    """
    return Contribution(
        settings={"http_default_host": Set(ascii_name(site.domain))},
        components=(
            Component(
                host=site.web_host,
                module="adhoc",
                title=str(say("Web pages")),
                modules=Modules(core=("disco",), remove=("dialback",)),
                federates=False,
            ),
        ),
        records=(address_record(site.web_host),),
    )
