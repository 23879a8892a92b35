"""Prosody itself has nothing to say against any configuration that answers can lead to, starts with it, and listens."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from itertools import product
from pathlib import Path, PurePosixPath

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, Phase, given, seed, settings
from tests import strategies
from tests.combinations import alone, everything, pairs, whole
from tests.servers import answers, templates
from tests.typical import DOMAIN, content

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.rendering.render import prosody_config
from xmpp_wizard.core.storage.answers import StorageAnswers
from xmpp_wizard.core.storage.backends import all_backends
from xmpp_wizard.core.storage.place import STORES
from xmpp_wizard.core.wanted.desired import Desired, desired
from xmpp_wizard.core.wanted.security import LEVELS

pytestmark = pytest.mark.e2e

AT_ONCE = 4
BASE = 'admins = ["alice"]\nextra_domains = ["other.example", "bücher.example"]\n'
FURTHER = {
    "guards": """features.sign_up.way = "apps"
features.sign_up.enabled = true
features.sign_up.captcha_site_key = "key"
features.sign_up.captcha_secret_file = "/root/captcha.txt"
features.pages.color = "#112233"
""",
    "trust": 'features.federation.trusted_roots = "/root/roots.pem"',
    "elsewhere": 'features.group_chat.host = "rooms.net.example"\nnetwork.resolvers = ["127.0.0.1@5353"]',
    # Prosody writes the ß of a host as ss
    "sharp-s": 'features.group_chat.host = "räume.straße.internal"',
    "files": f"storage.in_files = {list(STORES)}",
    "files-postgresql": f'storage.backend = "postgresql"\nstorage.in_files = {list(STORES)}',
}
EXPECTED = re.compile(
    r"""\s*|Checking\ config\.\.\.|Done\.|All\ checks\ passed.*|.*--\ rc\ 0
    |\s*The\ following\ configuration\ files\ have\ been\ loaded:|\s*-\s+/etc/prosody/.*\.lua
    |\s*Some\ of\ your\ hosts\ may\ be\ missing\ features.*
    |\s*Public\ registration\ is\ enabled\ on:|\ {8}[^ ]+\.[^ ]+(,\ [^ ]+\.[^ ]+)*
    |\s*If\ this\ is\ intentional,\ review\ our\ guidelines\ on\ running\ a\ public\ server
    |\s*at\ https://prosody\.im/doc/public_servers\ -\ otherwise,\ consider\ switching\ to
    |\s*invite-based\ registration,\ which\ is\ more\ secure\.
    |\s*For\ more\ details,\ use\ the\ 'prosodyctl\ check\ features'\ command\.""",
    re.VERBOSE,
)
"""All that a clean check prints: features that are switched off are missing, and registration that is on is open."""

HARMLESS = ("Received SIGTERM", "Failed to subscribe to RTBL", "Error fetching", "pastebin")
"""It is the test that stops the server, there is no network here, and an admin's own module may want the web."""


START = """prosody -F >/tmp/log 2>&1 & pid=$!
    for _ in $(seq 600); do
        said=$(prosody-healthcheck 2>&1) && break
        kill -0 $pid 2>/dev/null || break
        sleep 0.2
    done
    echo "$name health $said"
    sed 's/^/x /' /proc/net/tcp /proc/net/tcp6 | awk -v name="$name" '$5 == "0A" { print name, "listens", $3 }'
    kill $pid; wait $pid; sed "s|^|$name log |" /tmp/log; rm -rf /var/lib/prosody/*"""
"""Starts Prosody until it is healthy, says where it listens, and stops it."""


def chosen() -> dict[str, Answers]:
    """Return each feature alone, all of them with every storage and level, any two answers, and odd cases."""
    combined = {
        f"{name}-{storage}-{level}": whole(features, storage, level)
        for (name, features), storage, level in product(everything().items(), all_backends(), LEVELS)
    }
    further = {name: answers(BASE + text, DOMAIN) for name, text in FURTHER.items()}
    return {**alone_with(), **combined, **pairs(), **further}


def alone_with(storage: str = "sqlite", level: str = "recommended") -> dict[str, Answers]:
    """Return each feature alone, with a storage backend and a level."""
    return {
        f"alone-{feature.name}-{storage}-{level}": whole(alone(feature), storage, level) for feature in all_features()
    }


def sampled(count: int) -> dict[str, Answers]:
    """Return answers as hypothesis finds them, always the same ones."""
    found: dict[str, Answers] = {}

    @seed(1)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.all_answers())
    def collect(wanted: Answers) -> None:
        try:
            desired(wanted)
        except AnswersError:
            return
        found[f"sample-{len(found):03}"] = wanted

    collect()
    return found


def write(folder: Path, wanted: Mapping[str, Answers]) -> None:
    """Write a folder of settings for each, and the secrets and certificates of all."""
    for name in ("configs", "secrets"):
        (folder / name).mkdir()
    found = {name: desired(each) for name, each in wanted.items()}
    names = [name for each in found.values() for request in each.certificates for name in request.names]
    certificate(folder / "certs" / "live" / "all", sorted(set(names)))
    for name, each in found.items():
        settings = folder / "configs" / name
        (settings / "conf.d").mkdir(parents=True)
        (settings / "prosody.cfg.lua").write_text(prosody_config(each, templates()))
        for reference in each.references:
            place = folder / "secrets" if reference.is_secret else settings
            (place / reference.name).write_text(content(PurePosixPath(reference.source)))
        for secret in each.secrets:
            (folder / "secrets" / secret.name).write_text("not a secret, but as long as one must be\n")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def run(image: str, folder: Path, script: str) -> str:
    """Run a shell script in a container of the image that has no network but its own loopback."""
    mounts = [f"--volume={folder / name}:/{name}:ro" for name in ("configs", "secrets", "certs")]
    options = ["--rm", "--network=none", "--user=5222:5222", "--cap-add=NET_BIND_SERVICE", "--entrypoint=sh"]
    own = ("/run/prosody", "/var/lib/prosody", "/etc/prosody")
    tmpfs = [f"--tmpfs={place}:uid=5222,gid=5222,mode=0755" for place in own]
    done = subprocess.run(
        ["docker", "run", *options, f"--env=HEALTH_DOMAIN={DOMAIN}", *tmpfs, *mounts, image, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=800,
    )
    return done.stdout + done.stderr


def each(image: str, folder: Path, script: str) -> list[str]:
    """Run a shell script for each configuration, ``$name``, in several containers at once; return the lines."""
    take = "rm -rf /etc/prosody/*; cp -r /configs/$name/. /etc/prosody/"
    scripts = [
        f"for name in $(ls /configs | awk 'NR % {AT_ONCE} == {number}'); do {take}; {script}; done"
        for number in range(AT_ONCE)
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return "".join(pool.map(partial(run, image, folder), scripts)).splitlines()


def check_all(image: str, folder: Path, wanted: Mapping[str, Answers]) -> None:
    """Have Prosody and our own check look at each configuration."""
    write(folder, wanted)
    said = each(image, folder, 'prosody-check 2>&1; echo "$name -- rc $?"')
    assert not [line for line in said if not EXPECTED.fullmatch(line)]
    assert len([line for line in said if line.endswith("-- rc 0")]) == len(wanted), said


def start_all(image: str, folder: Path, wanted: Mapping[str, Answers]) -> None:
    """Start Prosody with each configuration, and see that it is well, listens where it is to, and complains of nothing.

    With storage that needs another program it starts in tests of that, such as test_postgresql.py.
    """
    own = StorageAnswers(backend="internal")
    alone = {
        name: found if stands_alone(found) else found.model_copy(update={"storage": own})
        for name, found in wanted.items()
    }
    write(folder, alone)
    lines = [line.partition(" ") for line in each(image, folder, START)]
    told: dict[str, list[str]] = {name: [] for name in alone}
    for name, _, text in lines:
        told[name].append(text)
    assert {name: wrong for name, found in alone.items() if (wrong := list(complaints(told[name], found)))} == {}


def complaints(said: list[str], wanted: Answers) -> Iterator[str]:
    """Yield what is wrong with a start: not healthy, other listeners than wanted, errors and warnings in the log."""
    if not any(text.startswith("health healthy") for text in said):
        yield "\n".join(said)
    listens = {address(text.removeprefix("listens ")) for text in said if text.startswith("listens ")}
    if listens != set(expected_listeners(desired(wanted))):
        yield f"listens at {sorted(listens)}"
    grumbles = [text for text in said if re.search(r"\s(warn|error)\t", text)]
    yield from (text for text in grumbles if not any(words in text for words in HARMLESS))


def stands_alone(wanted: Answers) -> bool:
    """Say whether its storage needs no other program."""
    return not all_backends()[wanted.storage.backend].environment


def expected_listeners(wanted: Desired) -> Iterator[tuple[str, int]]:
    """Yield where Prosody is to listen for TCP."""
    for port in wanted.ports:
        if (port.container, port.protocol) == ("prosody", "tcp"):
            yield from ((place, port.number) for place in ((port.address,) if port.address else ("0.0.0.0", "::")))  # noqa: S104


def address(kernels: str) -> tuple[str, int]:
    """Return address and port as people write them, from ``/proc/net/tcp``."""
    host, port = kernels.split(":")
    packed = b"".join(bytes.fromhex(host[at : at + 8])[::-1] for at in range(0, len(host), 8))
    return str(ip_address(packed)), int(port, 16)


def test_prosodyctl_check_config_finds_nothing(image: str, tmp_path: Path) -> None:
    wanted = {**chosen(), **sampled(40)}
    assert len(wanted) > 100
    check_all(image, tmp_path, wanted)


def test_prosodyctl_check_config_would_find_something(image: str, tmp_path: Path) -> None:
    """The test above can fail: an option in the wrong place is found."""
    write(tmp_path, {"bad": whole({})})
    file = tmp_path / "configs" / "bad" / "prosody.cfg.lua"
    file.write_text(file.read_text().replace('Include "conf.d', 'limits = {}\nInclude "conf.d'))
    said = each(image, tmp_path, "prosodyctl check config; echo rc $?")
    assert "rc 2" in said
    assert [line for line in said if not EXPECTED.fullmatch(line)]


def test_prosody_starts_well_and_listens_where_it_is_to(image: str, tmp_path: Path) -> None:
    wanted = chosen()
    needless = [name for name, found in wanted.items() if name.startswith("all") and not stands_alone(found)]
    start_all(image, tmp_path, {name: found for name, found in wanted.items() if name not in needless})


@pytest.mark.long
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("storage", all_backends())
def test_each_feature_alone_with_each_storage_and_level(image: str, tmp_path: Path, storage: str, level: str) -> None:
    wanted = alone_with(storage, level)
    works = (check_all, start_all) if all(map(stands_alone, wanted.values())) else (check_all,)
    for number, work in enumerate(works):
        folder = tmp_path / str(number)
        folder.mkdir()
        work(image, folder, wanted)


def certificate(folder: Path, names: list[str]) -> None:
    """Make a certificate of its own for all names."""
    folder.mkdir(parents=True)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    made = (
        x509.CertificateBuilder(
            subject, subject, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
