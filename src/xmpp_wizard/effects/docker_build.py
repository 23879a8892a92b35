"""Image builds by the engine's own builder: deterministic context, the tag last, nothing left of a failed one."""

from __future__ import annotations

import io
import os
import re
import ssl
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.errors import BuildError, EngineError
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.effects.chatter import Chatter
from xmpp_wizard.effects.docker_api import Engine, is_answer, is_silence, translated

PACKAGES_LABEL = "xmpp-wizard.packages"
IMAGE_LABEL = "xmpp-wizard.image"
"""Names the image, also where another one has got its tag, or it never got one."""
STAGE_LABEL = "xmpp-wizard.stage"
"""Names the image that a build's stage is for; each stage's Dockerfile sets it, as the engine labels only the last."""
PART_LABEL = "xmpp-wizard.part"
"""Names the part of the image that a stage is for, where it is not for all of it."""
_BUILD_SECONDS = 3600
"""For how long an unnamed image may still be part of another build that is under way."""
_SILENCE_SECONDS = 900
"""No single step of a build is silent for that long, even on a busy Pi; one that talks may take its time."""
_LAST_LINES = 15
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LIST_PACKAGES = ["dpkg-query", "-W", "-f", "${Package}=${Version} "]


def build_image(
    engine: Engine, image: str, tag: str, context: Mapping[str, bytes], labels: Mapping[str, str], report: Report
) -> None:
    """Build ``tag``; afterwards the versions of its Debian packages are one of its labels.

    Of the image's stages, hundreds of megabytes each, the newest stays, for the next build to begin with.

    Raises:
        BuildError: with the last lines of the build.
    """
    options = {
        "labels": {**labels, IMAGE_LABEL: image.partition("+")[0]},
        "buildargs": settings_of_this_machine(),
    }
    built = _build(engine, image, context_archive({**context, **trust_of_this_machine()}), report, options)
    packages = _packages(engine, built)
    dockerfile = f"FROM {built}\nLABEL {PACKAGES_LABEL}={_quoted(packages)}\n" if packages else f"FROM {built}\n"
    _build(engine, image, context_archive({"Dockerfile": dockerfile.encode()}), lambda _: None, {"tag": tag})
    with suppress(EngineError):
        tidy_images(engine, image.partition("+")[0], is_here=True)


def settings_of_this_machine() -> dict[str, str]:
    """Return what the environment says of where software is had from; proxies are in the engine's own settings."""
    return {name: os.environ[name] for name in ("NPM_CONFIG_REGISTRY",) if os.environ.get(name)}


def trust_of_this_machine() -> dict[str, bytes]:
    """Return the authorities that this machine trusts, which may be more than an image does; no part of any tag."""
    paths = ssl.get_default_verify_paths()
    file = Path(paths.cafile or "/etc/ssl/certs/ca-certificates.crt")
    return {"machine/certificates.pem": file.read_bytes() if file.is_file() else b""}


def context_archive(context: Mapping[str, bytes]) -> bytes:
    """Return a tar of the files: sorted, owned by root, of 1970, executable if they begin with ``#!``."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for path, content in sorted(context.items()):
            item = tarfile.TarInfo(path)
            item.size = len(content)
            item.mode = 0o755 if content.startswith(b"#!") else 0o644
            archive.addfile(item, io.BytesIO(content))
    return target.getvalue()


def _build(engine: Engine, image: str, archive: bytes, report: Report, options: Mapping[str, Any]) -> str:
    """Run one build and return the id of what it made."""
    what = say("cannot build the image {image}", image=image)
    said = Chatter(report, _SILENCE_SECONDS)
    built = failure = ""
    given: dict[str, Any] = {"custom_context": True, "rm": True, "forcerm": True, "decode": True, **options}
    try:
        with translated(what):
            stream = engine.api.build(fileobj=io.BytesIO(archive), timeout=_SILENCE_SECONDS, **given)
            for event in stream:
                for line in _lines(event):
                    said.hear(line)
                built = (event.get("aux") or {}).get("ID", built)
                failure = event.get("error", failure)
    except EngineError as error:
        if is_answer(error):
            raise BuildError(error.text, error.hint) from error.__cause__
        if not is_silence(error):
            raise
        failure = f"silent for {_SILENCE_SECONDS:g} s, given up"
    if failure or not built:
        lines = [*said.lines, failure or "the engine ended the build without a result"]
        shown = "\n".join(lines[-_LAST_LINES:])
        raise BuildError(say("{what}:\n{lines}", what=what, lines=shown), _hint("\n".join(lines)))
    return built


def _lines(event: Mapping[str, Any]) -> Iterator[str]:
    for line in _COLOURS.sub("", str(event.get("stream", ""))).splitlines():
        if line.strip():
            yield line.rstrip()


def _packages(engine: Engine, built: str) -> str:
    """Return ``name=version …`` of all Debian packages in the image; empty where it is not made of them."""
    api = engine.api
    config = {
        "Image": built,
        "Entrypoint": _LIST_PACKAGES,
        "Cmd": [],
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {"NetworkMode": "none", "LogConfig": {"Type": "json-file"}},
    }
    made = ""
    try:
        with translated(say("cannot list the packages of the image")):
            made = api.create_container_from_config(config)["Id"]  # type: ignore[no-untyped-call]
            api.start(made)
            if api.wait(made, timeout=60)["StatusCode"] != 0:
                return ""
            return str(api.logs(made, stdout=True, stderr=False).decode()).strip()
    except EngineError:
        # an image without dpkg cannot be started like this; versions are information, not a part of the server
        return ""
    finally:
        if made:
            with suppress(EngineError), translated(say("cannot remove {name}", name=made)):
                api.remove_container(made, v=True, force=True)


def tidy_images(engine: Engine, image: str, *, is_here: bool) -> None:
    """Remove what builds of ``image`` left unnamed; ``is_here`` says whether one with a name is to be built on.

    Raises:
        EngineError: it does not tell what there is; what is used, or cannot be removed now, just stays.
    """
    with translated(say("cannot list the images")):
        stages, finished = (
            engine.api.images(filters={"dangling": True, "label": f"{label}={image}"})
            for label in (STAGE_LABEL, IMAGE_LABEL)
        )
        # the engine's own clock made them, and may be another machine's
        now = datetime.fromisoformat(engine.api.info()["SystemTime"]).timestamp()
    newest: dict[str, Any] = {}
    for item in sorted(stages, key=lambda item: -int(item["Created"])):
        newest.setdefault((item["Labels"] or {}).get(PART_LABEL, ""), item)
    going = [*stages, *finished]
    if is_here:
        older = (item for item in going if item not in newest.values())
        going = [item for item in older if now - item["Created"] >= _BUILD_SECONDS]
    for item in going:
        with suppress(EngineError), translated(say("cannot remove the image {tag}", tag=item["Id"])):
            engine.api.remove_image(item["Id"])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'


def _hint(log: str) -> Text:
    if re.search(r"is not what its makers published", log):
        return say(
            "Something between this machine and npm's registry hands out another file. Nothing of it was used: find "
            "out who does that (NPM_CONFIG_REGISTRY, a proxy), then run it again."
        )
    if re.search(r"cannot be had from npm's registry", log):
        return say(
            "Web chat comes from npm's registry, which could not be had: is this machine online? Then run it again. "
            "A registry of your own is used if NPM_CONFIG_REGISTRY names it."
        )
    if re.search(r"Temporary failure resolving|Could not resolve|Could not connect|Unable to connect", log):
        return say("The package archive cannot be reached: is this machine online? Then run it again.")
    if "no space left" in log.lower():
        return say("Make room on the disk: docker system df shows what takes it, docker system prune frees it.")
    if re.search(r"Hash Sum mismatch|Release file .* (expired|not valid yet)", log):
        return say("The package archive and this machine's clock do not agree: look at date, then run it again.")
    return say("The lines above are the build's last ones; what they complain about stands in the way.")
