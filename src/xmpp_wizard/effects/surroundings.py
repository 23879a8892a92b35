"""The machine and its network, from /proc and /sys and by asking for names; no program is started for it."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from xmpp_wizard.core.surroundings import Disk, Lookup, Machine

_NOT_SET = 0x0040
"""STA_UNSYNC of adjtimex(2): nobody keeps the clock right."""
_TIMEX_BYTES = 512
_DNS_PORT = "53"
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class HostSurroundings:
    """:class:`~xmpp_wizard.core.surroundings.Surroundings` of this machine."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` is where ``proc``, ``sys`` and ``etc`` are."""
        self._root = root

    def machine(self) -> Machine:
        """Return the model as firmware has it, the system's name, and the memory."""
        release = dict(line.split("=", 1) for line in self._lines("etc/os-release") if "=" in line)
        memory = next((line for line in self._lines("proc/meminfo") if line.startswith("MemTotal:")), "MemTotal: 0 kB")
        model = self._text("proc/device-tree/model") or self._text("sys/class/dmi/id/product_name")
        name = release.get("NAME", "Linux").strip('"').removesuffix(" GNU/Linux")
        version = release.get("VERSION_ID", "").strip('"')
        return Machine(model, f"{name} {version}".strip(), int(memory.split()[1]) // 1024)

    def disk(self, path: str) -> Disk:
        """Return the disk below ``path``."""
        place = Path(path)
        while not place.exists():
            place = place.parent
        space = os.statvfs(place)
        device = place.stat().st_dev
        kind = self._kind(f"{os.major(device)}:{os.minor(device)}")
        return Disk(kind, space.f_blocks * space.f_frsize, space.f_bfree * space.f_frsize)

    def is_clock_set(self) -> bool:
        """Ask the kernel; where it cannot be asked, nothing speaks against the clock."""
        buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
        try:
            if ctypes.CDLL(None).adjtimex(buffer) < 0:
                return True
        except (OSError, AttributeError):
            return True
        # struct timex: modes, then three longs, then status
        word = ctypes.sizeof(ctypes.c_long)
        status = ctypes.c_int.from_buffer(buffer, word * 4).value
        return not status & _NOT_SET

    def lookup(self, name: str, resolvers: Sequence[str], seconds: float) -> Lookup:
        """Ask the system, which also knows its own hosts file, or the given resolvers."""
        if resolvers:
            return _ask(name, resolvers, seconds)
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            return Lookup((), False if error.errno in _NO_SUCH_NAME else None)
        except (OSError, UnicodeError):
            return Lookup()
        return Lookup(tuple(dict.fromkeys(str(item[4][0]) for item in found)), is_known=True)

    def has_internet(self, seconds: float) -> bool:
        """Ask for the root's name servers: an answer comes only from the internet."""
        import dns.exception  # noqa: PLC0415 it takes long to load, and only this needs it
        import dns.resolver  # noqa: PLC0415 see above

        try:
            dns.resolver.resolve(".", "NS", lifetime=seconds)
        except (dns.exception.DNSException, OSError):
            return False
        return True

    def _kind(self, device: str) -> Literal["SD card", "SSD", "hard disk", "disk"]:
        folder = (self._root / "sys/dev/block" / device).resolve()
        # a partition has no queue of its own, its disk one level above has
        disk = folder if (folder / "queue").is_dir() else folder.parent
        if disk.name.startswith("mmcblk"):
            return "SD card"
        rotates = self._text(str(disk.relative_to("/") / "queue/rotational"))
        return {"0": "SSD", "1": "hard disk"}.get(rotates, "disk")  # type: ignore[return-value]  # the literals above

    def _text(self, path: str) -> str:
        try:
            return (self._root / path).read_text(errors="replace").strip("\0\n ")
        except OSError:
            return ""

    def _lines(self, path: str) -> list[str]:
        return self._text(path).splitlines()


def _ask(name: str, resolvers: Sequence[str], seconds: float) -> Lookup:
    import dns.exception  # noqa: PLC0415 see has_internet
    import dns.resolver  # noqa: PLC0415 see has_internet

    known: bool | None = None
    for resolver in resolvers:
        address, _, port = resolver.partition("@")
        asked = dns.resolver.Resolver(configure=False)
        asked.nameservers, asked.port = [address], int(port or _DNS_PORT)
        found: list[str] = []
        for kind in ("A", "AAAA"):
            try:
                found += [str(item) for item in asked.resolve(name, kind, lifetime=seconds / 2)]
                known = True
            except dns.resolver.NXDOMAIN:
                return Lookup((), is_known=False)
            except dns.resolver.NoAnswer:
                known = True
            except (dns.exception.DNSException, OSError):
                continue
        if known:
            return Lookup(tuple(found), is_known=True)
    return Lookup((), known)
