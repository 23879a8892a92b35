"""The server as files: word for word for the golden cases, and what a change costs."""

from collections.abc import Sequence

import pytest
from tests.golden_cases import CASES, FOLDER, expected_files
from tests.servers import config_text, server, templates

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.rendering.render import image_tag, prosody_config, render
from xmpp_wizard.core.storage.backends.mariadb import MARIADB
from xmpp_wizard.core.storage.backends.postgresql import POSTGRESQL
from xmpp_wizard.core.storage.database import Database
from xmpp_wizard.core.target import Container, File, Folder, KeptSecret, Target, from_json, to_json

IMAGES = {name: f"{name}:1" for name in ("prosody", "turn", "postgres", "mariadb")}


def target(text: str = "", layout: Layout | None = None) -> Target:
    return render(server(text), templates(), IMAGES, layout or Layout())


def prosody(text: str = "") -> Container:
    return target(text).containers[0]


@pytest.mark.parametrize("case", CASES)
def test_answers_lead_to_exactly_these_files(case: str) -> None:
    for name, text in expected_files(case).items():
        assert text == (FOLDER / case / name).read_text(), f"{case}/{name}: see tests/golden_cases.py"


def test_only_the_log_level_can_be_changed_without_a_restart() -> None:
    before, after = prosody(), prosody('security.log_level = "debug"')
    assert before.restart_hash == after.restart_hash
    assert before.reload_hash != after.reload_hash
    assert before.config_hash == after.config_hash


@pytest.mark.parametrize(
    "text",
    ["features.web.enabled = false", "features.multi_device.history_days = 9", 'title = "New"', 'admins = ["bob"]'],
)
def test_other_options_need_a_restart_but_the_same_container(text: str) -> None:
    before, after = prosody(), prosody(text)
    assert before.restart_hash != after.restart_hash
    assert before.config_hash == after.config_hash


def test_a_port_that_the_container_is_told_of_needs_a_new_one() -> None:
    assert prosody().config_hash != prosody("network.client_port = 15222").config_hash


def test_answers_with_the_same_meaning_change_nothing() -> None:
    assert target() == target('features.preset = "family"\n[features.file_sharing]\nmax_file_mb = 100')


def test_no_secret_is_in_any_file() -> None:
    found = target()
    assert {secret.path for secret in found.secrets} == {
        "/etc/xmpp-wizard/secrets/prosody/file_share",
        "/etc/xmpp-wizard/secrets/prosody/turn",
        "/etc/xmpp-wizard/secrets/turn/turn",
    }
    assert 'FileLine("/secrets/file_share")' in found.files[0].text


def test_a_container_may_read_its_own_folders_and_no_others_may() -> None:
    folders = {folder.path: (folder.mode, folder.owner) for folder in target().folders}
    assert folders["/etc/xmpp-wizard/secrets"] == (0o700, (0, 0))
    assert folders["/etc/xmpp-wizard/secrets/prosody"] == (0o750, (0, 5222))
    assert folders["/var/lib/xmpp-wizard/data/prosody"] == (0o750, (5222, 5222))
    assert folders["/etc/xmpp-wizard/prosody/conf.d"] == (0o750, (0, 5222))
    assert folders["/etc/xmpp-wizard/secrets/turn"] == (0o750, (0, 3478))
    assert folders["/var/lib/xmpp-wizard"] == (0o700, (0, 0))


def test_what_is_served_by_several_containers_belongs_to_a_group_that_all_of_them_are_in() -> None:
    folders = [folder for folder in target().folders if folder.path.startswith("/var/lib/xmpp-wizard/certificates")]
    assert [(folder.mode, folder.owner) for folder in folders] == [(0o750, (0, 5222))] * 2
    assert sum(container.uses_certificates for container in target().containers) == 2


@pytest.mark.parametrize("database", [POSTGRESQL, MARIADB], ids=lambda database: database.name)
def test_only_prosody_comes_into_the_folder_where_its_database_listens(database: Database) -> None:
    name = database.name
    found = target(f'storage.backend = "{name}"')
    sockets = "/var/lib/xmpp-wizard/sockets"
    assert Folder(sockets, 0o700, (0, 0)) in found.folders
    assert [item for item in found.folders if item.path.startswith(f"{sockets}/")] == [
        Folder(f"{sockets}/{name}", 0o750, (database.user_id, 5222))
    ]
    writes = {
        item.spec.name: bind.is_writable
        for item in found.containers
        for bind in item.binds
        if bind.source == f"{sockets}/{name}"
    }
    assert writes == {name: True, "prosody": False}
    assert [item.spec.name for item in found.containers if not item.spec.has_network] == [name]


def test_parents_come_before_what_lies_in_them() -> None:
    paths = [folder.path for folder in target().folders]
    assert all(
        parent not in paths[at:] for at, path in enumerate(paths) for parent in paths if path.startswith(parent + "/")
    )


def test_everything_of_an_instance_lies_below_its_own_folders() -> None:
    found = target(layout=Layout(instance="second"))
    kinds: tuple[Sequence[Folder | File | KeptSecret], ...] = (found.folders, found.files, found.secrets)
    assert all("xmpp-wizard-second" in item.path for items in kinds for item in items)
    assert found.containers[0].project == "xmpp-wizard-second"


def test_listening_on_chosen_addresses_opens_each_port_on_each_of_them() -> None:
    found = target('network.listen = ["192.0.2.7", "127.0.0.5"]')
    assert {opening.address for opening in found.openings if opening.port == 5222} == {"192.0.2.7", "127.0.0.5"}
    assert {opening.address for opening in found.openings if opening.port == 5280} == {"127.0.0.5"}


def test_a_target_survives_being_kept() -> None:
    found = target('extra_domains = ["bücher.example"]')
    assert from_json(to_json(found)) == found


def test_an_option_can_be_left_out_to_compare_the_rest() -> None:
    wanted = server()
    assert "\nlog = " in config_text(wanted)
    assert "\nlog = " not in prosody_config(wanted, templates(), without=frozenset({"log"}))


def test_another_build_context_is_another_image() -> None:
    tag = image_tag("prosody", {"Dockerfile": b"FROM x", "a": b"1"})
    assert tag.startswith("xmpp-wizard/prosody:")
    assert tag == image_tag("prosody", {"a": b"1", "Dockerfile": b"FROM x"})
    assert tag != image_tag("prosody", {"Dockerfile": b"FROM x", "a": b"2"})
    assert tag != image_tag("prosody", {"Dockerfile": b"FROM xa", "": b"1"})
