"""Modules of Prosody that the admin chooses: community ones by name, and files of their own."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from xmpp_wizard.core.bench import Bench
from xmpp_wizard.core.feature import Contribution, Feature, Modules, ProofStep, Reference, Set, Site
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.names import shown
from xmpp_wizard.core.proofs import failed, features_of, has_feature
from xmpp_wizard.core.text import Text, WrongValueError, say
from xmpp_wizard.core.values import parse_path

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
ModuleName = Annotated[str, Field(pattern="^[a-z0-9_]{1,60}$")]


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


def contribute(answers: OwnModulesAnswers, _site: Site) -> Contribution:
    """Return them for every virtual host; a check looks at them before the server is interrupted."""
    if not answers.community and not answers.files:
        return Contribution()
    files = {PurePosixPath(file).name: file for file in answers.files}
    own = tuple(name.removeprefix("mod_").removesuffix(".lua") for name in files)
    return Contribution(
        modules=Modules(community=(*answers.community, "own_modules"), own=own),
        settings={"own_modules": Set(sorted({*answers.community, *own}))},
        references=tuple(Reference(file, name, "features.own_modules.files") for name, file in files.items()),
        proofs=(ProofStep("own_modules", say("Your own modules run"), prove_modules),),
    )


async def prove_modules(bench: Bench) -> Text:
    """Ask the server whether all of them are loaded."""
    async with bench.log_in(bench.alice) as alice:
        if not has_feature(await features_of(alice, bench.domain), MARK):
            raise failed(
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
