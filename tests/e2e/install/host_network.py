"""How this machine reaches package archives, handed on to a bare host without naming any.

A machine behind a mirror, a proxy or a certificate authority of its own has that in
the configuration of apt and pip; the hosts of these tests get the same.
"""

import ast
import os
import subprocess
import sys
import urllib.parse
from pathlib import Path

CERTIFICATES = "/etc/ssl/this-machine.crt"
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def proxies() -> dict[str, str]:
    """Environment variables that name a proxy."""
    return {name: os.environ[name] for name in PROXIES if name in os.environ}


def debian_mirror() -> list[str]:
    """Name the archive this machine itself uses if that is Debian's, as the product does."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"]
    found = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
    return found[:1]


def apt_configuration() -> str:
    """Everything apt is told about fetching, as one configuration file."""
    asked = ["apt-config", "dump", "--format", '%f "%v";\n', "Acquire"]
    dump = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    return "".join(
        f"{line}\n"
        for line in dump.splitlines()
        if not line.startswith("Acquire::IndexTargets") and not line.endswith(' "";')
    )


def pip_configuration() -> str:
    """Everything pip is told, from its files and from the environment, as one file."""
    lines = [f"{key} = {value}" for key, value in sorted(_pip_settings().items())]
    return "\n".join(["[global]", *lines, ""])


def pip_folders() -> list[str]:
    """Folders of this machine that pip is told to look into."""
    words = " ".join(_pip_settings().values()).split()
    plain = [Path(word) for word in words if word.startswith("/")]
    # The pages of an index on disk point to files that lie beside it.
    indexes = [Path(urllib.parse.urlsplit(word).path).parent for word in words if word.startswith("file:")]
    return sorted({str(path) for path in plain + indexes if path.is_dir()})


def certificates() -> bytes | None:
    """Read the certificate authorities that pip is told to trust."""
    bundle = os.environ.get("PIP_CERT") or _raw_pip_settings().get("cert")
    return Path(bundle).read_bytes() if bundle else None


def _pip_settings() -> dict[str, str]:
    settings = _raw_pip_settings()
    if "cert" in settings:
        settings["cert"] = CERTIFICATES
    return settings


def _raw_pip_settings() -> dict[str, str]:
    asked = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    pairs = (line.partition("=") for line in listing.splitlines())
    # Sorted, ":env:" comes before "global": pip itself prefers the environment.
    named = [(key.rpartition(".")[2], ast.literal_eval(value)) for key, _, value in pairs]
    return dict(reversed(named))
