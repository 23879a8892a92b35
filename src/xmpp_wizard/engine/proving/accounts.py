"""Two throw-away accounts for a proof, made and deleted by one small program inside the server.

Where accounts are kept elsewhere, two that the admin has made for this do it; what they left is erased.

``templates/prosody/proof.lua`` does all of it in one go, because every run of prosodyctl costs a noticeable while.
The accounts' names carry the process that proves, so that what a killed one left is known as that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.kit.bench import Account
from xmpp_wizard.core.kit.feature import ProofPeople
from xmpp_wizard.core.layout import PROSODY_ID, Layout
from xmpp_wizard.core.lua import to_lua
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.secret_files import NamedSecret
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.secret_files import read_secret
from xmpp_wizard.engine.stopped import told_if_stopped

PROGRAM = "prosody/proof.lua"
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Guests:
    """The two accounts, and the page of an invitation where the server has such pages."""

    accounts: tuple[Account, Account]
    invitation: str


@contextmanager
def guests(world: World, layout: Layout, domain: str, given: ProofPeople | None = None) -> Iterator[Guests]:
    """Make the accounts on ``domain``, or use those ``given``; at the end delete them and what dead ones left.

    Raises:
        ProofFailedError: the server does not let its own tools make or delete them.
    """
    if given is not None:
        yield from _given(world, layout, domain, given)
        return
    found = _run(world, layout, "open", domain, str(world.background.own_pid()))
    mine = [str(account["name"]) for account in found["accounts"]]
    invitation = found.get("invitation") or {}
    try:
        dead = [str(other["name"]) for other in found["others"] if not world.background.is_alive(int(other["pid"]))]
        if dead:
            _run(world, layout, "close", domain, *dead)
        _check(found, domain)
        alice, bob = (
            Account(f"{account['name']}@{domain}", Secret(str(account["password"]))) for account in found["accounts"]
        )
        yield Guests((alice, bob), str(invitation.get("url", "")))
    finally:
        tokens = [str(invitation["token"])] if "token" in invitation else []
        _check(_run(world, layout, "close", domain, *mine, *tokens), domain)


def _given(world: World, layout: Layout, domain: str, people: ProofPeople) -> Iterator[Guests]:
    """Use the two accounts of the admin's, and erase what they had and left on the server."""
    source = str(layout.secrets("prosody") / people.secret) if people.secret else people.password_file
    content = read_secret(world, NamedSecret(source, people.key)) if source else None
    passwords = people.passwords(content, domain, world.clock.timestamp()) if content else ("", "")
    if not all(passwords):
        raise ProofFailedError(
            say("nobody can log in for the proof: {names} have no password here", names=", ".join(people.names)),
            say(
                "Make these two people where your accounts are, and name the file with their password: {key}.",
                key=people.key,
            ),
        )
    first, second = (
        Account(f"{name}@{domain}", Secret(password)) for name, password in zip(people.names, passwords, strict=True)
    )
    _check(_run(world, layout, "erase", domain, *people.names), domain)
    try:
        yield Guests((first, second), "")
    finally:
        _check(_run(world, layout, "erase", domain, *people.names), domain)


def _check(answer: Any, domain: str) -> None:  # noqa: ANN401 JSON
    if answer["problems"]:
        reason = "; ".join(map(str, answer["problems"]))
        raise _unusable(domain, reason)


def _run(world: World, layout: Layout, *words: str) -> Any:  # noqa: ANN401 JSON
    """Return what the program in the server answers: ``accounts``, ``others``, ``invitation``, ``problems``."""
    program = world.appliance.templates()[PROGRAM]
    call = f"> return (function(...)\n{program}\nend)({', '.join(map(to_lua, words))})"
    with told_if_stopped(world, layout):
        result = world.containers.run(
            layout.container("prosody"),
            ["prosodyctl", "shell", call],
            user=f"{PROSODY_ID}:{PROSODY_ID}",
            timeout_seconds=_SECONDS,
        )
    _, _, answer = result.output.partition("Result: ")
    try:
        return json.loads(answer)
    except ValueError as error:
        # the output itself may hold passwords
        reason = result.errors.strip() or f"prosodyctl ended with status {result.status}"
        raise _unusable(words[1], reason) from error


def _unusable(domain: str, reason: str) -> ProofFailedError:
    return ProofFailedError(
        say("no throw-away accounts on {domain}: {reason}", domain=domain, reason=reason),
        say("Is the server running? Look at `xmpp-wizard status` and `xmpp-wizard logs`."),
    )
