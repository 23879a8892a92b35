"""The table of all commands: what each is called, what it does in one line, and where it lives."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.text import Text, say


@dataclass(frozen=True, slots=True)
class Command:
    """A command; ``module`` below ``xmpp_wizard.cli`` has ``add_to(subparsers)``."""

    name: str
    summary: Text
    module: str
    passes_through: bool = False
    """Whether everything after its name belongs to another program."""


COMMANDS = {
    command.name: command
    for command in (
        Command("setup", say("Open the wizard; with --plain it asks line by line"), "setup"),
        Command("apply", say("Set the server up, or change it to what the answers say"), "apply"),
        Command("plan", say("Show what apply would do, and why"), "plan"),
        Command("status", say("Say how the server is"), "status"),
        Command("prove", say("Log in, send and upload as a user does, and say what works"), "prove"),
        Command("undo", say("Go back to the set-up before the last change"), "undo"),
        Command("generations", say("List all changes that were made"), "generations"),
        Command("user", say("Add, list and delete people; set passwords"), "user"),
        Command("cert", say("Show the certificates, or renew them"), "cert"),
        Command("web-server", say("Say who has the web's ports, and what to tell another web server"), "web_server"),
        Command("dns", say("Show the DNS records, check them, or enter them for you"), "dns"),
        Command("router", say("Say how the internet comes in, and let the router forward ports"), "router"),
        Command("ca", say("Print the root certificate that phones and desktops must trust"), "ca"),
        Command("logs", say("Print the server's log"), "logs"),
        Command("answers", say("Make, check and explain answer files"), "answers"),
        Command("render", say("Write the files into a folder, without touching this machine"), "render"),
        Command("export", say("Export accounts, a compose.yaml, an emergency sheet, and more"), "export"),
        Command("storage", say("Say where people's data are, and let go of what stayed behind"), "storage"),
        Command("prosodyctl", say("Run prosodyctl inside the container"), "prosodyctl", passes_through=True),
        Command("console", say("Open Prosody's own console"), "console"),
        Command("uninstall", say("Remove the server; people's data stay unless told otherwise"), "uninstall"),
    )
}

OTHER_NAMES = {
    "adduser": "user add",
    "backup": "export sheet",
    "certificate": "cert",
    "certificates": "cert",
    "check": "prove",
    "diff": "plan --diff",
    "history": "generations",
    "install": "setup",
    "invite": "user invite",
    "passwd": "user passwd",
    "remove": "uninstall",
    "restart": "apply",
    "restore": "export sheet",
    "rollback": "undo",
    "start": "apply",
    "test": "prove",
    "version": "--version",
}
"""What people type who know other programs, and what it is called here, where the spelling does not tell."""
