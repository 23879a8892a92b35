"""Modules of Prosody that the admin chooses: community ones by name, and files of their own."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Contribution, Feature, Modules, ProofStep, Reference, Set, Site
from xmpp_wizard.core.kit.proofs import expect_feature
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.names import shown
from xmpp_wizard.core.text import Text, WrongValueError, say
from xmpp_wizard.core.values import HttpsUrl, parse_path

_FILE = re.compile(r"mod_([a-z0-9_]+)\.lua")
MARK = "urn:xmpp-wizard:own-modules"
"""What mod_own_modules in the image tells once all of them are loaded."""


def parse_module_file(text: str) -> str:
    """Return ``text``, the path of a module's file, whose name says the module's.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    path = parse_path(text)
    if _FILE.fullmatch(PurePosixPath(path).name) is None:
        raise WrongValueError(
            say(
                "{given} must be a file like mod_hello.lua: that is how Prosody finds the module hello",
                given=shown(path),
            )
        )
    return path


ModuleFile = Annotated[
    str,
    AfterValidator(parse_module_file),
    WithJsonSchema({"type": "string", "pattern": r"^/(.*/)?mod_[a-z0-9_]+\.lua$"}),
]
Checksum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
ModuleName = Annotated[str, Field(pattern="^[a-z0-9_]{1,60}$")]


class FetchedModule(Model):
    """A module of one Lua file on the web."""

    name: ModuleName = Field(title="Name", description="hello for mod_hello.")
    url: HttpsUrl = Field(title="Address", description="Of the file itself, beginning with https://.")
    sha256: Checksum = Field(
        title="SHA-256", description="Of the file that you have looked at: sha256sum mod_hello.lua."
    )


class OwnModulesAnswers(Model):
    """Modules beyond what the features bring; none at first. Set their options in conf.d."""

    community: tuple[ModuleName, ...] = Field(
        default=(),
        title="Community modules",
        description="By name, from Debian's package prosody-modules; name what one needs, too: a check tells you.",
        examples=[["pastebin"]],
    )
    files: tuple[ModuleFile, ...] = Field(
        default=(),
        title="Modules of your own",
        description="Files such as /root/mod_hello.lua; they are copied, and read again after a change.",
        examples=[["/root/mod_hello.lua"]],
    )
    fetched: tuple[FetchedModule, ...] = Field(
        default=(),
        title="Modules from the web",
        description="For each its name, the address of its one file and the checksum of that, all in one line.",
        examples=[[{"name": "hello", "url": "https://example.org/mod_hello.lua", "sha256": "0123456789abcdef" * 4}]],
    )

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [*self.community, *map(_name, self.files), *(module.name for module in self.fetched)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise WrongValueError(say("the module {name} is named more than once", name=twice[0]))
        return self


def contribute(answers: OwnModulesAnswers, _site: Site) -> Contribution:
    """Return them for every virtual host; a check looks at them before the server is interrupted."""
    copied = [Reference(file, PurePosixPath(file).name, "features.own_modules.files") for file in answers.files]
    copied += [
        Reference("", f"mod_{module.name}.lua", "features.own_modules.fetched", url=module.url, sha256=module.sha256)
        for module in answers.fetched
    ]
    if not answers.community and not copied:
        return Contribution()
    own = tuple(_name(reference.name) for reference in copied)
    return Contribution(
        modules=Modules(community=(*answers.community, "own_modules"), own=own),
        settings={"own_modules": Set(sorted({*answers.community, *own}))},
        references=tuple(copied),
        proofs=(ProofStep("own_modules", say("Your own modules run"), prove_modules),),
    )


def _name(file: str) -> str:
    return PurePosixPath(file).name.removeprefix("mod_").removesuffix(".lua")


async def prove_modules(bench: Bench) -> Text:
    """Ask the server whether all of them are loaded."""
    await expect_feature(
        bench,
        MARK,
        say("a module of features.own_modules does not run"),
        say("Which one and why, says: xmpp-wizard logs"),
    )
    return say("all of them are loaded")


FEATURE = Feature(
    name="own_modules",
    title=say("Modules of your own"),
    summary=say("Any module of Prosody, from its community or written by yourself."),
    settings=OwnModulesAnswers,
    contribute=contribute,
)
