"""The web server in front: its file is put in place only if it finds it right, and else taken away again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import AnswersError, EffectError, EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.front import BY_HAND, OTHER, PROGRAMS, WEB_PORTS, at, kind_of, recognised_image
from xmpp_wizard.core.network.listeners import Listener, Neighbour
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.rendering.fronts import front_text
from xmpp_wizard.core.target import File
from xmpp_wizard.core.text import say
from xmpp_wizard.core.wanted.desired import desired

_LET_GO_SECONDS = 5.0
_PAUSE_SECONDS = 0.1


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


def wait_until_free(world: World, kind: str, places: Sequence[tuple[str, int]]) -> None:
    """Return once the web server has let go of the addresses (empty: all) and ports that our own server takes next.

    Raises:
        EffectError: it keeps one, as it has a website of its own there.
    """
    program = PROGRAMS[kind]
    deadline = world.clock.monotonic() + _LET_GO_SECONDS
    while places:
        theirs = [item for item in web_listeners(world) if item.program in program.processes and not item.container_id]
        kept = [port for address, port in places if any(_is_at(item, address, port) for item in theirs)]
        if not kept:
            return
        if world.clock.monotonic() >= deadline:
            raise EffectError(
                say("{program} keeps port {port} for websites of its own", program=program.title, port=kept[0]),
                say('Leave network.web_server at "{kind}", or take those websites off this address first.', kind=kind),
            )
        world.clock.sleep(_PAUSE_SECONDS)


def _is_at(listener: Listener, address: str, port: int) -> bool:
    return listener.port == port and (not address or listener.address in ("", address))


def remove(world: World, layout: Layout, file: File) -> None:
    """Take the file away; a web server that then finds another mistake goes on with what it has read before."""
    world.files.remove(file.path)
    with suppress(EffectError):
        reload(world, layout, file.reader)


def web_listeners(world: World) -> Sequence[Listener]:
    """Return who listens on the web's ports of this machine."""
    return tuple(item for item in world.sockets.listeners() if item.protocol == "tcp" and item.port in WEB_PORTS)


def lines_for(world: World, layout: Layout, answers: Answers, kind: str) -> str:
    """Return what a web server of this kind has to be told to pass the pages of the answers' server on.

    Raises:
        AnswersError: the answers contradict each other, or there are no pages.
    """
    neighbour = _neighbour_of(world, kind)
    changes: dict[str, object] = {"web_server": kind if kind in PROGRAMS else OTHER}
    if neighbour and neighbour.gateway and answers.network.local_http_address is None:
        changes["local_http_address"] = neighbour.gateway
    network = answers.network.model_copy(update=changes)
    front = desired(answers.model_copy(update={"network": network})).front
    if front is None:
        raise AnswersError(
            say("with these answers the server has no web pages and no uploads"),
            say("Switch on features.web, features.file_sharing or features.invitations."),
        )
    template = PROGRAMS[kind].template if kind in PROGRAMS else BY_HAND[kind].template
    folders = neighbour.folders if neighbour else {}
    return front_text(front, world.appliance.templates()[template], layout, folders)


def in_containers(world: World, listeners: Sequence[Listener]) -> Mapping[Listener, Neighbour]:
    """Return the containers that listeners belong to; none where no engine tells."""
    try:
        neighbours = world.containers.neighbours()
    except EngineError:
        return {}
    found = {listener: at(neighbours, listener) for listener in listeners}
    return {listener: neighbour for listener, neighbour in found.items() if neighbour}


def kind_at(world: World, listener: Listener) -> str:
    """Return the kind of web server that has a port, also of one in a container; an empty text for others."""
    return kind_of(listener, in_containers(world, (listener,)).get(listener))


def gateway_at(world: World, listener: Listener) -> str:
    """Return where the container behind a listener reaches this machine; empty where that is as from the machine."""
    container = in_containers(world, (listener,)).get(listener)
    return container.gateway if container else ""


def _neighbour_of(world: World, kind: str) -> Neighbour | None:
    """Return the container that has one of the web's ports and is of this kind."""
    found = in_containers(world, web_listeners(world)).values()
    return next((one for one in found if recognised_image(one.image) == kind), None)
