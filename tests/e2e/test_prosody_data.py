"""The tool that moves data, alone in its image: data of every shape come through, nothing that differs passes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
import pytest

pytestmark = pytest.mark.e2e

CONFIG = """
storage = "{storage}"
sql = {{ driver = "SQLite3", database = "{database}" }}
password_hash = "SHA-256"
VirtualHost "a.example"
Component "groups.a.example" "muc"
VirtualHost "own.example"
    storage = "internal"
"""
CONFIGS = {"one": ("sql", "one.sqlite"), "files": ("internal", ""), "two": ("sql", "two.sqlite")}
KEEPER = """
data_path = "/var/lib/prosody/keeper"
storage = "{storage}"
sql = {{ driver = "SQLite3", database = "keeper.sqlite" }}
modules_enabled = {{ "mam"; "cron" }}
archive_expires_after = "1w"
muc_log_expires_after = "1w"
VirtualHost "keeper.example"
Component "groups.keeper.example" "muc"
    modules_enabled = {{ "muc_mam" }}
"""
OLD_AND_NEW = """
package.path = "/usr/local/share/prosody/data/?.lua;" .. package.path
local places, st = require "places", require "prosody.util.stanza"
places.start("/etc/prosody/keeper-before.cfg.lua")
assert(places.open("keeper.example", "accounts", "keyval"):set("quiet", { password = "x" }))
for host, store in pairs { ["keeper.example"] = "archive", ["groups.keeper.example"] = "muc_log" } do
    local opened = places.open(host, store, "archive")
    for _, when in ipairs { 1700000000, 1700000000.5, 1700100000, os.time() - 5, os.time() } do
        assert(opened:append("quiet", nil, st.message({ type = "chat" }, "hi"), when, "b@c.example"))
    end
end
"""
COUNT = """
package.path = "/usr/local/share/prosody/data/?.lua;" .. package.path
local places = require "places"
places.start("/etc/prosody/keeper.cfg.lua")
local counts = {}
for _, entry in ipairs(places.list()) do
    if entry.kind == "archive" then counts[#counts + 1] = entry.count end
end
print(table.concat(counts, " "))
"""
LOCK = """
local database = require "lsqlite3".open("/var/lib/prosody/one.sqlite")
assert(database:exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE") == 0)
print("locked"); io.stdout:flush()
os.execute("sleep 4")
"""
CROWDED = """
package.path = "/usr/local/share/prosody/data/?.lua;" .. package.path
local places, st = require "places", require "prosody.util.stanza"
places.start("/etc/prosody/one.cfg.lua")
local opened, now = places.open("groups.a.example", "muc_log", "archive"), os.time()
for room = 1, 30 do
    for number = 1, 100 do
        -- a hair before the next second, where a number that is rounded is another one
        local part = ({ 0, 0.5, 0.99999, 0.9999995 })[number % 4 + 1]
        local message = st.message({ type = "groupchat", from = "r@groups.a.example/ü " .. number }, "<&>\\n" .. number)
        assert(opened:append("room" .. room, nil, message, now + part, "message<groupchat"))
    end
end
"""
CUT_INDEX = """
package.path = "/usr/local/share/prosody/data/?.lua;" .. package.path
local places = require "places"
places.start("/etc/prosody/files.cfg.lua")
assert(places.open("a.example", "archive", "archive"):find("ann")()) -- makes it
local name = "/var/lib/prosody/a%2eexample/archive/ann.lidx"
local file = assert(io.open(name)); local all = file:read("a"); file:close()
file = assert(io.open(name, "w")); file:write(all:sub(1, -1 - string.packsize("T"))); file:close()
"""
SPOIL = """
package.path = "/usr/local/share/prosody/data/?.lua;" .. package.path
local places, st = require "places", require "prosody.util.stanza"
places.start("/etc/prosody/files.cfg.lua")
"""
SPOILT = {
    "another text": 'assert(places.open("a.example", "accounts", "keyval"):set("ann", { salt = "S" }))',
    "a record less": 'assert(places.open("retired.example", "accounts", "keyval"):set("old", nil))',
    "a record more": 'assert(places.open("a.example", "accounts", "keyval"):set("eve", { password = "" }))',
    "a message less": 'assert(places.open("a.example", "archive", "archive"):delete("ann", { key = "id 600" }))',
    "a message at another place": 'local a = places.open("groups.a.example", "muc_log", "archive") '
    'local _, m = a:find("room")() assert(a:append("room", "id 1", m, 1700000001, "bü@c"))',
}


@pytest.fixture(scope="module")
def tool(image: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[int, list[Any]]]:
    """Give a way to run scripts beside configurations of three places; returns status and lines of JSON."""
    folder = tmp_path_factory.mktemp("tool")
    for name in ("etc", "data"):
        (folder / name).mkdir()
        (folder / name).chmod(0o755)
    os.chown(folder / "data", 5222, 5222)
    for name, (storage, database) in CONFIGS.items():
        (folder / f"etc/{name}.cfg.lua").write_text(CONFIG.format(storage=storage, database=database))
    for name, storage in {"keeper-before": "sql", "keeper": "internal"}.items():
        (folder / f"etc/{name}.cfg.lua").write_text(KEEPER.format(storage=storage))
    (folder / "etc/old-and-new.lua").write_text(OLD_AND_NEW)
    (folder / "etc/crowded.lua").write_text(CROWDED)
    (folder / "etc/cut-index.lua").write_text(CUT_INDEX)
    (folder / "etc/lock.lua").write_text(LOCK)
    (folder / "etc/count.lua").write_text(COUNT)
    engine = docker.from_env()

    def run(*commands: str) -> tuple[int, list[Any]]:
        (folder / "etc/run.sh").write_text("set -e\n" + "\n".join(commands))
        container = engine.containers.run(
            image,
            entrypoint=["/bin/sh", "/etc/prosody/run.sh"],
            user="5222:5222",
            network_mode="none",
            detach=True,
            volumes=[f"{folder}/etc:/etc/prosody:ro", f"{folder}/data:/var/lib/prosody"],
        )
        try:
            status = int(container.wait(timeout=300)["StatusCode"])
            lines = container.logs().decode().splitlines()
        finally:
            container.remove(force=True)
        return status, [json.loads(line) if line.startswith("{") else line for line in lines]

    shutil.copy(Path(__file__).with_name("shapes.lua"), folder / "etc/seed.lua")
    for name, change in SPOILT.items():
        (folder / f"etc/{name.replace(' ', '-')}.lua").write_text(SPOIL + change)
    status, said = run("lua5.4 /etc/prosody/seed.lua")
    assert status == 0, said
    return run


def verb(name: str, one: str, other: str) -> str:
    """Return the command line for something between two places."""
    return f"prosody-data {name} /etc/prosody/{one}.cfg.lua /etc/prosody/{other}.cfg.lua"


def test_data_of_every_shape_come_through_and_back(tool: Callable[..., tuple[int, list[Any]]]) -> None:
    status, said = tool(
        verb("check", "one", "files"),
        verb("move", "one", "files"),
        verb("check", "files", "two"),
        verb("move", "files", "two"),
        verb("compare", "one", "two"),
        verb("check", "two", "files"),
    )
    assert status == 0, said
    found = [line for line in said if line.get("event") in ("source", "target")]
    # what its host keeps in files by itself, before and after, is nobody's to move
    all_of_it, none = (3, 1206), (0, 0)
    counted = [(line["accounts"], line["messages"]) for line in found]
    assert counted == [all_of_it, none, all_of_it, none, all_of_it, all_of_it]
    assert [line["stores"] for line in said if line.get("event") == "same"] == [11] * 3


def test_an_index_that_lags_behind_loses_no_message_and_counting_makes_none(
    tool: Callable[..., tuple[int, list[Any]]],
) -> None:
    """A server that is killed between two writes leaves such an index; one that runs must not be given one."""
    status, said = tool(
        *(verb("clear", "files", "one"), verb("move", "one", "files"), "lua5.4 /etc/prosody/cut-index.lua"),
        *(verb("clear", "two", "files"), verb("move", "files", "two"), verb("compare", "one", "two")),
        "find /var/lib/prosody -name '*.lidx' -delete",
        "prosody-data census /etc/prosody/files.cfg.lua",
        "find /var/lib/prosody -name '*.lidx' | wc -l",
    )
    assert status == 0, said
    assert (said[-2]["messages"], said[-1]) == (1206, "0")


def test_a_lock_of_somebody_else_is_no_difference(tool: Callable[..., tuple[int, list[Any]]]) -> None:
    status, said = tool(
        verb("clear", "files", "one"),
        verb("move", "one", "files"),
        "lua5.4 /etc/prosody/lock.lua &",
        "sleep 1",
        verb("compare", "one", "files"),
    )
    assert any("failed" in line for line in said if isinstance(line, str)), said
    assert (status, said[-1]["event"]) == (0, "same"), said


def test_history_in_files_ends_in_time_also_of_who_never_writes_again(
    tool: Callable[..., tuple[int, list[Any]]],
) -> None:
    """Prosody itself, with messages of years ago and of today: what is over goes, what is not stays."""
    count = "lua5.4 /etc/prosody/count.lua"
    status, said = tool(
        "mkdir /var/lib/prosody/keeper",
        "lua5.4 /etc/prosody/old-and-new.lua",
        verb("move", "keeper-before", "keeper"),
        count,
        "prosody -F --config /etc/prosody/keeper.cfg.lua > /tmp/log 2>&1 &",
        "for second in $(seq 120); do",
        f'  left="$({count})"; [ "$left" = "2 2" ] && break; sleep 1',
        "done",
        'echo "$left"; kill $!; rm -rf /var/lib/prosody/keeper',
    )
    assert status == 0, said
    assert [line for line in said if isinstance(line, str)][-2:] == ["5 5", "2 2"], said


@pytest.mark.long
def test_many_rooms_with_many_messages_of_one_second_go_round_and_round(
    tool: Callable[..., tuple[int, list[Any]]],
) -> None:
    ways = [("one", "two"), ("two", "files"), ("files", "one"), ("one", "files"), ("files", "two"), ("two", "one")]
    rounds = [line for old, new in ways * 3 for line in (verb("clear", new, old), verb("move", old, new))]
    status, said = tool("lua5.4 /etc/prosody/crowded.lua", *rounds)
    assert status == 0, said[-5:]
    assert len([line for line in said if line["event"] == "same"]) == len(ways) * 3


@pytest.mark.parametrize(
    "name", [name if name == "a message less" else pytest.param(name, marks=pytest.mark.long) for name in SPOILT]
)
def test_what_differs_in_one_thing_does_not_pass(tool: Callable[..., tuple[int, list[Any]]], name: str) -> None:
    status, said = tool(
        verb("clear", "files", "one"),
        verb("move", "one", "files"),
        f"lua5.4 /etc/prosody/{name.replace(' ', '-')}.lua",
        verb("compare", "one", "files"),
    )
    assert (status, said[-1]["event"]) == (1, "differs"), said


def test_what_one_host_keeps_at_a_place_of_its_own_is_left_alone(tool: Callable[..., tuple[int, list[Any]]]) -> None:
    left = "cd /var/lib/prosody; find . -mindepth 1 -not -name '*.sqlite*' | sort"
    status, said = tool(verb("clear", "files", "one"), verb("check", "one", "files"), left)
    # and no folder stays of what is gone
    own = ["./own%2eexample", "./own%2eexample/accounts", "./own%2eexample/accounts/own.dat"]
    assert (status, said[-3:], said[-4].get("records")) == (0, own, 0), said
