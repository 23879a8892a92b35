"""Every environment variable configures what its documentation says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.image.running import Image

pytestmark = pytest.mark.e2e

HOST = {"PROSODY_VIRTUAL_HOSTS": "a.example"}
MIB = 1024 * 1024
DAY = 86400
SQL = {"PROSODY_SQL_DRIVER": "PostgreSQL"}
TURN = {"PROSODY_TURN_SECRET": "s3cret"}

# variables, host ("*": the whole server), option, value
OPTIONS: list[tuple[dict[str, str], str, str, Any]] = [
    ({}, "*", "network_default_read_size", 65536),
    ({"PROSODY_ADMINS": "a@a.example, b@a.example ,"}, "*", "admins", ["a@a.example", "b@a.example"]),
    ({"PROSODY_DISABLE_MODULES": "private, uptime"}, "*", "modules_disabled", ["private", "uptime"]),
    ({"PROSODY_PLUGIN_PATHS": "/one, /two"}, "*", "plugin_paths", ["/one", "/two"]),
    ({}, "*", "plugin_paths", ["/etc/prosody/modules"]),
    (TURN, "*", "turn_external_secret", "s3cret"),
    (TURN, "*", "turn_external_host", "a.example"),
    (TURN | {"PROSODY_TURN_HOST": "turn.example"}, "*", "turn_external_host", "turn.example"),
    (TURN | {"PROSODY_TURN_PORT": "3479"}, "*", "turn_external_port", 3479),
    ({"PROSODY_RETENTION_DAYS": "30"}, "*", "archive_expires_after", 30 * DAY),
    ({}, "*", "archive_expires_after", 7 * DAY),
    ({"PROSODY_RETENTION_DAYS": "30", "PROSODY_ARCHIVE_EXPIRY_DAYS": "2"}, "*", "archive_expires_after", 2 * DAY),
    (
        {"PROSODY_DNS_RESOLVERS": "192.0.2.1, 192.0.2.2"},
        "*",
        "unbound",
        {"resolvconf": False, "hoststxt": False, "forward": ["192.0.2.1", "192.0.2.2"]},
    ),
    ({}, "*", "unbound", {"resolvconf": True, "hoststxt": False}),
    ({"PROSODY_USE_DANE": "1"}, "*", "use_dane", True),
    (
        {"PROSODY_USE_DANE": "1"},
        "*",
        "unbound",
        {"resolvconf": True, "hoststxt": False, "trustfile": "/usr/share/dns/root.key"},
    ),
    ({"PROSODY_C2S_RATE_LIMIT": "50kb/s"}, "*", "limits", {"c2s": {"rate": "50kb/s"}, "s2sin": {"rate": "30kb/s"}}),
    ({"PROSODY_S2S_RATE_LIMIT": "90kb/s"}, "*", "limits", {"c2s": {"rate": "10kb/s"}, "s2sin": {"rate": "90kb/s"}}),
    ({}, "*", "storage", "internal"),
    ({"PROSODY_STORAGE": "memory"}, "*", "storage", "memory"),
    (SQL, "*", "storage", "sql"),
    ({"PROSODY_SQL_DRIVER": "SQLite3"}, "*", "sql", {"driver": "SQLite3", "database": "prosody.sqlite"}),
    (
        SQL
        | {
            "PROSODY_SQL_DB": "chat",
            "PROSODY_SQL_HOST": "db.example",
            "PROSODY_SQL_PORT": "5433",
            "PROSODY_SQL_USERNAME": "u",
            "PROSODY_SQL_PASSWORD": "p",
        },
        "*",
        "sql",
        {
            "driver": "PostgreSQL",
            "database": "chat",
            "host": "db.example",
            "port": 5433,
            "username": "u",
            "password": "p",
        },
    ),
    ({"PROSODY_SQL_DRIVER": "mariadb"}, "*", "sql", {"driver": "MySQL", "database": "prosody"}),
    ({"PROSODY_LOGLEVEL": "warn"}, "*", "log", {"warn": "*console"}),
    ({}, "*", "log", {"info": "*console"}),
    ({"PROSODY_STATISTICS": "internal"}, "*", "statistics", "internal"),
    ({"PROSODY_STATISTICS": "off"}, "*", "statistics", None),
    ({"PROSODY_STATISTICS_INTERVAL": "30"}, "*", "statistics_interval", 30),
    ({"PROSODY_STATISTICS_INTERVAL": "manual"}, "*", "statistics_interval", "manual"),
    ({"PROSODY_CERTIFICATES": "/mine"}, "*", "certificates", "/mine"),
    ({}, "*", "certificates", "certs"),
    ({"PROSODY_NETWORK_HOSTNAME": "net.example"}, "*", "http_host", "net.example"),
    ({"PROSODY_NETWORK_HOSTNAME": "net.example"}, "*", "proxy65_address", "net.example"),
    ({"PROSODY_NETWORK_HOSTNAME": "net.example"} | TURN, "*", "turn_external_host", "net.example"),
    ({"PROSODY_INTERFACES": "127.0.20.1,127.0.20.2"}, "*", "interfaces", ["127.0.20.1", "127.0.20.2"]),
    ({"PROSODY_COMPONENT_INTERFACES": "*"}, "*", "component_interfaces", ["*"]),
    ({"PROSODY_HTTP_INTERFACES": "*"}, "*", "http_interfaces", ["*"]),
    ({"PROSODY_HTTP_EXTERNAL_URL": "https://x.example/"}, "*", "http_external_url", "https://x.example/"),
    ({"PROSODY_TRUSTED_PROXIES": "192.0.2.0/24"}, "*", "trusted_proxies", ["192.0.2.0/24"]),
    ({"PROSODY_ALLOW_REGISTRATION": "yes"}, "*", "allow_registration", True),
    ({}, "*", "allow_registration", False),
    (
        {"PROSODY_COMPONENTS": "rooms.a.example:muc", "PROSODY_MUC_MODULES": "muc_mam, muc_limits"},
        "rooms.a.example",
        "modules_enabled",
        ["muc_mam", "muc_limits"],
    ),
    (
        {"PROSODY_COMPONENTS": "r.example:muc,share.example:http_file_share"},
        "share.example",
        "component_module",
        "http_file_share",
    ),
    ({"PROSODY_COMPONENTS": "share.example:http_file_share"}, "share.example", "http_paths", {"file_share": "/share"}),
    (
        {"PROSODY_COMPONENTS": "share.example:http_file_share", "PROSODY_UPLOAD_LIMIT_MB": "50"},
        "share.example",
        "http_file_share_size_limit",
        50 * MIB + 16,
    ),
    (
        {"PROSODY_COMPONENTS": "share.example:http_file_share", "PROSODY_UPLOAD_STORAGE_GB": "2.5"},
        "share.example",
        "http_file_share_global_quota",
        2560 * MIB,
    ),
    (
        {"PROSODY_EXTERNAL_COMPONENTS": "gw.example:one,gw2.example", "PROSODY_COMPONENT_SECRET": "common"},
        "gw.example",
        "component_secret",
        "one",
    ),
    (
        {"PROSODY_EXTERNAL_COMPONENTS": "gw.example:one,gw2.example", "PROSODY_COMPONENT_SECRET": "common"},
        "gw2.example",
        "component_secret",
        "common",
    ),
]


@pytest.mark.parametrize(("variables", "host", "option", "value"), OPTIONS)
def test_a_variable_sets_its_option(
    prosody: Image, variables: dict[str, str], host: str, option: str, value: object
) -> None:
    configuration = prosody.configuration(HOST | variables)
    assert configuration.hosts[host].get(option) == value


@pytest.mark.parametrize(
    ("variables", "module"),
    [
        ({"PROSODY_ENABLE_MODULES": "announce, motd"}, "motd"),
        ({"PROSODY_RETENTION_DAYS": "3"}, "mam"),
        ({"PROSODY_ARCHIVE_EXPIRY_DAYS": "3"}, "mam"),
        ({"PROSODY_TURN_SECRET": "x"}, "turn_external"),
    ],
)
def test_a_variable_switches_a_module_on(prosody: Image, variables: dict[str, str], module: str) -> None:
    assert module not in prosody.configuration(HOST)["modules_enabled"]
    assert module in prosody.configuration(HOST | variables)["modules_enabled"]


def test_turns_is_offered_with_credentials(prosody: Image) -> None:
    configuration = prosody.configuration(HOST | TURN | {"PROSODY_TURN_TLS_PORT": "5349"})
    assert configuration["external_services"] == [
        {"type": "turns", "transport": "tcp", "host": "a.example", "port": 5349,
         "secret": "s3cret", "ttl": 86400, "algorithm": "turn"}
    ]  # fmt: skip
    assert configuration["turn_external_tls_port"] is None


@pytest.mark.parametrize(
    ("variables", "hosts"),
    [
        ({"PROSODY_VIRTUAL_HOSTS": "a.example, b.example"}, {"a.example", "b.example"}),
        ({"DOMAIN": "c.example"}, {"c.example"}),
        ({}, {"box.lan"}),
    ],
)
def test_virtual_hosts_are_named_or_the_containers_own_name(
    prosody: Image, variables: dict[str, str], hosts: set[str]
) -> None:
    assert set(prosody.configuration(variables, hostname="box.lan").hosts) == {"*"} | hosts


def test_a_community_module_gets_its_path_and_those_of_what_it_needs(prosody: Image) -> None:
    configuration = prosody.configuration(HOST | {"PROSODY_ENABLE_MODULES": "invites_register_web"})
    names = ("invites_page", "invites_register_web", "password_policy", "register_apps")
    assert configuration["plugin_paths"] == [
        "/etc/prosody/modules", *(f"/usr/lib/prosody/community/{name}" for name in names)
    ]  # fmt: skip


def test_community_modules_of_components_get_their_paths(prosody: Image) -> None:
    configuration = prosody.configuration(
        HOST | {"PROSODY_COMPONENTS": "rooms.example:muc,search.example:vjud", "PROSODY_MUC_MODULES": "muc_limits"}
    )
    assert configuration["plugin_paths"][1:] == [
        "/usr/lib/prosody/community/muc_limits", "/usr/lib/prosody/community/vjud"
    ]  # fmt: skip


def test_extra_configuration_is_included_last(prosody: Image, tmp_path: Path) -> None:
    (tmp_path / "b.cfg.lua").write_text('admins = { "late@a.example" }\nmodules_enabled { "motd", "vjud" }\n')
    (tmp_path / "a.cfg.lua").write_text('admins = { "early@a.example" }\n')
    (tmp_path / "ignored.lua").write_text("syntax error")
    folder = {str(tmp_path): {"bind": "/etc/prosody/conf.d", "mode": "ro"}}
    configuration = prosody.configuration(HOST, volumes=folder)
    assert configuration["admins"] == ["late@a.example"]
    assert "motd" in configuration["modules_enabled"]
    assert "/usr/lib/prosody/community/vjud" in configuration["plugin_paths"]
    elsewhere = {str(tmp_path): {"bind": "/mine", "mode": "ro"}}
    configuration = prosody.configuration(HOST | {"PROSODY_EXTRA_CONFIG": "/mine/a*.cfg.lua"}, volumes=elsewhere)
    assert configuration["admins"] == ["early@a.example"]


@pytest.mark.parametrize(
    ("old", "value", "option", "expected"),
    [
        ("ENABLE_MODULES", "motd", "modules_enabled", "motd"),
        ("DISABLE_MODULES", "uptime", "modules_disabled", "uptime"),
        ("S2S_SECURE_AUTH", "0", "s2s_secure_auth", "False"),
        ("C2S_RATE_LIMIT", "77kb/s", "limits", "77kb/s"),
        ("S2S_RATE_LIMIT", "78kb/s", "limits", "78kb/s"),
    ],
)
def test_old_names_count_with_a_warning(prosody: Image, old: str, value: str, option: str, expected: str) -> None:
    configuration = prosody.configuration(HOST | {old: value})
    assert expected in str(configuration[option])
    assert f"{old} is the old name of PROSODY_{old}" in configuration.warnings


def test_the_old_name_of_the_upload_quota_counts(prosody: Image) -> None:
    configuration = prosody.configuration(
        HOST | {"PROSODY_COMPONENTS": "s.example:http_file_share", "UPLOAD_STORAGE_GB": "1"}
    )
    assert configuration.hosts["s.example"]["http_file_share_global_quota"] == 1024 * MIB


EVIL = ['a"; Lua.os.exit(3) --', "a]]; Lua.os.exit(3) --[[", 'a\\"\n Lua.os.exit(3)', "${HOME}$(id)`id`", "'%q%s"]


@pytest.mark.parametrize("evil", EVIL)
def test_no_value_breaks_out_of_its_string(prosody: Image, evil: str) -> None:
    names = ["PROSODY_SQL_PASSWORD", "PROSODY_TURN_SECRET", "PROSODY_HTTP_EXTERNAL_URL", "PROSODY_STATISTICS"]
    configuration = prosody.configuration(HOST | SQL | dict.fromkeys(names, evil))
    assert configuration["sql"]["password"] == evil
    assert configuration["turn_external_secret"] == evil
    assert configuration["http_external_url"] == evil
    assert configuration["statistics"] == evil


def test_a_mistyped_name_is_told_with_the_right_one(prosody: Image) -> None:
    warnings = prosody.configuration(HOST | {"PROSODY_RETENTOIN_DAYS": "3"}).warnings
    assert "PROSODY_RETENTOIN_DAYS is no variable of this image: did you mean PROSODY_RETENTION_DAYS?" in warnings


def test_right_variables_are_not_warned_about(prosody: Image) -> None:
    variables = (
        HOST | TURN | {"PROSODY_ADMINS": "a@a.example", "PROSODY_SQL_PASSWORD": "x", "PROSODY_CERTIFICATES": "/x"}
    )
    warnings = prosody.configuration(variables).warnings
    assert warnings.splitlines() == ["configuration: no certificates in /x: without TLS nobody can log in"]


def test_half_an_account_is_told(prosody: Image) -> None:
    assert "LOCAL=alice without DOMAIN and PASSWORD" in prosody.configuration(HOST | {"LOCAL": "alice"}).warnings


def test_all_mistakes_are_told_at_once(prosody: Image) -> None:
    wrong = {
        "PROSODY_S2S_SECURE_AUTH": "maybe",
        "PROSODY_RETENTION_DAYS": "week",
        "PROSODY_LOGLEVEL": "loud",
        "PROSODY_SQL_PORT": "1.5",
        "PROSODY_COMPONENTS": "rooms.example",
        "PROSODY_EXTERNAL_COMPONENTS": "gw.example",
    }
    ended = prosody.run(environment=HOST | wrong)
    assert ended.status == 1
    for name in wrong:
        assert re.search(rf"^  {name}: ", ended.text, re.MULTILINE), name


def test_every_variable_is_documented_and_nothing_else_is() -> None:
    root = Path(__file__).parents[3]
    folder = root / "appliance/images/prosody/rootfs"
    code = (folder / "etc/prosody/prosody.cfg.lua").read_text() + (
        folder / "usr/local/bin/prosody-entrypoint"
    ).read_text()
    used = set(re.findall(r"PROSODY_[A-Z0-9_]+[A-Z0-9]", code)) - {"PROSODY_UPLOAD"}
    documented = set(re.findall(r"`(PROSODY_[A-Z0-9_]+)`", (root / "docs/image.md").read_text()))
    assert {name.removesuffix("_FILE") for name in documented} == used
