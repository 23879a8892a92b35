"""The files that ship with this program: build contexts of the images, and templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say

_PACKAGE = Path(__file__).resolve().parent.parent


class ShippedAppliance:
    """:class:`~xmpp_wizard.core.ports.Appliance` from the installed package."""

    def __init__(self, package: Path = _PACKAGE) -> None:
        """``package`` is the folder with ``appliance/`` and ``templates/`` in it."""
        self._package = package

    def image(self, name: str) -> Mapping[str, bytes]:
        """Return the build context of the image ``name``; a part's files are below its name, its stages come last."""
        first, *parts = name.split("+")
        context = dict(self._folder(first))
        for part in parts:
            files = self._folder(part)
            context["Dockerfile"] += b"\n" + files["Dockerfile"]
            context |= {f"{part}/{path}": content for path, content in files.items() if path != "Dockerfile"}
        return context

    def _folder(self, name: str) -> Mapping[str, bytes]:
        """Return the files of one folder of images."""
        files = _files(self._package / "appliance" / "images" / name)
        if not name or "/" in name or "Dockerfile" not in files:
            raise EffectError(
                say("this program ships no image {name}", name=name or "(no name)"),
                say("The installation is damaged: run install.sh again."),
            )
        return files

    def templates(self) -> Mapping[str, str]:
        """Return all templates."""
        return {path: content.decode() for path, content in _files(self._package / "templates").items()}

    def catalogue(self, language: str) -> str:
        """Return the gettext catalogue of ``language``."""
        file = self._package / "locale" / language / "LC_MESSAGES" / "xmpp-wizard.po"
        return file.read_text(encoding="utf-8") if file.is_file() else ""


@cache
def _files(folder: Path) -> Mapping[str, bytes]:
    """Return all files below ``folder`` in a fixed order."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(_walk(folder)) if path.is_file()}


def _walk(folder: Path) -> Iterator[Path]:
    """Yield what belongs there: nothing that Python or an editor leaves behind, which would change an image's tag."""
    for path in folder.rglob("*"):
        inner = path.relative_to(folder).parts
        is_stray = path.suffix == ".pyc" or path.name.endswith("~") or path.name.startswith("#")
        is_hidden = any(part.startswith(".") for part in inner) and path.name != ".dockerignore"
        if not (is_stray or is_hidden or "__pycache__" in inner):
            yield path
