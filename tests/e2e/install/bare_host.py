"""A freshly installed host to try install.sh on: a bare userland in a container of its own."""

import io
import os
import subprocess
import tarfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.models.containers import Container
from tests.e2e.install import host_network

ROOT = Path(__file__).parents[3]
SOURCE = "/root/xmpp-wizard"

# A real host's kernel file systems are writable, and its control groups are mounted,
# before its first process starts.
LIKE_A_HOST = """
set -e
mount -o remount,rw /proc/sys
mount -o remount,rw /sys
mount --make-rshared /
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -o remount,rw /sys/fs/cgroup
    if [ "$1" != /sbin/init ]; then
        # Control groups with members cannot have children: the members move down first.
        mkdir -p /sys/fs/cgroup/host
        xargs -rn1 < /sys/fs/cgroup/cgroup.procs > /sys/fs/cgroup/host/cgroup.procs || true
        sed 's/ / +/g; s/^/+/' /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
    fi
else
    mount -t tmpfs tmpfs /sys/fs/cgroup -o mode=755
    for name in cpu cpuacct cpuset memory devices freezer blkio pids; do
        mkdir /sys/fs/cgroup/$name
        mount -t cgroup -o $name cgroup /sys/fs/cgroup/$name || rmdir /sys/fs/cgroup/$name
    done
    mkdir /sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
fi
touch /run/is-like-a-host
exec "$@"
"""


@dataclass(frozen=True)
class Outcome:
    """How a command inside the host ended."""

    status: int
    text: str


class BareHost:
    """One container that install.sh takes for a host."""

    def __init__(self, image: str, volumes: list[str], *, has_systemd: bool = False) -> None:
        folders = [f"{path}:{path}:ro" for path in host_network.pip_folders()]
        first = ["/sbin/init"] if has_systemd else ["sleep", "infinity"]
        self._started = "systemctl is-system-running --wait" if has_systemd else "test -e /run/is-like-a-host"
        self._container: Container = docker.from_env(timeout=900).containers.create(
            image,
            ["sh", "-c", LIKE_A_HOST, "sh", *first],
            name=f"xmpp-wizard-bare-{uuid.uuid4().hex[:8]}",
            init=not has_systemd,
            stop_signal="SIGRTMIN+3" if has_systemd else "SIGTERM",
            tmpfs={"/run": "", "/run/lock": ""} if has_systemd else {},
            environment=host_network.proxies(),
            volumes=["/var/lib/docker", *folders, *volumes],
            # An engine runs inside without --privileged, which machines that lack
            # CAP_SYS_RESOURCE cannot give.
            cap_add=["ALL"],
            cap_drop=["SYS_RESOURCE"],
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            device_cgroup_rules=["a *:* rwm"],
            cgroupns="private",
        )

    @property
    def name(self) -> str:
        """The container's name."""
        return str(self._container.name)

    def furnish(self) -> None:
        """Start it with what a host has before anybody installs anything, and the source tree."""
        self._container.start()
        self.unpack(source_archive())
        self.write("/etc/apt/apt.conf.d/99this-machine", host_network.apt_configuration())
        self.write("/etc/pip.conf", host_network.pip_configuration())
        if trusted := host_network.certificates():
            self.write(host_network.CERTIFICATES, trusted.decode())
        self.wait_for(self._started, seconds=60)

    def run(self, command: str) -> Outcome:
        """Run a shell command as root, in the source tree, with both outputs in one."""
        result = self._container.exec_run(["sh", "-c", command], workdir=SOURCE)
        assert isinstance(result.exit_code, int)
        assert isinstance(result.output, bytes)
        return Outcome(result.exit_code, result.output.decode(errors="replace"))

    def expect(self, command: str) -> str:
        """Run a command that must succeed."""
        outcome = self.run(command)
        assert outcome.status == 0, f"{command}: status {outcome.status}\n{outcome.text}"
        return outcome.text

    def wait_for(self, command: str, seconds: float) -> str:
        """Run a command again and again until it succeeds, and return what it says then."""
        deadline = time.monotonic() + seconds
        while (outcome := self.run(command)).status != 0:
            assert time.monotonic() < deadline, f"{command}: still status {outcome.status}\n{outcome.text}"
            time.sleep(0.5)
        return outcome.text

    def reboot(self, *, is_power_cut: bool = False) -> None:
        """Stop everything in it, in order or at once, and start it again, with nobody logging in."""
        if is_power_cut:
            self._container.kill()
            self._container.start()
        else:
            self._container.restart(timeout=90)
        self.wait_for(self._started, seconds=60)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Put one file there."""
        content = text.encode()
        member = tarfile.TarInfo(path.lstrip("/"))
        member.size, member.mode = len(content), mode
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.addfile(member, io.BytesIO(content))
        self.unpack(buffer.getvalue())

    def unpack(self, archive: bytes) -> None:
        """Unpack a tar archive at the root."""
        assert self._container.put_archive("/", archive)

    def remove(self) -> None:
        """Remove the container, and the volume of the engine inside."""
        self._container.remove(force=True, v=True)


def source_files() -> list[str]:
    """List what a clone of this tree has, and what is new in it."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for path in found.split("\0") if path and os.path.lexists(ROOT / path)]


def source_archive() -> bytes:
    """Pack the tree as it is now."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in source_files():
            archive.add(ROOT / path, f"{SOURCE}/{path}".lstrip("/"), recursive=False)
    return buffer.getvalue()


def make_userland(arguments: list[str], archive: Path) -> str:
    """Bootstrap a bare userland and return the image made of it."""
    command = ["mmdebstrap", "--quiet", "--variant=minbase", *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)
    name = f"xmpp-wizard-bare:{uuid.uuid4().hex[:8]}"
    repository, _, tag = name.partition(":")
    docker.from_env(timeout=900).api.import_image(str(archive), repository=repository, tag=tag)
    return name
