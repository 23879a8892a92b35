"""Where everything lies on the host, for one named stack below one root folder."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

from xmpp_wizard.core.network.front import FrontProgram

PROSODY_ID = 5222
"""uid and gid of Prosody in its container; fixed in the image, so that volumes keep their owner."""
CERTIFICATES_GROUP = PROSODY_ID
"""gid that may read certificates and their keys; the images of all containers that serve some are in it."""
SERVER_COMMANDS = (
    *("apply", "ca", "cert", "console", "dns", "export", "generations", "logs", "plan", "prosodyctl", "prove"),
    *("render", "router", "setup", "status", "storage", "undo", "uninstall", "user", "web-server"),
)
"""The commands that are about a server; ``answers`` is about files, wherever they are."""
_COMMAND = re.compile(rf"\bxmpp-wizard (?=(?:{'|'.join(SERVER_COMMANDS)})\b)(?![a-z0-9 -]*--help)")


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one server. ``root`` is ``/`` but for trials and tests; ``instance`` is empty for the usual one."""

    root: PurePosixPath = PurePosixPath("/")  # noqa: RUF009 it never changes
    instance: str = ""

    @property
    def project(self) -> str:
        """The name that folders and containers start with."""
        return f"xmpp-wizard-{self.instance}" if self.instance else "xmpp-wizard"

    @property
    def settings(self) -> PurePosixPath:
        """What the admin may read, change and save: answers, configuration, secrets."""
        return self.root / "etc" / self.project

    @property
    def state(self) -> PurePosixPath:
        """What the program keeps: generations, data, certificates, journal."""
        return self.root / "var" / "lib" / self.project

    @property
    def answers(self) -> PurePosixPath:
        """The answer file of the running server."""
        return self.settings / "answers.toml"

    @property
    def prosody_config(self) -> PurePosixPath:
        """The folder mounted as ``/etc/prosody``."""
        return self.settings / "prosody"

    @property
    def admin_config(self) -> PurePosixPath:
        """The admin's own Prosody configuration (``*.cfg.lua``); never written by this program."""
        return self.prosody_config / "conf.d"

    @property
    def fetched(self) -> PurePosixPath:
        """What was fetched from the web, each by its checksum, so that a later apply or undo needs no network."""
        return self.settings / "fetched"

    def secrets(self, container: str) -> PurePosixPath:
        """The secrets that ``container`` may read."""
        return self.settings / "secrets" / container

    @property
    def authority(self) -> PurePosixPath:
        """Key and certificate of the local certificate authority; mounted nowhere."""
        return self.settings / "secrets" / "authority"

    def data(self, container: str) -> PurePosixPath:
        """The lasting data of ``container``."""
        return self.state / "data" / container

    def sockets(self, container: str) -> PurePosixPath:
        """Where ``container`` listens for others on this machine; on the disk, so that it is there after a reboot."""
        return self.state / "sockets" / container

    @property
    def certificates(self) -> PurePosixPath:
        """``generations/N/<name>/`` and ``live``, a link to one of them."""
        return self.state / "certificates"

    @property
    def acme(self) -> PurePosixPath:
        """Accounts with public authorities and what they gave, a folder for each; for root alone."""
        return self.state / "acme"

    @property
    def acme_state(self) -> PurePosixPath:
        """What came of asking them, and when to ask again."""
        return self.acme / "state.json"

    @property
    def generations(self) -> PurePosixPath:
        """One folder for each change that was made."""
        return self.state / "generations"

    @property
    def journal(self) -> PurePosixPath:
        """The events of each apply, one JSON object a line."""
        return self.state / "journal"

    @property
    def pinned(self) -> PurePosixPath:
        """Facts that must not change once they were chosen."""
        return self.state / "pinned.json"

    @property
    def storage(self) -> PurePosixPath:
        """What is remembered of data that were moved from one storage backend to another."""
        return self.state / "storage.json"

    @property
    def written(self) -> PurePosixPath:
        """Hashes of the files as this program wrote them."""
        return self.state / "written.json"

    @property
    def sheets(self) -> PurePosixPath:
        """Hashes of the emergency sheets as this program wrote them, by path."""
        return self.state / "sheets.json"

    @property
    def kept(self) -> PurePosixPath:
        """Hand edits that a person chose to keep."""
        return self.state / "kept.json"

    @property
    def loaded(self) -> PurePosixPath:
        """Hashes of what each container has read since it started."""
        return self.state / "loaded.json"

    @property
    def dns_records(self) -> PurePosixPath:
        """Records that this program has made in DNS, to be taken away again."""
        return self.state / "dns.json"

    @property
    def dns_token(self) -> PurePosixPath:
        """The token of the DNS provider, where it was typed into the wizard."""
        return self.settings / "secrets" / "dns-token"

    @property
    def language(self) -> PurePosixPath:
        """The language that a person chose for the wizard."""
        return self.state / "language"

    @property
    def dns_check(self) -> PurePosixPath:
        """How DNS was when it was looked at last."""
        return self.state / "dns-check.json"

    @property
    def welcome(self) -> PurePosixPath:
        """It is there as long as the admin of a new server has not been shown the first invitation."""
        return self.state / "welcome"

    @property
    def pins(self) -> PurePosixPath:
        """Keys that are pinned in DNS, each with the moment from which everybody could know it."""
        return self.state / "pins.json"

    @property
    def address(self) -> PurePosixPath:
        """The address of the line as it was seen last, where it changes."""
        return self.state / "address.json"

    @property
    def ipv6(self) -> PurePosixPath:
        """Whether somebody outside came in over IPv6 when that was tried last."""
        return self.state / "ipv6.json"

    @property
    def router(self) -> PurePosixPath:
        """What the router was told, and what it refused."""
        return self.state / "router.json"

    @property
    def pinholes(self) -> PurePosixPath:
        """The same of its IPv6 firewall."""
        return self.state / "pinholes.json"

    @property
    def lock(self) -> PurePosixPath:
        """Locked by the one run that may change things."""
        return self.state / "lock"

    @property
    def early_build(self) -> PurePosixPath:
        """Lock and log of images that are built before anything is applied; gone with the next start of the machine."""
        return self.root / "run" / self.project

    @property
    def challenges(self) -> PurePosixPath:
        """Where a web server in front finds what an authority asks for; open to all, as it is to the world."""
        return self.root / "var" / "lib" / f"{self.project}-challenges"

    def front_config(self, program: FrontProgram) -> str:
        """The file that a web server of this machine reads first."""
        return str(self.root / program.config)

    def front_file(self, program: FrontProgram) -> str:
        """The one file that is ours among those of a web server of this machine."""
        return str(self.root / program.folder / f"{self.project}{program.ending}")

    @property
    def upkeep(self) -> PurePosixPath:
        """What the timer remembers from run to run."""
        return self.state / "upkeep.json"

    @property
    def timer(self) -> str:
        """The scheduler's name for what looks after the certificates."""
        return f"{self.project}-renew"

    def timer_files(self, scheduler: str) -> tuple[str, ...]:
        """The files of the timer on a host with this ``scheduler``; none below a folder of its own."""
        if str(self.root) != "/":
            return ()
        places = {
            "systemd": (f"/etc/systemd/system/{self.timer}.service", f"/etc/systemd/system/{self.timer}.timer"),
            "cron": (f"/etc/cron.d/{self.timer}",),
        }
        return places.get(scheduler, ())

    def container(self, name: str) -> str:
        """The engine's name for the container ``name``."""
        return f"{self.project}-{name}"

    def command(self, *words: str) -> str:
        """The shell command with these words for this server."""
        return shlex.join(["sudo", "xmpp-wizard", *self._options, *words])

    def addressed(self, words: str) -> str:
        """Return what is to be told, with the commands of this program in it as they are typed for this server.

        That of a help stays short: it is the same for all servers. Most that is told comes from where nobody knows
        which server it is about.
        """
        options = shlex.join(self._options)
        return _COMMAND.sub(lambda _: f"xmpp-wizard {options} ", words) if options else words

    @property
    def _options(self) -> tuple[str, ...]:
        root = () if str(self.root) == "/" else ("--root", str(self.root))
        return (*root, "--instance", self.instance) if self.instance else root
