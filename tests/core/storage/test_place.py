"""Single kinds of data lie in plain files beside whatever backend has the rest."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.servers import answers, server

from xmpp_wizard.core.storage.backends import all_backends, title_of
from xmpp_wizard.core.storage.place import STORES, Place, in_the_way, place_called
from xmpp_wizard.core.wanted.desired import desired

IN_FILES = 'storage.in_files = ["room_history", "history"]\n'


@pytest.mark.parametrize("name", sorted(set(all_backends()) - {"internal"}))
def test_prosody_is_told_of_each_kind_by_its_store(name: str) -> None:
    password = 'storage.external.password_file = "/root/pw"\n' if name == "external" else ""
    found = server(f'storage.backend = "{name}"\n{password}{IN_FILES}')
    plain = server(f'storage.backend = "{name}"\n{password}')
    assert found.settings["storage"].value == {"archive": "internal", "muc_log": "internal"}
    assert found.settings["default_storage"].value == "sql" == plain.settings["storage"].value
    assert found.settings["sql"] == plain.settings["sql"]
    assert "default_storage" not in plain.settings
    assert (found.pinned["storage"], plain.pinned["storage"]) == (f"{name}+history+room_history", name)


def test_files_beside_files_are_refused() -> None:
    with pytest.raises(ValidationError, match="all is in plain files already"):
        answers(f'storage.backend = "internal"\n{IN_FILES}')


def test_a_kind_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="history"):
        answers('storage.in_files = ["accounts"]')


def test_a_database_that_has_the_rest_is_no_new_one() -> None:
    text = 'storage.backend = "external"\nstorage.external.password_file = "/root/pw"\n'
    for pinned, word in (("external", "kept"), ("external+history", "kept"), ("sqlite+history", "new")):
        (check,) = (check for check in desired(answers(text), {"storage": pinned}).checks if check.name == "database")
        assert check.arguments[-1] == word


def test_a_place_has_one_name_however_it_is_told() -> None:
    assert str(Place("sqlite", tuple(sorted(STORES, reverse=True)))) == "sqlite+history+room_history+waiting"
    assert place_called("mariadb+waiting") == Place("mariadb", ("waiting",))
    assert str(title_of("sqlite+history")) == "SQLite (in files: history)"
    assert str(title_of("sqlite")) == "SQLite"
    assert str(title_of("unknown")) == "unknown"


@pytest.mark.parametrize(
    ("one", "other", "do"),
    [
        ("sqlite", "postgresql", False),
        ("sqlite", "sqlite+history", True),
        ("sqlite+history", "postgresql+history", True),
        ("sqlite+history", "postgresql+waiting", False),
        ("sqlite+history", "internal", True),
        ("sqlite+history+room_history+waiting", "sqlite", True),
    ],
)
def test_places_overlap_where_some_data_would_lie_at_the_same_spot(one: str, other: str, *, do: bool) -> None:
    assert place_called(one).overlaps(place_called(other)) is do
    assert place_called(other).overlaps(place_called(one)) is do


def test_what_stayed_is_in_the_way_where_it_would_be_mixed() -> None:
    assert in_the_way({"sqlite"}, "postgresql", "mariadb") == ()
    assert in_the_way({"sqlite"}, "sqlite+history", "sqlite") == ()
    assert in_the_way({"sqlite"}, "sqlite+history", "postgresql") == ("sqlite",)
    assert in_the_way({"sqlite+history"}, "postgresql", "internal") == ("sqlite+history",)
