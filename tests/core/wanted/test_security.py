"""The levels in exact options, and that each is at least as strict as the one below it."""

from typing import Any

import pytest
from tests.servers import config

from xmpp_wizard.core.wanted.security import LEVELS

ORDER = ("compatible", "recommended", "strict")
OPTIONS: dict[str, dict[str, Any]] = {
    "compatible": {
        "tls_profile": "intermediate",
        "s2s_secure_auth": False,
        "disable_sasl_mechanisms": ["DIGEST-MD5", "OAUTHBEARER"],
        "password_hash": "SHA-1",
        "default_iteration_count": 10000,
        "password_policy": {"length": 8},
        "limits": {"c2s": {"rate": "50kb/s", "burst": "4s"}, "s2sin": {"rate": "100kb/s", "burst": "4s"}},
        "registration_throttle_max": 10,
        "registration_throttle_period": "1 hour",
        "archive_expires_after": "1y",
        "muc_log_expires_after": "1y",
    },
    "recommended": {
        "tls_profile": "intermediate",
        "s2s_secure_auth": True,
        "disable_sasl_mechanisms": ["DIGEST-MD5", "OAUTHBEARER", "PLAIN"],
        "password_hash": "SHA-256",
        "default_iteration_count": 10000,
        "password_policy": {"length": 10},
        "limits": {"c2s": {"rate": "30kb/s", "burst": "2s"}, "s2sin": {"rate": "60kb/s", "burst": "2s"}},
        "registration_throttle_max": 5,
        "registration_throttle_period": "1 hour",
        "archive_expires_after": "30d",
        "muc_log_expires_after": "30d",
    },
    "strict": {
        "tls_profile": "modern",
        "s2s_secure_auth": True,
        "disable_sasl_mechanisms": ["DIGEST-MD5", "OAUTHBEARER", "PLAIN", "LOGIN", "ANONYMOUS"],
        "password_hash": "SHA-256",
        "default_iteration_count": 100000,
        "password_policy": {"length": 14},
        "limits": {"c2s": {"rate": "10kb/s", "burst": "2s"}, "s2sin": {"rate": "30kb/s", "burst": "2s"}},
        "registration_throttle_max": 2,
        "registration_throttle_period": "1 day",
        "archive_expires_after": "7d",
        "muc_log_expires_after": "7d",
        "hide_os_type": True,
        "allow_contact_invites": False,
        "c2s_timeout": "60s",
        "c2s_unauthed_stanza_size_limit": 10000,
        "s2s_unauthed_stanza_size_limit": 10000,
    },
}


@pytest.mark.parametrize("level", ORDER)
def test_a_level_is_exactly_these_options(level: str) -> None:
    options = config(f'security.level = "{level}"').options
    assert {name: options[name] for name in OPTIONS[level]} == OPTIONS[level]
    assert set(LEVELS[level].settings) <= {*OPTIONS[level], "c2s_require_encryption", "s2s_require_encryption"}


@pytest.mark.parametrize("level", ORDER)
def test_nothing_is_ever_sent_without_encryption(level: str) -> None:
    options = config(f'security.level = "{level}"').options
    assert options["c2s_require_encryption"] is True
    assert options["s2s_require_encryption"] is True


@pytest.mark.parametrize(("weaker", "stronger"), [("compatible", "recommended"), ("recommended", "strict")])
def test_a_higher_level_refuses_whatever_a_lower_one_refuses(weaker: str, stronger: str) -> None:
    low, high = OPTIONS[weaker], OPTIONS[stronger]
    assert set(low["disable_sasl_mechanisms"]) < set(high["disable_sasl_mechanisms"])
    assert low["s2s_secure_auth"] <= high["s2s_secure_auth"]
    assert low["password_policy"]["length"] < high["password_policy"]["length"]


def test_the_level_decides_what_is_logged_until_an_answer_does() -> None:
    def lowest(text: str) -> object:
        log = config(text).options["log"]
        return log[0]["levels"]["min"]

    assert lowest("") == "info"
    assert lowest('security.level = "strict"') == "warn"
    assert lowest('security.level = "strict"\nsecurity.log_level = "debug"') == "debug"


@pytest.mark.parametrize("level", ORDER)
def test_a_level_says_whom_it_shuts_out(level: str) -> None:
    assert LEVELS[level].name == level
    assert str(LEVELS[level].title)
    assert str(LEVELS[level].shuts_out).endswith(".")
