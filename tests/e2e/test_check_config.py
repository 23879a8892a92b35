"""Prosody itself has nothing to say against any configuration that answers can lead to, and starts with it."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, Phase, given, seed, settings
from tests import strategies
from tests.servers import answers, templates

from xmpp_wizard.core.answers import Answers
from xmpp_wizard.core.desired import desired
from xmpp_wizard.core.errors import AnswersError
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.render import prosody_config
from xmpp_wizard.core.storage import all_backends

pytestmark = pytest.mark.e2e

SWITCHABLE = [feature.name for feature in all_features() if issubclass(feature.settings, Switchable)]
AT_ONCE = 4
LEVELS = ("compatible", "recommended", "strict")
MODES = {"off": "", "list": 'features.federation.allow = ["else.example"]', "open": ""}
# people log in by one source only, and with accounts kept elsewhere nobody can join here, so these are tried alone
ALL_ON = "".join(f"features.{name}.enabled = {str(name not in {'ldap', 'jwt'}).lower()}\n" for name in SWITCHABLE)
BASE = 'admins = ["alice"]\nextra_domains = ["other.example", "bücher.example"]\n'
GUARDS = """features.sign_up.way = "apps"
features.sign_up.enabled = true
features.sign_up.captcha_site_key = "key"
features.sign_up.captcha_secret_file = "/root/captcha.txt"
features.block_list.blocked = ["spam.example"]
features.spam_reports.forward_to = ["reports@list.example"]
features.pages.color = "#112233"
"""
PASSWORD = 'storage.external.password_file = "/root/database.txt"\n'
EXPECTED = re.compile(
    r"""\s*|Checking\ config\.\.\.|Done\.|All\ checks\ passed.*|.*--\ rc\ 0
    |\s*The\ following\ configuration\ files\ have\ been\ loaded:|\s*-\s+/configs/.*\.lua
    |\s*Some\ of\ your\ hosts\ may\ be\ missing\ features.*
    |\s*Public\ registration\ is\ enabled\ on:|\ {8}[^ ]+\.[^ ]+(,\ [^ ]+\.[^ ]+)*
    |\s*If\ this\ is\ intentional,\ review\ our\ guidelines\ on\ running\ a\ public\ server
    |\s*at\ https://prosody\.im/doc/public_servers\ -\ otherwise,\ consider\ switching\ to
    |\s*invite-based\ registration,\ which\ is\ more\ secure\.
    |\s*For\ more\ details,\ use\ the\ 'prosodyctl\ check\ features'\ command\.""",
    re.VERBOSE,
)
"""All that a clean check prints: features that are switched off are missing, and registration that is on is open."""

HARMLESS = ("Received SIGTERM", "Failed to subscribe to RTBL")
"""It is the test that stops the server, and there is no network here."""


def chosen() -> dict[str, Answers]:
    """Return each feature alone, all of them, every storage with every level, and every way of federation."""
    alone = {
        f"alone-{name}": "".join(f"features.{other}.enabled = {str(other == name).lower()}\n" for other in SWITCHABLE)
        for name in SWITCHABLE
    }
    combined = {
        f"all-{storage}-{level}": f'{ALL_ON}storage.backend = "{storage}"\nsecurity.level = "{level}"\n{PASSWORD}'
        for storage, level in product(all_backends(), LEVELS)
    }
    trust = {"trust": 'features.federation.trusted_roots = "/root/roots.pem"'}
    federation = {f"federation-{mode}": f'features.federation.mode = "{mode}"\n{more}' for mode, more in MODES.items()}
    elsewhere = {"elsewhere": 'features.group_chat.host = "rooms.net.example"\nnetwork.resolvers = ["127.0.0.1@5353"]'}
    # Prosody writes the ß of a host as ss
    sharp = {"sharp-s": 'features.group_chat.host = "räume.straße.internal"'}
    guards = {"guards": GUARDS}
    texts = {**guards, **alone, **combined, **federation, **trust, **elsewhere, **sharp}
    return {name: answers(BASE + text) for name, text in texts.items()}


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
    """Write a configuration for each, with what it reads beside it."""
    (folder / "secrets").mkdir()
    secrets = {secret.name for found in wanted.values() for secret in desired(found).secrets}
    for name in {*secrets, "captcha.secret", "jwt-given", "ldap.password", "database.password"}:
        (folder / "secrets" / name).write_text("not a secret, but as long as one must be\n")
    (folder / "configs" / "conf.d").mkdir(parents=True)
    names = [name for found in wanted.values() for request in desired(found).certificates for name in request.names]
    certificate(folder / "certs" / "live" / "all", sorted(set(names)))
    (folder / "prosody").mkdir()
    shutil.copy(folder / "certs" / "live" / "all" / "fullchain.pem", folder / "prosody" / "trusted-roots.pem")
    for name, found in wanted.items():
        text = prosody_config(desired(found), templates())
        (folder / "configs" / f"{name}.lua").write_text(text)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def run(image: str, folder: Path, script: str) -> str:
    """Run a shell script in a container of the image that has no network but its own loopback."""
    mounts = [f"--volume={folder / name}:/{name}:ro" for name in ("configs", "secrets", "certs")]
    mounts.append(f"--volume={folder / 'prosody'}:/etc/prosody:ro")
    options = ["--rm", "--network=none", "--user=5222:5222", "--cap-add=NET_BIND_SERVICE", "--entrypoint=sh"]
    tmpfs = ["--tmpfs=/run/prosody:mode=1777", "--tmpfs=/var/lib/prosody:uid=5222,gid=5222"]
    done = subprocess.run(
        ["docker", "run", *options, *tmpfs, *mounts, image, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return done.stdout + done.stderr


def each(image: str, folder: Path, script: str) -> str:
    """Run a shell script for each configuration, ``$c``, in several containers at once, as most of it is waiting."""
    scripts = [
        f"for c in $(ls /configs/*.lua | awk 'NR % {AT_ONCE} == {number}'); do {script}; done"
        for number in range(AT_ONCE)
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return "".join(pool.map(partial(run, image, folder), scripts))


def test_prosodyctl_check_config_finds_nothing(image: str, tmp_path: Path) -> None:
    wanted = {**chosen(), **sampled(40)}
    assert len(wanted) > 40
    write(tmp_path, wanted)
    said = each(image, tmp_path, 'prosodyctl --config "$c" check config 2>&1; echo "$c -- rc $?"')
    assert said.count("-- rc 0") == len(wanted), said
    assert not [line for line in said.splitlines() if not EXPECTED.fullmatch(line)]


def test_prosodyctl_check_config_would_find_something(image: str, tmp_path: Path) -> None:
    """The test above can fail: an option in the wrong place is found."""
    write(tmp_path, {"good": answers()})
    text = (tmp_path / "configs" / "good.lua").read_text()
    (tmp_path / "configs" / "bad.lua").write_text(text.replace('Include "conf.d', 'limits = {}\nInclude "conf.d'))
    said = run(image, tmp_path, "prosodyctl --config /configs/bad.lua check config; echo rc $?")
    assert "rc 2" in said
    assert [line for line in said.splitlines() if not EXPECTED.fullmatch(line)]


def test_prosody_starts_without_a_complaint(image: str, tmp_path: Path) -> None:
    # with a database server it starts in tests of their own, such as test_postgresql.py
    wanted = {name: found for name, found in chosen().items() if not all_backends()[found.storage.backend].environment}
    write(tmp_path, wanted)
    start = 'timeout -s TERM 3 prosody --config "$c" -F 2>&1 | sed "s|^|$c |"; rm -rf /var/lib/prosody/*'
    said = each(image, tmp_path, start)
    lines = said.splitlines()
    began = {line.split()[0] for line in lines if "c2s' on" in line or "strict" in line.split()[0]}
    assert {Path(path).stem for path in began} | {"all-internal-strict", "all-sqlite-strict"} == set(wanted)
    complaints = [line for line in lines if re.search(r"\s(warn|error)\t", line)]
    assert not [line for line in complaints if not any(words in line for words in HARMLESS)]


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
