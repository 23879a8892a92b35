"""What each feature's answers change in the configuration, and which of them are refused, and how."""

import re
from typing import Any

import pytest
from pydantic import ValidationError
from tests.servers import answers, config, host, server

from xmpp_wizard.core.features.contact_addresses import parse_uri
from xmpp_wizard.core.lua import FileLine

DOMAIN = "fam.example"
GROUPS = f"groups.{DOMAIN}"
SHARE = f"share.{DOMAIN}"
MIB = 1024 * 1024
BLOCKED = ["spam.example", "mallory@straße.example"]
SCRIPTS = ["/etc/prosody/rules-1.pfw", "/etc/prosody/rules-2.pfw"]
CAPTCHA = """features.sign_up.enabled = true
features.sign_up.captcha_site_key = "key"
features.sign_up.captcha_secret_file = "/root/secret"
"""
CAPTCHA_OPTIONS = {
    "site_key": "key",
    "secret": FileLine("/secrets/captcha.secret"),
    "service": "https://api.hcaptcha.com",
}


def modules(text: str = "") -> set[str]:
    enabled = config(text).options["modules_enabled"]
    assert isinstance(enabled, list)
    return {str(name) for name in enabled}


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", {"registration_delete_grace_period": "7d", "user_tombstone_expiry": "60d", "allow_registration": False}),
        ("features.accounts.undo_deletion_days = 0", {"registration_delete_grace_period": None}),
        ("features.accounts.reserve_names_days = 365", {"user_tombstone_expiry": "365d"}),
        ("", {"archive_expires_after": "30d", "default_archive_policy": True}),
        ("features.multi_device.history_days = 400", {"archive_expires_after": "400d"}),
        ("features.multi_device.history_days = 0", {"default_archive_policy": None}),
        ("features.mobile.max_devices = 3", {"push_max_devices": 3}),
        ("", {"push_notification_with_body": False, "push_notification_with_sender": False}),
        ("features.mobile.enabled = false", {"push_max_devices": None, "push_notification_with_body": None}),
        ("", {"allow_user_invites": False, "registration_invite_only": None, "invite_expiry": "7d"}),
        ("features.invitations.may_members_invite = true", {"allow_user_invites": True}),
        ("features.invitations.expires_days = 1", {"invite_expiry": "1d"}),
        ("features.invitations.enabled = false", {"allow_user_invites": None, "allow_registration": False}),
        ("", {"s2s_ports": [5269], "federation_allow": None, "s2s_insecure_domains": None, "s2s_ssl": None}),
        ('features.federation.mode = "off"', {"s2s_ports": [], "s2s_direct_tls_ports": []}),
        ('features.federation.insecure_servers = ["Old.Example"]', {"s2s_insecure_domains": ["old.example"]}),
        (
            'features.federation.mode = "list"\nfeatures.federation.allow = ["Friend.Example"]',
            {"federation_allow": ["friend.example"]},
        ),
        (
            'features.federation.trusted_roots = "/root/r.pem"',
            {
                "s2s_ssl": {"cafile": "/etc/prosody/trusted-roots.pem"},
                "s2s_direct_tls_ssl": {"cafile": "/etc/prosody/trusted-roots.pem"},
                "ssl": None,
            },
        ),
        (
            "features.rate_limits.client_kb_per_second = 7\nfeatures.rate_limits.burst_seconds = 9",
            {"limits": {"c2s": {"rate": "7kb/s", "burst": "9s"}, "s2sin": {"rate": "60kb/s", "burst": "2s"}}},
        ),
        (
            "",
            {
                "http_paths": {
                    k: f"/{v}"
                    for k, v in (
                        ("bosh", "http-bind"),
                        ("websocket", "xmpp-websocket"),
                    )
                }
            },
        ),
        ("features.login_guard.attempts = 3", {"login_guard_attempts": 3, "login_guard_period": "5 minutes"}),
        ('features.block_list.blocked = ["Spam.Example", "mallory@straße.example"]', {"block_list": BLOCKED}),
        ('features.firewall_scripts.files = ["/a.pfw", "/b/a.pfw"]', {"firewall_scripts": SCRIPTS}),
        ('features.pages.logo_file = "/root/us.JPEG"', {"join_pages_logo": "/etc/prosody/logo.jpg"}),
        ("", {"spam_lists": None, "report_forward_to_origin": True, "join_pages_color": None, "block_list": None}),
        (
            'features.preset = "public"',
            {"spam_lists": ["xmppbl.org"], "sign_up_in_apps": False, "quarantine": "listed"},
        ),
        ('features.preset = "public"\nfeatures.sign_up.quarantine = "nobody"', {"quarantine": None}),
        ("features.sign_up.enabled = true", {"join_pages_form": True, "registration_invite_only": False}),
        (CAPTCHA, {"join_pages_captcha": CAPTCHA_OPTIONS}),
        ("network.https_port = 8443", {"ssl_ports": [8443], "https_ports": []}),
        ("", {"contact_info": None}),
        (
            'features.contact_addresses.status = ["https://status.example/"]',
            {"contact_info": {"status": ["https://status.example/"]}},
        ),
    ],
)
def test_an_answer_is_an_option(text: str, options: dict[str, Any]) -> None:
    found = config(text).options
    assert {name: found.get(name) for name in options} == options


@pytest.mark.parametrize(
    ("text", "there", "gone"),
    [
        ("", {"mam", "carbons", "smacks", "sasl2", "sasl2_sm", "sasl_ssdp", "bookmarks", "offline"}, set()),
        ("features.multi_device.history_days = 0", {"carbons", "offline"}, {"mam"}),
        ("features.mobile.enabled = false", set(), {"csi_simple", "cloud_notify", "cloud_notify_filters"}),
        ("features.web.enabled = false", {"net_multiplex"}, {"bosh", "websocket", "http_altconnect"}),
        ("features.port_443.enabled = false", {"bosh"}, {"net_multiplex"}),
        ("features.invitations.enabled = false", {"password_policy"}, {"invites", "join_pages", "register_apps"}),
        ("features.server_info.show_version = false", {"ping", "time"}, {"version", "uptime"}),
        ("", {"dialback", "s2s_bidi"}, {"federation_allow", "server_contact_info"}),
        ('features.federation.mode = "off"', set(), {"dialback", "s2s_bidi", "s2s"}),
        ('admins = ["alice"]', {"server_contact_info"}, set()),
        ("features.spam_reports.tell_the_senders_server = false", {"spam_notices"}, {"report_forward"}),
        ("features.sign_up.enabled = true", {"sign_up", "quarantine", "join_pages"}, {"invites_page"}),
        ('features.sign_up.enabled = true\nfeatures.sign_up.quarantine = "nobody"', {"sign_up"}, {"quarantine"}),
        ("features.strangers.enabled = true", {"strangers"}, {"firewall", "block_list", "sign_up"}),
        ("", {"admin_shell", "tombstones", "roster", "pep", "blocklist", "disco", "limits"}, {"register", "flags"}),
    ],
)
def test_an_answer_loads_modules(text: str, there: set[str], gone: set[str]) -> None:
    loaded = modules(text)
    assert there <= loaded
    assert not gone & loaded


def test_without_federation_no_host_speaks_with_servers() -> None:
    found = config('features.federation.mode = "off"')
    assert set(found.options["modules_disabled"]) == {"dialback", "muc_rtbl", "s2s", "s2s_bidi"}
    for name in (GROUPS, SHARE):
        assert "s2s" in host(found, name)["modules_disabled"]


def test_only_chosen_servers_reach_rooms_too() -> None:
    found = config('features.federation.mode = "list"\nfeatures.federation.allow = ["friend.example"]')
    assert "federation_allow" in host(found, GROUPS)["modules_enabled"]
    assert "/usr/lib/prosody/community/federation_allow" in found.options["plugin_paths"]


def test_uploads_are_limited_in_bytes_with_room_for_the_tag_of_encrypted_files() -> None:
    text = "[features.file_sharing]\nmax_file_mb = 5\ndaily_mb = 50\ntotal_mb = 500\nkeep_days = 3"
    share = host(config(text), SHARE)
    assert share["http_file_share_size_limit"] == 5 * MIB + 16
    assert share["http_file_share_daily_quota"] == 50 * MIB + 16
    assert share["http_file_share_global_quota"] == 500 * MIB + 16
    assert share["http_file_share_expires_after"] == "3d"
    assert share["http_file_share_secret"] == FileLine("/secrets/file_share")
    assert share["modules_disabled"] == ["s2s"]
    assert "file_share" in [secret.name for secret in server(text).secrets]


def test_rooms_keep_their_own_history() -> None:
    def rooms(text: str) -> tuple[bool, object]:
        options = host(config(text), GROUPS)
        return "muc_mam" in options["modules_enabled"], options.get("muc_log_expires_after")

    assert rooms("") == (True, None)
    assert rooms("features.group_chat.history_days = 90") == (True, "90d")
    assert rooms("features.group_chat.history_days = 0") == (False, None)


def test_the_invitation_page_lists_the_chosen_apps_in_their_order() -> None:
    found = config('features.invitations.apps = ["gajim", "monal"]')
    assert [app["name"] for app in host(found, DOMAIN)["site_apps"]] == ["Gajim", "Monal"]


def test_no_picture_or_script_of_an_app_comes_from_a_third_party() -> None:
    for app in host(config(), DOMAIN)["site_apps"]:
        assert app["image"].startswith("assets/logos/")
        assert "download" not in app, "buttons of app stores are pictures of theirs"
        assert app["text"] != app["text_de"]


def test_the_servers_name_is_on_its_pages_and_in_its_lists() -> None:
    named = host(config('title = "The Family"'), DOMAIN)
    assert (named["site_name"], named["name"]) == ("The Family", "The Family")
    assert host(config(), DOMAIN)["site_name"] == DOMAIN


def test_contacts_are_the_admins_until_others_are_named() -> None:
    text = 'admins = ["100%", "bob@bücher.example"]\nfeatures.contact_addresses.abuse = ["mailto:abuse@example.org"]'
    admins = ["xmpp:100%25@fam.example", "xmpp:bob@xn--bcher-kva.example"]
    assert config(text).options["contact_info"] == {
        "abuse": ["mailto:abuse@example.org"],
        "admin": admins,
        "security": admins,
        "support": admins,
    }


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        (
            "[file_sharing]\nmax_file_mb = 100\ndaily_mb = 50",
            "file_sharing.daily_mb",
            "less than max_file_mb, which is 100",
        ),
        ("[file_sharing]\ntotal_mb = 99", "file_sharing.total_mb", "less than max_file_mb"),
        (
            "[file_sharing]\ntotal_mb = 500",
            "file_sharing.total_mb",
            "one person may send in a day (daily_mb), which is 1024",
        ),
        ("[file_sharing]\nmax_file_mb = 0", "file_sharing.max_file_mb", "greater than or equal to 1"),
        ('[federation]\nmode = "list"', "federation.allow", "needs at least one server in allow"),
        ('[federation]\nallow = ["a.example"]', "federation.allow", 'only used with mode = "list"'),
        ('[federation]\nmode = "closed"', "federation.mode", "'open', 'list' or 'off'"),
        (
            '[federation]\ninsecure_servers = ["https://a.example/"]',
            "federation.insecure_servers.0",
            "has a scheme in it",
        ),
        ('[federation]\ntrusted_roots = "roots.pem"', "federation.trusted_roots", "whole path"),
        ("[multi_device]\nhistory_days = -1", "multi_device.history_days", "greater than or equal to 0"),
        ('[group_chat]\nhost = "groups"', "group_chat.host", "single word"),
        ("[invitations]\napps = []", "invitations.apps", "at least 1"),
        ('[contact_addresses]\nabuse = ["abuse@example.org"]', "contact_addresses.abuse.0", "must be like mailto:"),
        ("[contacts]\nenabled = false", "contacts.enabled", "Extra inputs"),
    ],
)
def test_a_wrong_answer_is_refused_where_it_stands(text: str, key: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        answers(re.sub(r"^\[", "[features.", text))
    problems = {".".join(map(str, problem["loc"])): problem["msg"] for problem in caught.value.errors()}
    assert list(problems) == [f"features.{key}"]
    assert message in problems[f"features.{key}"]


@pytest.mark.parametrize("text", ["mailto:a@b.example", "xmpp:a%20b@c.example?message", "https://example.org/contact"])
def test_these_are_contact_addresses(text: str) -> None:
    assert parse_uri(text) == text


@pytest.mark.parametrize(
    "text", ["", "mailto:", "https://", "ftp://x", "mailto:a b@c.example", "xmpp:ü@c.example", "a@b.c"]
)
def test_these_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be like|outside ASCII"):
        parse_uri(text)


def test_a_captcha_needs_both_its_keys() -> None:
    with pytest.raises(ValidationError, match="needs captcha_secret_file"):
        answers('features.sign_up.captcha_site_key = "key"')


@pytest.mark.parametrize("service", ["http://hcaptcha.com", "https://a b", "ftp://a.example"])
def test_a_captcha_service_is_asked_over_tls_or_on_this_machine(service: str) -> None:
    with pytest.raises(ValidationError, match="https://"):
        answers(f'features.sign_up.captcha_service = "{service}"')


def test_a_captchas_secret_lies_with_the_secrets() -> None:
    (reference,) = server(CAPTCHA).references
    assert (reference.name, reference.is_secret) == ("captcha.secret", True)


def test_strangers_may_register_only_where_apps_may_make_accounts() -> None:
    names = {step.name for step in server('features.preset = "public"').proofs}
    assert {"no_registration", "sign_up_page"} <= names
    names = {step.name for step in server('features.preset = "public"\nfeatures.sign_up.way = "apps"').proofs}
    assert {"sign_up_in_apps", "sign_up_page"} <= names
    assert "no_registration" not in names


def test_blocked_servers_are_blocked_for_rooms_too() -> None:
    found = config('features.block_list.blocked = ["spam.example"]')
    assert "block_list" in host(found, GROUPS)["modules_enabled"]


def test_names_of_the_service_and_its_admins_are_kept() -> None:
    found = host(config('admins = ["zoe"]\nfeatures.sign_up.enabled = true'), DOMAIN)
    assert {"zoe", "admin", "postmaster"} <= set(found["reserved_names"])
