"""People of the server: added, listed, given passwords, deleted; by prosodyctl inside the container.

Passwords go in by standard input only: arguments show in the process list, and commands piped into Prosody's
shell end up in its history file. Words and statuses of prosodyctl: Prosody 13.0.1, tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from xmpp_wizard.core.addresses import parse_address, parse_local_part
from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EffectError, NeedsPersonError
from xmpp_wizard.core.layout import PROSODY_ID, Layout
from xmpp_wizard.core.names import parse_domain
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import NOTHING, Text, reason, say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.engine.setup import current
from xmpp_wizard.engine.stopped import told_if_stopped

PROSODY_USER = f"{PROSODY_ID}:{PROSODY_ID}"
_LEAST_LENGTH = 8
_LONGEST_BYTES = 1023
"""What SASLprep takes in Prosody; a longer one is refused there with words that nobody understands."""
_RANDOM_BYTES = 15


class People:
    """The people of the server that is set up here."""

    def __init__(self, world: World, layout: Layout) -> None:
        """Read which domains there are.

        Raises:
            NotSetUpError: there is no server.
        """
        self._world = world
        self._layout = layout
        target, wanted = current(world, layout)
        self.domains = target.domains
        self.least_length = _least_length(wanted)
        self.elsewhere = wanted.accounts_elsewhere if wanted else NOTHING
        """How accounts begin, where none can be made here."""

    def address(self, text: str) -> str:
        """Return the address that ``text`` means: a whole one, or a name on the main domain.

        Raises:
            NeedsPersonError: it is none, or its domain is not served here.
        """
        try:
            address = parse_address(text) if "@" in text else f"{parse_local_part(text)}@{self.domains[0]}"
        except ValueError as error:
            raise NeedsPersonError(reason(error)) from error
        self._served(address.partition("@")[2])
        return address

    def _served(self, text: str) -> str:
        """Return the domain that ``text`` means, in whatever form it is written.

        Raises:
            NeedsPersonError: it is not served here; the hint has those that are.
        """
        try:
            domain = parse_domain(text)
        except ValueError as error:
            raise NeedsPersonError(reason(error)) from error
        if domain not in self.domains:
            close = get_close_matches(domain, self.domains, n=1)
            served = ", ".join(self.domains)
            hint = say("Did you mean: {domain}", domain=close[0]) if close else say("Served: {all}", all=served)
            raise NeedsPersonError(say("{domain} is not served here", domain=domain), hint)
        return domain

    def new_password(self) -> Secret:
        """Return a password that nobody has seen, longer than any level asks for."""
        return Secret(self._world.entropy.token(_RANDOM_BYTES))

    def check_makes_accounts(self) -> None:
        """Return if accounts and passwords are made here.

        Raises:
            NeedsPersonError: they are made elsewhere; with how.
        """
        if self.elsewhere:
            raise NeedsPersonError(say("no account or password is made on this server"), self.elsewhere)

    def check_password(self, password: Secret) -> None:
        """Return if the password is good enough for this server.

        prosodyctl itself takes every one, also an empty one.

        Raises:
            NeedsPersonError: it is too short or too long, only spaces, or has signs that apps cannot send.
        """
        text = password.reveal()
        if len(text) < self.least_length:
            raise NeedsPersonError(
                say("the password is too short"),
                say("This server's security level asks for at least {least} signs.", least=self.least_length),
            )
        if len(text.encode()) > _LONGEST_BYTES:
            raise NeedsPersonError(
                say("the password is too long"), say("It may have {most} bytes at most.", most=_LONGEST_BYTES)
            )
        if text.isspace():
            raise NeedsPersonError(say("the password is nothing but spaces"), say("Choose one that is hard to guess."))
        if not text.isprintable():
            raise NeedsPersonError(
                say("the password has signs in it that cannot be typed"), say("Leave out control characters and tabs.")
            )

    def add(self, address: str, password: Secret) -> None:
        """Make an account.

        Raises:
            NeedsPersonError: there is one already, the password is bad, or accounts are made elsewhere.
        """
        self.check_makes_accounts()
        self.check_password(password)
        result = self._ask_twice("adduser", address, password)
        if "User exists" in result.errors:
            raise NeedsPersonError(
                say("{address} is there already", address=address),
                say("To give it another password: xmpp-wizard user passwd {address}", address=address),
            )
        _expect_ok(result, "add", address)

    def set_password(self, address: str, password: Secret) -> None:
        """Give an account another password.

        Raises:
            NeedsPersonError: there is no such account, the password is bad, or it is kept elsewhere.
        """
        self.check_makes_accounts()
        self.check_password(password)
        _expect_ok(self._known(self._ask_twice("passwd", address, password), address), "change", address)

    def delete(self, address: str) -> None:
        """Delete an account with all that belongs to it.

        Raises:
            NeedsPersonError: there is no such account.
        """
        _expect_ok(self._known(self._run("shell", "user", "delete", address), address), "delete", address)

    def all(self, domain: str = "") -> Mapping[str, tuple[str, ...]]:
        """Return the sorted addresses on each domain, or on the one given."""
        return {name: self._on(name) for name in ((self._served(domain),) if domain else self.domains)}

    def exists(self, address: str) -> bool:
        """Say whether there is such an account."""
        return address in self._on(address.partition("@")[2])

    def invitation(self, address: str, role: str = "", days: int = 1) -> str:
        """Return a link that makes this account; empty where invitations are not switched on.

        ``address`` may be a domain alone: whoever opens the link chooses the name. ``role`` is one of Prosody's.

        Raises:
            NeedsPersonError: the name begins with a hyphen, which this command of prosodyctl takes for an option, or
                accounts are made elsewhere.
        """
        self.check_makes_accounts()
        if address.startswith("-"):
            raise NeedsPersonError(
                say("nobody can be invited under a name that begins with a hyphen: {address}", address=address),
                say("Add the account with: xmpp-wizard user add -- {address}", address=address),
            )
        options = ["--expires-after", f"{days}d", *(("--role", role) if role else ())]
        result = self._run("shell", "invite", "create_account", address, *options)
        words = result.output.split()
        return next((word for word in words if word.startswith("https://")), "") if result.status == 0 else ""

    def _on(self, domain: str) -> tuple[str, ...]:
        result = self._run("shell", "user", "list", domain)
        _expect_ok(result, "list", domain)
        return tuple(sorted(line.strip() for line in result.output.splitlines() if line.strip().endswith(f"@{domain}")))

    def _run(self, *words: str, stdin: bytes = b"") -> CommandResult:
        with told_if_stopped(self._world, self._layout):
            return self._world.containers.run(
                self._layout.container("prosody"), ["prosodyctl", *words], user=PROSODY_USER, stdin=stdin
            )

    def _ask_twice(self, command: str, address: str, password: Secret) -> CommandResult:
        line = f"{password.reveal()}\n".encode()
        # after -- a name may begin with a hyphen; the shell's commands take such names as they are
        return self._run(command, "--", address, stdin=line + line)

    def _known(self, result: CommandResult, address: str) -> CommandResult:
        if "No such user" in result.errors:
            raise self._unknown(address)
        return result

    def insist_on(self, address: str) -> None:
        """See to it that there is such an account.

        Raises:
            NeedsPersonError: there is none; the hint has the most likely name.
        """
        if not self.exists(address):
            raise self._unknown(address)

    def _unknown(self, address: str) -> NeedsPersonError:
        local, at, domain = address.partition("@")
        # names alone: the domain is the same for all, and would make each look like the other
        locals_there = [known.removesuffix(at + domain) for known in self._on(domain)]
        close = get_close_matches(local, locals_there, n=1)
        hint = (
            say("Did you mean: {name}", name=close[0] + at + domain)
            if close
            else say("All of them: xmpp-wizard user list")
        )
        return NeedsPersonError(say("there is nobody called {address}", address=address), hint)


def _least_length(wanted: Desired | None) -> int:
    policy = wanted.settings.get("password_policy") if wanted else None
    length = policy.value.get("length") if policy and isinstance(policy.value, Mapping) else None
    return length if isinstance(length, int) else _LEAST_LENGTH


def _expect_ok(result: CommandResult, verb: str, subject: str) -> None:
    if result.status != 0 or "OK:" not in result.output:
        words = (result.errors or result.output).strip().removeprefix("Error: ").splitlines()
        raise EffectError(
            say("cannot {verb} {subject}: {words}", verb=verb, subject=subject, words=" / ".join(words[-3:]) or "?"),
            _hint(words),
        )


def _hint(words: Sequence[str]) -> Text:
    if any("disk is full" in line or "No space left" in line for line in words):
        return say("Make room on the disk; how much is free, says: df -h")
    is_away = any("not running" in line or "socket" in line for line in words)
    return say("Is the server well? See: xmpp-wizard status") if is_away else NOTHING
