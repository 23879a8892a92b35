"""A web server in front of ours."""

from __future__ import annotations

from xmpp_wizard.core.network.front import Front, FrontSite

FRONT = Front("nginx", (), 443, "127.0.0.1:5280", (FrontSite("a.example", ("a.example", "share.a.example")),))
