"""Modules that the admin chooses: loaded, read again after a change, and looked at before anything is interrupted."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.e2e.server.machine import Server, told
from tests.e2e.test_proof_steps import proven, red

pytestmark = pytest.mark.e2e

HELLO = """module:hook("message/host", function (event)
	module:send(require "prosody.util.stanza".reply(event.stanza):text_tag("body", "%s"));
	return true;
end);
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A module of the admin's that answers whoever writes to the server."""
    path = tmp_path / "mod_hello.lua"
    path.write_text(HELLO % "hello")
    return path


def test_own_and_community_modules_run_and_are_read_again(running: Server, module: Path) -> None:
    wish = {"features.own_modules.files": [str(module)], "features.own_modules.community": ["lastlog2"]}
    running.apply(wish)
    assert not red(proven(running))
    with running.log_in() as client:
        client.say(running.domain, "anybody there?")
        assert client.hear() == ("message", "hello")
    assert "lastlog2" in running.inside("prosodyctl", "shell", "module", "list", running.domain)
    module.write_text(HELLO % "hello again")
    running.apply(wish)
    with running.log_in() as client:
        client.say(running.domain, "anybody there?")
        assert client.hear() == ("message", "hello again")
    running.apply()
    with running.log_in() as client:
        client.say(running.domain, "anybody there?")
        assert client.hear()[0] == "error"


@pytest.mark.parametrize(
    ("community", "text", "words"),
    [
        ([], HELLO + "end end", "mod_hello.lua:5: <eof> expected near 'end'"),
        (["no_such_thing"], HELLO, "there is no community module no_such_thing (features.own_modules.community)"),
        (["csi_battery_saver"], HELLO, "the community module csi_battery_saver needs track_muc_joins"),
    ],
)
def test_what_is_wrong_is_named_before_the_server_is_interrupted(
    running: Server, module: Path, community: list[str], text: str, words: str
) -> None:
    running.apply()
    began = running.started_at()
    module.write_text(text)
    done = running.try_apply({"features.own_modules.files": [str(module)], "features.own_modules.community": community})
    assert done.returncode in (3, 6), told(done)
    assert words in " ".join(done.stderr.split()), told(done)
    assert running.started_at() == began
    running.apply()
