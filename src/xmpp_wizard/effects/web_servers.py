"""Other people's web servers on this machine, asked through their own programs (those of Debian's packages)."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.network.front import FrontProgram
from xmpp_wizard.core.text import say

_SECONDS = 20
_PATH = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where these programs are; a shell of sudo, cron or systemd does not always look there."""
_NGINX_FILE = re.compile(r"^# configuration file (.+):$")
_NGINX_NAMES = re.compile(r"\bserver_name\s+([^;]+);")
_APACHE_HOST = re.compile(r"^\s*\S*:\d+\s+(\S+) \((.+):\d+\)$|namevhost (\S+) \((.+):\d+\)$")
_APACHE_ALIAS = re.compile(r"^\s+alias (\S+)$")
_NOT_RUNNING = ("invalid PID number", "No such file or directory", "not running", "connection refused")
"""Of nginx without and with a left-over PID file, of Apache, and of Caddy."""

_CHECK: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "nginx": lambda config: ("nginx", "-q", "-t", "-c", config),
    "Apache": lambda _: ("apache2ctl", "configtest"),
    "Caddy": lambda config: ("caddy", "validate", "--adapter", "caddyfile", "--config", config),
}
_RELOAD: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "nginx": lambda config: ("nginx", "-q", "-s", "reload", "-c", config),
    "Apache": lambda _: ("apache2ctl", "graceful"),
    "Caddy": lambda config: ("caddy", "reload", "--adapter", "caddyfile", "--config", config),
}


class HostWebServers:
    """:class:`~xmpp_wizard.core.network.front.WebServers` of this machine."""

    def names(self, program: FrontProgram, config: str, own_file: str) -> Mapping[str, str]:
        """Return the names in other files than ours; none of Caddy, which refuses a name that is there twice."""
        if program.title == "nginx":
            result = _run(program, ("nginx", "-q", "-T", "-c", config), config)
            found = _nginx_names(result.stdout)
        elif program.title == "Apache":
            found = _apache_names(_run(program, ("apache2ctl", "-S"), config).stdout)
        else:
            return {}
        return {name: file for name, file in found.items() if file != own_file}

    def check(self, program: FrontProgram, config: str) -> None:
        """Let it check its configuration; nothing is changed by that."""
        result = _run(program, _CHECK[program.title](config), config)
        if result.returncode:
            raise EffectError(
                say("{program} finds a mistake: {words}", program=program.title, words=_words(result)),
                say("Nothing was changed for it. Correct that, then run again."),
            )

    def reload(self, program: FrontProgram, config: str) -> None:
        """Make it read its files again; one that does not run reads them when it starts."""
        if not _is_running(program):
            return
        result = _run(program, _RELOAD[program.title](config), config)
        if result.returncode and not any(sign in result.stderr for sign in _NOT_RUNNING):
            raise EffectError(
                say("{program} does not read its files again: {words}", program=program.title, words=_words(result))
            )


def _is_running(program: FrontProgram) -> bool:
    """Say whether it runs; ``apache2ctl graceful`` would start it."""
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text().strip() in program.processes:
                return True
        except OSError:  # ended while we looked
            continue
    return False


def _run(program: FrontProgram, command: Sequence[str], config: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{_PATH}", "LC_ALL": "C"}
    if program.title == "Apache":
        environment["APACHE_CONFDIR"] = str(Path(config).parent)
    try:
        return subprocess.run(  # noqa: S603 one of the commands above
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise EffectError(
            say("{program} is not installed on this machine", program=program.title),
            say("Set network.web_server to own, or to the web server that this machine has."),
        ) from error
    except subprocess.TimeoutExpired as error:
        raise EffectError(
            say("{program} gave no answer within {seconds} s", program=program.title, seconds=_SECONDS)
        ) from error


def _words(result: subprocess.CompletedProcess[str]) -> str:
    """Return the last lines that it said, on one line."""
    lines = [line.strip() for line in f"{result.stdout}\n{result.stderr}".splitlines() if line.strip()]
    return " / ".join(lines[-3:])


def _nginx_names(dump: str) -> dict[str, str]:
    found, file = {}, ""
    for line in dump.splitlines():
        start = _NGINX_FILE.match(line)
        file = start[1] if start else file
        for names in _NGINX_NAMES.findall(line.partition("#")[0]):
            found.update(dict.fromkeys(names.lower().split(), file))
    return found


def _apache_names(listing: str) -> dict[str, str]:
    found, file = {}, ""
    for line in listing.splitlines():
        host, alias = _APACHE_HOST.search(line), _APACHE_ALIAS.match(line)
        if host:
            file = host[2] or host[4]
            found[(host[1] or host[3]).lower()] = file
        elif alias:
            found[alias[1].lower()] = file
    return found
