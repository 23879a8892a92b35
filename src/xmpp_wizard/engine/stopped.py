"""What a command that needs a running container says where it does not run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say


@contextmanager
def told_if_stopped(world: World, layout: Layout, container: str = "prosody") -> Iterator[None]:
    """Let an error of the engine in the block be told as what it comes from: ``container`` does not run.

    Raises:
        EngineError: it does not run, or the engine has other trouble, in its own words.
    """
    try:
        yield
    except EngineError as error:
        found = world.containers.observe(layout.project).get(layout.container(container))
        if found is not None and found.is_running:
            raise
        # the engine's own words and hint are about the engine, which is well
        is_server = container == "prosody"
        text = say("the server is not running") if is_server else say("{name} is not running", name=container)
        raise EngineError(text, say("Start it: xmpp-wizard apply")) from error
