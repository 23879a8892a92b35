"""Every community module starts from its own folder, with no more beside it than the index says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.e2e.image.running import Image, Running

pytestmark = pytest.mark.e2e

# On a virtual host.
PLAIN = [
    "adhoc_blacklist",
    "adhoc_oauth2_client",
    "anti_spam",
    "atom",
    "block_strangers",
    "block_list",
    "blocking",
    "broadcast",
    "c2s_conn_throttle",
    "carbons_copies",
    "client_certs",
    "cloud_notify_encrypted",
    "cloud_notify_extensions",
    "cloud_notify_filters",
    "cloud_notify_priority_tag",
    "csi_battery_saver",
    "default_bookmarks",
    "delegation",
    "dnsbl",
    "e2e_policy",
    "federation_allow",
    "filter_chatstates",
    "firewall",
    "head_count",
    "http_libjs",
    "http_oauth2",
    "http_pep_avatar",
    "invites_api",
    "invites_page",
    "invites_register_web",
    "invites_tracking",
    "ipcheck",
    "join_pages",
    "lastlog",
    "lastlog2",
    "list_inactive",
    "log_auth",
    "login_guard",
    "mam_adhoc",
    "measure_active_users",
    "net_dovecotauth",
    "net_proxy",
    "onions",
    "own_rules",
    "page_frame",
    "password_policy",
    "password_reset",
    "pastebin",
    "ping_muc",
    "privacy_lists",
    "private_adhoc",
    "privilege",
    "pubsub_serverinfo",
    "pubsub_subscription",
    "quarantine",
    "register_apps",
    "register_redirect",
    "register_web",
    "reload_modules",
    "report_forward",
    "reserved_names",
    "rest",
    "s2s_idle_timeout",
    "s2s_smacks_timeout",
    "sasl2",
    "sasl2_bind2",
    "sasl2_fast",
    "sasl2_sm",
    "sasl_oauthbearer",
    "sasl_ssdp",
    "seclabels",
    "server_status",
    "shared_contacts",
    "sign_up",
    "spam_lists",
    "spam_notices",
    "spam_reporting",
    "stanza_counter",
    "strangers",
    "support_contact",
    "throttle_presence",
    "track_muc_joins",
    "watch_spam_reports",
    "webpresence",
]
IN_ROOMS = [
    "http_muc_log",
    "muc_activity",
    "muc_limits",
    "muc_moderation",
    "muc_restrict_avatars",
    "muc_restrict_media",
    "muc_restrict_nick",
    "muc_restrict_rooms",
    "muc_rtbl",
    "muc_search",
    "e2e_policy",
    "federation_allow",
    "guest_limits",
    "house_rooms",
    "room_creators",
    "room_search",
]
IN_PUBSUB = ["pubsub_feeds", "pubsub_forgejo", "pubsub_mqtt", "pubsub_text_interface"]
COMPONENTS = ["unified_push", "vjud"]

# What a module needs to know before it loads.
OPTIONS = {
    "anti_spam": 'anti_spam_services = { "rtbl.example" }',
    "block_list": 'block_list = { "spam.example" }',
    "dnsbl": 'dnsbls = { "dnsbl.example" }',
    "e2e_policy": 'e2e_policy_chat = "required"; e2e_policy_exempt = { "help@m.example"; "rooms.m.example" }',
    "federation_allow": 'federation_allow = { "friend.example" }',
    "house_rooms": 'house_rooms = { { name = "family"; title = "Family"; owners = { "ann@m.example" } } }',
    "firewall": 'firewall_scripts = { "module:scripts/spam-blocking.pfw", "module:scripts/spam-blocklists.pfw" }',
    "muc_rtbl": 'muc_rtbl_jid = "rtbl.example"',
    "join_pages": "join_pages_form = true join_pages_invitations = true",
    "net_dovecotauth": 'dovecotauth_host = "127.0.0.1"',
    "reserved_names": 'reserved_names = { "alice" }',
    "pubsub_forgejo": 'forgejo_secret = "x"',
    "register_redirect": 'registration_url = "https://a.example/"',
    "room_creators": 'room_creators = "prosody:member"',
    "shared_contacts": 'shared_contacts = { { name = "Board"; members = { "ann@m.example" } } }',
    "quarantine": 'quarantine_lists = { "dnsbl.example" }',
    "server_status": 'server_status_show_hosts = { "m.example" }',
    "spam_lists": 'spam_lists = { "rtbl.example" }',
    "support_contact": 'support_contact = "help@a.example"',
}
BEGIN = """
data_path = "/tmp/data"
log = { info = "*console" }
interfaces = { "127.0.0.1" }
plugin_paths = { %s }
http_default_host = "m.example"
"""
# Ends by itself as soon as all is loaded; after all others have heard of the start, so that a module that keeps that to
# itself, by giving an answer, is found.
END = """
local function finish()
    Lua.prosody.main_thread:run(function () Lua.prosody.shutdown("loaded") end)
end
Lua.prosody.events.add_handler("server-started", function ()
    Lua.require "prosody.util.timer".add_task(0.05, finish)
end, -1)
"""
CORE = '"saslauth"; "tls"; "roster"; "disco"; "pep"; "csi"; "invites"; "smacks"; "blocklist"; "register"'
HOST = '%s\nVirtualHost "m.example"\n\tmodules_enabled = { ' + CORE + '; "%s" }\n\t%s\n'
ROOMS = '%s\nVirtualHost "m.example"\nComponent "rooms.m.example" "muc"\n\tmodules_enabled = { "%s" }\n\t%s\n'
PUBSUB = '%s\nVirtualHost "m.example"\nComponent "pubsub.m.example" "pubsub"\n\tmodules_enabled = { "%s" }\n\t%s\n'
COMPONENT = '%s\nVirtualHost "m.example"\nComponent "c.m.example" "%s"\n\t%s\n'

# Nothing is wrong with the module: there is no network and no certificate here.
HARMLESS = re.compile(r"certmanager|on ::1")


@pytest.fixture(scope="module")
def inside(prosody: Image) -> Iterator[Running]:
    """Start a container to start servers in."""
    with prosody.started(["sh", "-c", "sleep 3600"], network_mode="none", user="5222") as running:
        yield running


@pytest.fixture(scope="module")
def index(inside: Running) -> dict[str, list[str]]:
    """Read which other modules each one needs."""
    text = inside.run("cat", "/usr/lib/prosody/community/index.lua").out
    return {
        name: re.findall(r'"(\w+)"', needed)
        for name, needed in re.findall(r"^\t(\w+) = \{(.*)\};$", text, re.MULTILINE)
    }


def _load(inside: Running, module: str, needed: list[str], form: str) -> str:
    paths = "; ".join(f'"/usr/lib/prosody/community/{name}"' for name in (module, *needed))
    config = END + form % (BEGIN % paths, module, OPTIONS.get(module, ""))
    script = (
        f"rm -rf /tmp/data && mkdir /tmp/data && cat >/tmp/m.cfg.lua <<'END'\n{config}\nEND\n"
        "timeout 30 prosody -F --config /tmp/m.cfg.lua"
    )
    ended = inside.run("sh", "-c", script)
    assert ended.status == 0, ended.text
    started, _, _ = ended.text.partition("Shutting down: loaded")
    assert started != ended.text
    return started


CASES = [
    *((name, HOST) for name in PLAIN),
    *((name, ROOMS) for name in IN_ROOMS),
    *((name, PUBSUB) for name in IN_PUBSUB),
    *((name, COMPONENT) for name in COMPONENTS),
]


@pytest.mark.parametrize(("module", "form"), CASES, ids=[f"{name}-{number}" for number, (name, _) in enumerate(CASES)])
def test_a_module_starts_without_errors(inside: Running, index: dict[str, list[str]], module: str, form: str) -> None:
    log = _load(inside, module, index[module], form)
    wrong = [line for line in log.splitlines() if "error\t" in line and not HARMLESS.search(line)]
    assert wrong == []


def test_without_its_own_path_a_module_does_not_exist(inside: Running) -> None:
    log = _load(inside, "sasl2_bind2", [], HOST)
    assert re.search(r"error\t.*sasl2", log)


def test_a_community_module_does_not_hide_the_one_of_core(inside: Running) -> None:
    assert "conflicting features" not in _load(inside, "flags", [], HOST)
