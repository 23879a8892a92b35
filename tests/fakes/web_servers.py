"""Web servers that read the files of a host in memory; a file with ``mistake`` in it is one that they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tests.fakes.files import FakeFiles
from tests.fakes.recorder import Recorder

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.network.front import FrontProgram
from xmpp_wizard.core.text import say


@dataclass
class FakeWebServers(Recorder):
    """``served`` are names in files of other people; ``read`` is what was there when files were last read."""

    files: FakeFiles = field(default_factory=FakeFiles)
    served: dict[str, str] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    def names(self, program: FrontProgram, config: str, own_file: str) -> Mapping[str, str]:
        self.hit("names", f"{program.title} {config}")
        return {name: file for name, file in self.served.items() if file != own_file}

    def check(self, program: FrontProgram, config: str) -> None:
        self.hit("check", config)
        if any("mistake" in text for text in self._texts(program, config).values()):
            raise EffectError(
                say("{program} finds a mistake: {words}", program=program.title, words="unknown: mistake")
            )

    def reload(self, program: FrontProgram, config: str) -> None:
        self.hit("reload", config)
        self.read = self._texts(program, config)

    def _texts(self, program: FrontProgram, config: str) -> dict[str, str]:
        root = config.removesuffix(program.config)
        folder = f"{root}{program.folder}"
        paths = [config, *(str(PurePosixPath(folder) / name) for name in self.files.names(folder))]
        contents = {path: self.files.read(path) for path in paths if path.endswith(program.ending) or path == config}
        return {path: content.decode() for path, content in contents.items() if content is not None}
