"""The directory of people: off unless asked for, and without a way in from outside."""

import re

import pytest
from tests.servers import config, host, server

from xmpp_wizard.core.features.directory import proof_name

ON = "features.directory.enabled = true\n"


@pytest.mark.parametrize("preset", ["minimal", "family", "company", "public"])
def test_there_is_none_unless_the_admin_wants_it(preset: str) -> None:
    assert "directory" not in config(f'features.preset = "{preset}"').options["modules_enabled"]


def test_each_domain_has_its_own_that_other_servers_do_not_reach() -> None:
    text = f'extra_domains = ["other.example"]\n{ON}features.directory.host = "people.straße.example"'
    found = config(text)
    services = {name: options for _, name, module, options in found.hosts if module == "directory_search"}
    assert services.keys() == {"people.straße.example", "search.other.example"}
    for options in services.values():
        assert options["modules_disabled"] == ["s2s"]
        assert (options["directory_search_most"], options["directory_search_each_minute"]) == (20, 10)
    # without it the service would take the one above it for its domain
    assert host(found, "people.straße.example")["parent_host"] == "fam.example"
    assert not [record for record in server(text).records if record.name.startswith(("people.", "search."))]


@pytest.mark.parametrize("device", ["kqT_2-xW_bc", "abcdefgh_jk", "-_-_a", "gajim.4PZ"])
def test_the_name_that_the_proof_looks_for_is_one_word_whatever_the_server_calls_the_device(device: str) -> None:
    assert re.fullmatch(r"Proof[a-zA-Z0-9]+", proof_name(f"xw-proof-1@fam.example/{device}"))
