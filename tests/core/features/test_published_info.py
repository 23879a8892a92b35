"""The published server information, and how it shares one service with the news of websites."""

import pytest
from tests.lua_reader import Config
from tests.servers import config, host, server

from xmpp_wizard.core.errors import AnswersError

ON = "features.published_info.enabled = true\n"
NEWS = 'features.feeds.enabled = true\nfeatures.feeds.feeds = ["club=https://club.example/feed.xml"]\n'


def services(found: Config) -> list[str]:
    return [name for kind, name, module, _ in found.hosts if (kind, module) == ("Component", "pubsub")]


@pytest.mark.parametrize("preset", ["minimal", "family", "company", "public"])
def test_nobody_publishes_anything_without_having_been_asked(preset: str) -> None:
    assert "published_info" not in config(f'features.preset = "{preset}"').options["modules_enabled"]


def test_each_domain_publishes_on_a_service_of_its_own() -> None:
    found = config(f'extra_domains = ["other.example"]\n{ON}features.published_info.host = "news.straße.example"')
    assert services(found) == ["news.straße.example", "pubsub.other.example"]
    assert host(found, "fam.example")["published_info_service"] == "news.strasse.example"
    assert host(found, "other.example")["published_info_service"] == "pubsub.other.example"


def test_news_and_information_are_one_service() -> None:
    found = config(ON + NEWS)
    assert services(found) == ["pubsub.fam.example"]
    options = host(found, "pubsub.fam.example")
    assert options["modules_enabled"] == ["pubsub_feeds"]
    assert options["feeds"] == {"club": "https://club.example/feed.xml"}
    records = [record.name for record in server(ON + NEWS).records if record.kind == "A/AAAA"]
    assert records.count("pubsub.fam.example") == 1


def test_under_two_names_they_are_two_services() -> None:
    found = config(f'{ON}{NEWS}features.feeds.host = "news.fam.example"')
    assert services(found) == ["news.fam.example", "pubsub.fam.example"]
    assert "feeds" not in host(found, "pubsub.fam.example")


def test_what_tells_of_other_servers_does_not_go_with_none() -> None:
    with pytest.raises(AnswersError, match=r"features\.published_info tells of other servers") as caught:
        server(f'{ON}features.federation.mode = "off"')
    assert "published_info.enabled = false" in str(caught.value.hint)
    server(f'{ON}features.federation.mode = "list"\nfeatures.federation.allow = ["example.net"]')


def test_services_of_different_kinds_never_share_a_name() -> None:
    with pytest.raises(AnswersError, match="two services are to have the name"):
        server(f'{ON}features.published_info.host = "x.fam.example"\nfeatures.group_chat.host = "x.fam.example"')
