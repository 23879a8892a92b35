"""What is in the image: small, all libraries, honest package records, no secrets, no stray modules."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.e2e.image.running import Image, Running

pytestmark = pytest.mark.e2e

MOST_BYTES = 150_000_000
LIBRARIES = [
    "lunbound",
    "DBI",
    "lsqlite3",
    "dbd.postgresql",
    "dbd.mysql",
    "lualdap",
    "readline",
    "ssl",
    "lxp",
    "lfs",
]
FILES = [
    "/usr/share/javascript/jquery/jquery.min.js",
    "/usr/share/javascript/bootstrap4/css/bootstrap.min.css",
    "/usr/share/javascript/bootstrap4/js/bootstrap.min.js",
    "/etc/mime.types",
    "/usr/share/dns/root.key",
    "/etc/ssl/certs/ca-certificates.crt",
    "/usr/share/zoneinfo/Europe/Berlin",
    "/usr/share/doc/prosody/copyright",
    "/usr/share/doc/prosody-modules/copyright",
]


@pytest.fixture(scope="module")
def inside(prosody: Image) -> Iterator[Running]:
    """Start a container to look around in."""
    with prosody.started(["sh", "-c", "sleep 600"], network_mode="none") as running:
        yield running


def test_it_is_small(prosody: Image) -> None:
    assert prosody.client.images.get(prosody.tag).attrs["Size"] <= MOST_BYTES


def test_it_says_what_it_is(prosody: Image) -> None:
    labels = prosody.client.images.get(prosody.tag).labels
    for name in ("title", "description", "licenses"):
        assert labels[f"org.opencontainers.image.{name}"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_loads(inside: Running, library: str) -> None:
    ended = inside.run("lua5.4", "-e", f'require "{library}"')
    assert ended.status == 0, ended.error


@pytest.mark.parametrize("path", FILES)
def test_files_that_features_need_are_there(inside: Running, path: str) -> None:
    assert inside.run("test", "-s", path).status == 0


def test_package_records_are_true(inside: Running) -> None:
    """What a scanner reads is what is there: removed packages are not listed, listed ones are there."""
    listed = inside.run("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n").out.splitlines()
    names = {line.split()[1] for line in listed}
    assert {"prosody", "prosody-modules", "libssl3t64", "libc6", "tini"} <= names
    assert not {"apt", "perl-base"} & names
    assert {line.split()[0] for line in listed} == {"ii"}
    assert inside.run("test", "-s", "/var/lib/dpkg/status").status == 0


def test_nothing_lacks_a_library(inside: Running) -> None:
    search = (
        "find /usr/bin /usr/sbin /usr/lib -xdev -type f \\( -perm -u+x -o -name '*.so*' \\) -exec ldd {} + 2>/dev/null"
    )
    assert "not found" not in inside.run("sh", "-c", search).out


def test_it_holds_no_private_key(inside: Running) -> None:
    found = inside.run("grep", "-rlE", "^-----BEGIN .*PRIVATE KEY", "/etc", "/usr", "/var", "/root", "/run")
    assert found.out == ""


def test_nobody_becomes_root(inside: Running) -> None:
    """A set-uid program is no way up for a server without new privileges, but none is needed either."""
    found = inside.run(
        "find", "/", "-xdev", "-type", "f", "(", "-perm", "-4000", "-o", "-perm", "-2000", ")"
    ).out.split()
    assert set(found) <= {"/usr/bin/su"}


def test_its_user_is_always_the_same(inside: Running) -> None:
    assert inside.run("id", "prosody").out.strip() == "uid=5222(prosody) gid=5222(prosody) groups=5222(prosody)"
    assert inside.run("stat", "-c", "%u:%g %a", "/var/lib/prosody").out.strip() == "5222:5222 750"


def test_prosody_does_not_find_community_modules_by_itself(inside: Running) -> None:
    core = set(inside.run("ls", "/usr/lib/prosody/modules").out.split())
    community = set(
        re.findall(r"^\t(\w+) =", inside.run("cat", "/usr/lib/prosody/community/index.lua").out, re.MULTILINE)
    )
    assert len(community) > 80
    assert not {name for name in community if {f"mod_{name}", f"mod_{name}.lua"} & core}
    folders = set(inside.run("ls", "/usr/lib/prosody/community").out.split())
    assert folders == community | {"index.lua"}
    # core's own: all that the prosody package has, and no more
    listed = {
        path.split("/")[5] for path in inside.run("dpkg", "-L", "prosody").out.split()
        if path.startswith("/usr/lib/prosody/modules/")
    }  # fmt: skip
    assert core == listed


def test_each_community_module_is_alone_in_its_folder(inside: Running) -> None:
    found = inside.run("find", "/usr/lib/prosody/community", "-mindepth", "2", "-maxdepth", "2").out.split()
    assert all(re.fullmatch(r"/usr/lib/prosody/community/(\w+)/mod_\1", path) for path in found), found
