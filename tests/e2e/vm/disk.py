"""A disk with a freshly installed Debian 13, as its installer leaves it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.install import host_network

PERSON, PASSWORD = "pat", "long and easy"
"""Who may use sudo on it."""
NETWORK_CARD = "ens5"
ADDRESS = "10.0.2.15"
"""The one that QEMU's router gives it."""
DOMAIN = "home.example"
IMAGES = "/opt/images.tar"
"""Container images that are not built there: emulated, that takes ten minutes."""
PACKAGES = (
    "systemd-sysv", "dbus", "udev", "linux-image-amd64", "apparmor", "ifupdown", "dhcpcd-base", "iproute2", "nftables",
    "ca-certificates", "kbd", "console-setup", "keyboard-configuration", "sudo", "less", "procps", "curl",
    "netbase", "perl", "python3", "zstd", "wireguard-tools",
)  # fmt: skip
"""What the installer leaves on a system without a desktop, as far as it matters here."""
_GIGABYTES = 6
READY = "the way in is open"
# A root shell on the first serial line; nobody at the keyboard notices it.
_SHELL = f"""[Unit]
Description=A way in beside the keyboard
[Service]
ExecStart=/bin/sh -c 'stty -F /dev/ttyS0 -echo -onlcr; exec >/dev/ttyS0; echo; echo "{READY}"; exec sh </dev/ttyS0'
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
WorkingDirectory=/root
Restart=always
KillMode=process
[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class Disk:
    """What QEMU starts from."""

    image: Path
    kernel: Path
    initrd: Path


def make_disk(folder: Path, extra: Mapping[str, Path]) -> Disk:
    """Bootstrap Debian 13 into ``folder``, with ``extra`` files and folders (by their paths on it)."""
    root = folder / "root"
    modules = "etc/initramfs-tools"
    command = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--skip=cleanup/apt/lists",
        f"--include={','.join(PACKAGES)}",
        f'--essential-hook=mkdir -p "$1"/{modules}/conf.d && echo MODULES=list >"$1"/{modules}/conf.d/small',
        f'--essential-hook=printf "virtio_pci\\nvirtio_blk\\next4\\n" >"$1"/{modules}/modules',
        "trixie",
        str(root),
        *host_network.debian_mirror(),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    _furnish(root)
    for path, source in extra.items():
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, root / path.lstrip("/"))
    image = folder / "disk.img"
    with image.open("wb") as file:
        file.truncate(_GIGABYTES << 30)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", str(root), str(image)], check=True)
    (kernel,), (initrd,) = (list((root / "boot").glob(f"{name}-*")) for name in ("vmlinuz", "initrd.img"))
    return Disk(image, kernel, initrd)


def _furnish(root: Path) -> None:
    names = " ".join([DOMAIN, *(f"{name}.{DOMAIN}" for name in ("groups", "share", "channels", "proxy"))])
    for path, text in {
        "etc/hostname": "chat\n",
        "etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 chat\n{ADDRESS} {names}\n",
        "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
        "etc/network/interfaces": f"auto lo {NETWORK_CARD}\niface lo inet loopback\niface {NETWORK_CARD} inet dhcp\n",
        "etc/apt/apt.conf.d/99this-machine": host_network.apt_configuration(),
        "etc/systemd/system/beside.service": _SHELL,
    }.items():
        (root / path).write_text(text)
    for command in (
        ["systemctl", "enable", "beside"],
        ["useradd", "--create-home", "--shell=/bin/bash", "--groups=sudo", PERSON],
        ["sh", "-c", f"echo '{PERSON}:{PASSWORD}' | chpasswd"],
    ):
        subprocess.run(["chroot", str(root), *command], check=True, capture_output=True)
