"""The web server in front: its file is put in place only if it finds it right, and else taken away again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from xmpp_wizard.core.answers import Answers
from xmpp_wizard.core.desired import desired
from xmpp_wizard.core.errors import AnswersError, EffectError
from xmpp_wizard.core.feature import HTTPS_PORT
from xmpp_wizard.core.front import BY_HAND, OTHER, PROGRAMS
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.observed import Listener
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.render import front_text
from xmpp_wizard.core.target import File
from xmpp_wizard.core.text import say

_WEB_PORTS = (80, HTTPS_PORT)


def write(world: World, layout: Layout, file: File) -> None:
    """Write the file and let the web server check it.

    Raises:
        EffectError: it finds a mistake; then what was there before is there again.
    """
    program = PROGRAMS[file.reader]
    before = world.files.read(file.path)
    world.files.write(file.path, file.text.encode(), file.mode, file.owner)
    try:
        world.web_servers.check(program, layout.front_config(program))
    except EffectError:
        if before is None:
            world.files.remove(file.path)
        else:
            world.files.write(file.path, before, file.mode, file.owner)
        raise


def reload(world: World, layout: Layout, kind: str) -> None:
    """Let the web server check all of its files and read them again.

    Raises:
        EffectError: it finds a mistake or refuses; it goes on with what it has read before.
    """
    program = PROGRAMS[kind]
    config = layout.front_config(program)
    if world.files.read(config) is None:  # removed in the meantime, and our file with it
        return
    world.web_servers.check(program, config)
    world.web_servers.reload(program, config)


def remove(world: World, layout: Layout, file: File) -> None:
    """Take the file away; a web server that then finds another mistake goes on with what it has read before."""
    world.files.remove(file.path)
    with suppress(EffectError):
        reload(world, layout, file.reader)


def web_listeners(world: World) -> Sequence[Listener]:
    """Return who listens on the web's ports of this machine."""
    return tuple(item for item in world.sockets.listeners() if item.protocol == "tcp" and item.port in _WEB_PORTS)


def lines_for(world: World, layout: Layout, answers: Answers, kind: str) -> str:
    """Return what a web server of this kind has to be told to pass the pages of the answers' server on.

    Raises:
        AnswersError: the answers contradict each other, or there are no pages.
    """
    network = answers.network.model_copy(update={"web_server": kind if kind in PROGRAMS else OTHER})
    front = desired(answers.model_copy(update={"network": network})).front
    if front is None:
        raise AnswersError(
            say("with these answers the server has no web pages and no uploads"),
            say("Switch on features.web, features.file_sharing or features.invitations."),
        )
    template = PROGRAMS[kind].template if kind in PROGRAMS else BY_HAND[kind]
    return front_text(front, world.appliance.templates()[template], layout)
