"""Rules of the admin's own for every message, in the language of mod_firewall."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.kit.bench import Bench
from xmpp_wizard.core.kit.feature import Add, Contribution, Feature, Modules, ProofStep, Reference, Site
from xmpp_wizard.core.kit.proofs import expect_feature
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.values import AbsolutePath


class FirewallScriptsAnswers(Model):
    """Rules of your own; none at first."""

    files: tuple[AbsolutePath, ...] = Field(
        default=(),
        title="Files with rules",
        description="Scripts for Prosody's mod_firewall (.pfw); they are copied, and read again after a change.",
        examples=[["/root/no-links-from-strangers.pfw"]],
    )


def contribute(answers: FirewallScriptsAnswers, _site: Site) -> Contribution:
    """Return the scripts in the order of the answers, each under a name that cannot clash."""
    if not answers.files:
        return Contribution()
    names = [f"rules-{number}.pfw" for number in range(1, len(answers.files) + 1)]
    key = "features.firewall_scripts.files"
    return Contribution(
        modules=Modules(community=("firewall", "own_rules")),
        settings={"firewall_scripts": Add(tuple(f"/etc/prosody/{name}" for name in names))},
        references=tuple(Reference(file, name, key) for file, name in zip(answers.files, names, strict=True)),
        proofs=(ProofStep("own_rules", say("Your own rules are in force"), prove_rules),),
    )


RULES = "urn:xmpp-wizard:own-rules"
"""What mod_own_rules in the image tells; mod_firewall leaves a script with a mistake out without a word."""


async def prove_rules(bench: Bench) -> Text:
    """Ask the server whether all scripts could be read."""
    await expect_feature(
        bench,
        RULES,
        say("a file of features.firewall_scripts has a mistake and is not in force"),
        say("Which one and where, says: xmpp-wizard logs"),
    )
    return say("all files could be read")


FEATURE = Feature(
    name="firewall_scripts",
    title=say("Rules of your own"),
    summary=say("Scripts that decide on every message, for those who want to write some."),
    settings=FirewallScriptsAnswers,
    contribute=contribute,
)
