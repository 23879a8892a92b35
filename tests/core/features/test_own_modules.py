"""Modules of the admin's: each is named once, and those from the web are pinned."""

import pytest
from pydantic import ValidationError
from tests.servers import answers, config

from xmpp_wizard.core.answers.file import load
from xmpp_wizard.core.errors import AnswersError

SUM = "0123456789abcdef" * 4
ENTRY = f'{{ name = "hello", url = "https://a.example/mod_hello.lua", sha256 = "{SUM}" }}'


def test_a_module_from_the_web_is_loaded_like_one_of_ones_own() -> None:
    found = config(f"features.own_modules.fetched = [{ENTRY}]").options
    assert "hello" in found["modules_enabled"]
    assert found["own_modules"] == ["hello"]
    assert found["plugin_paths"][-1] == "/etc/prosody"


@pytest.mark.parametrize(
    "others",
    ["", 'files = ["/root/mod_hello.lua"]', 'community = ["hello"]', 'files = ["/a/mod_x.lua", "/b/mod_x.lua"]'],
)
def test_each_name_is_there_once(others: str) -> None:
    twice = f"{ENTRY}, {ENTRY}" if not others else ENTRY
    with pytest.raises(ValidationError, match="is named more than once"):
        answers(f"[features.own_modules]\nfetched = [{twice}]\n{others}")


@pytest.mark.parametrize(
    ("old", "new"),
    [("https://", "http://"), ("https://", "ftp://"), (SUM, SUM[1:]), (SUM, SUM.upper()), ("hello", "../hello")],
)
def test_what_is_not_pinned_over_tls_is_refused(old: str, new: str) -> None:
    with pytest.raises(ValidationError):
        answers(f"features.own_modules.fetched = [{ENTRY.replace(old, new)}]")


@pytest.mark.parametrize(
    "text",
    [
        f"features.own_modules.fetched = [{ENTRY.replace('a.example', 'bob:t0psecret@a.example')}]",
        'notify.webhook_url = "https://bob:t0psecret@hooks.example.org/xmpp"',
        'certificates.acme.directory_url = "https://t0psecret@ca.example.org/directory"',
        'dns.api_url = "http://bob:t0psecret@192.168.1.2/api"',
        'features.feeds.feeds = ["club=http://bob:t0psecret@club.example.org/feed.xml"]',
    ],
)
def test_a_password_in_an_address_is_refused_with_what_to_do_and_is_not_shown(text: str) -> None:
    with pytest.raises(AnswersError, match="password before the @") as caught:
        load(f'version = 1\ndomain = "fam.example"\n{text}'.encode(), "answers.toml", {}, [])
    assert "t0psecret" not in str(caught.value) + str(caught.value.hint)
