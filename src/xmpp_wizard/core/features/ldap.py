"""Log-in by an LDAP directory (RFC 4511): the people, passwords and admins that a club or company already has."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from xmpp_wizard.core.kit import known_elsewhere
from xmpp_wizard.core.kit.bench import Account, Bench
from xmpp_wizard.core.kit.checks import Check, Problem
from xmpp_wizard.core.kit.feature import (
    Contribution,
    Feature,
    Preset,
    ProofPeople,
    ProofStep,
    Reference,
    Set,
    Settings,
    Site,
)
from xmpp_wizard.core.kit.proofs import expect_refusal, way_in
from xmpp_wizard.core.lua import FileLine
from xmpp_wizard.core.model import OrChosen, Switchable
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import Text, WrongValueError, say
from xmpp_wizard.core.values import AbsolutePath, SecretPath

PRESETS: frozenset[Preset] = frozenset()
MODULE = "auth_directory"
PASSWORD, ROOTS = "ldap.password", "ldap-roots.pem"
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
NOT_REACHED, NOT_LET_IN, NOBODY_THERE = 11, 12, 13
"""What ``templates/prosody/directory.lua`` ends with."""


class LdapAnswers(Switchable):
    """The directory, and who is who in it."""

    server: str = Field(
        default="localhost",
        max_length=255,
        pattern=r"^[A-Za-z0-9.:_-]+$",
        title="Directory server",
        description="Its name or address, as its certificate has it.",
        examples=["ldap.example.org"],
    )
    port: int = Field(default=389, ge=1, le=65535, title="Its port", description="Usual are 389, and 636 for tls.")
    encryption: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        title="Encryption",
        description="starttls: after a word in the clear. tls: from the start (ldaps). none: for this machine only.",
    )
    trusted_roots: OrChosen[AbsolutePath] = Field(
        default=None,
        title="File with the directory's authority",
        description="Certificates (PEM) to believe; left out, those that the whole world believes.",
        examples=["/root/directory-ca.pem"],
    )
    base: str = Field(
        default="",
        max_length=500,
        title="Where people are",
        description="The place in the directory to look below; empty: made of the domain, such as dc=example,dc=org.",
        examples=["ou=people,dc=example,dc=org"],
    )
    bind_name: str = Field(
        default="",
        max_length=500,
        title="Who looks people up",
        description="The server's own entry in the directory; empty: anybody may look.",
        examples=["cn=chat,dc=example,dc=org"],
    )
    password_file: SecretPath | None = Field(
        default=None,
        title="File with its password",
        description="One line; only root should be able to read it.",
        examples=["/root/ldap-password.txt"],
    )
    attribute: str = Field(
        default="uid",
        max_length=60,
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
        title="Field with the name for log-in",
        description="uid, or sAMAccountName in Active Directory.",
    )
    filter: str = Field(
        default="(objectClass=inetOrgPerson)",
        max_length=1000,
        pattern=r"^\(.+\)$",
        title="Who may log in",
        description="An LDAP filter; (objectClass=user) in Active Directory.",
    )
    admin_group: str = Field(
        default="",
        max_length=500,
        title="Group of the admins",
        description="The entry of a group whose members are admins of the chat server; empty: only those in admins.",
        examples=["cn=chat-admins,ou=groups,dc=example,dc=org"],
    )
    proof_password_file: SecretPath | None = Field(
        default=None,
        title="File with the proof's password",
        description="Make two people in the directory, xw-proof-1 and xw-proof-2, with one password: the proof logs "
        "in as them. What they leave on the chat server is erased after each proof.",
        examples=["/root/proof-password.txt"],
    )

    @field_validator("encryption")
    @classmethod
    def _keeps_passwords_to_itself(cls, encryption: str, info: ValidationInfo) -> str:
        server = info.data.get("server")
        if encryption == "none" and server not in THIS_MACHINE:
            raise WrongValueError(say("none would send everybody's password in the clear: use starttls or tls"))
        return encryption

    @field_validator("password_file")
    @classmethod
    def _comes_with_the_name(cls, file: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("bind_name") and file is None:
            raise WrongValueError(
                say("bind_name needs password_file: with an empty password directories let nobody in")
            )
        return file


def contribute(answers: LdapAnswers, site: Site) -> Contribution:
    """Return the log-in by the directory; it sees the password itself, so only PLAIN (inside TLS) can be offered."""
    return Contribution(
        modules=known_elsewhere.modules(MODULE),
        settings=_settings(answers, site),
        references=_references(answers),
        checks=(_check(answers, site),),
        accounts_elsewhere=say("Accounts are those of your directory: people are added and removed there."),
        proof_people=ProofPeople(
            known_elsewhere.PROOF_NAMES, answers.proof_password_file or "", "features.ldap.proof_password_file"
        ),
        proofs=PROOFS,
        dropped_proofs=known_elsewhere.DROPPED_PROOFS,
    )


def _settings(answers: LdapAnswers, site: Site) -> Settings:
    has_password = answers.bind_name and answers.password_file
    return {
        **known_elsewhere.settings(MODULE),
        "directory_url": Set(_url(answers)),
        "directory_starttls": Set(answers.encryption == "starttls"),
        "directory_base": Set(_base(answers, site)),
        "directory_attribute": Set(answers.attribute),
        "directory_filter": Set(answers.filter),
        **({"directory_name": Set(answers.bind_name)} if answers.bind_name else {}),
        **({"directory_password": Set(FileLine(f"/secrets/{PASSWORD}"))} if has_password else {}),
        **({"directory_roots": Set(f"/etc/prosody/{ROOTS}")} if answers.trusted_roots else {}),
        **({"directory_admin_group": Set(answers.admin_group)} if answers.admin_group else {}),
    }


def _url(answers: LdapAnswers) -> str:
    server = f"[{answers.server}]" if ":" in answers.server else answers.server
    return f"{'ldaps' if answers.encryption == 'tls' else 'ldap'}://{server}:{answers.port}"


def _base(answers: LdapAnswers, site: Site) -> str:
    domain = ascii_name(site.main_domain or site.domain)
    return answers.base or ",".join(f"dc={label}" for label in domain.split("."))


def _references(answers: LdapAnswers) -> tuple[Reference, ...]:
    found = []
    if answers.bind_name and answers.password_file:
        found.append(Reference(answers.password_file, PASSWORD, "features.ldap.password_file", is_secret=True))
    if answers.trusted_roots:
        key = "features.ldap.trusted_roots"
        found.append(Reference(answers.trusted_roots, ROOTS, key, holds_certificates=True))
    return tuple(found)


def _check(answers: LdapAnswers, site: Site) -> Check:
    password = f"/secrets/{PASSWORD}" if answers.bind_name and answers.password_file else ""
    starttls = "yes" if answers.encryption == "starttls" else "no"
    place = _base(answers, site)
    roots = (f"LDAPTLS_CACERT=/etc/prosody/{ROOTS}",) if answers.trusted_roots else ()
    return Check(
        name="ldap",
        title=say("Ask the directory"),
        program="prosody/directory.lua",
        arguments=(
            *(_url(answers), starttls, answers.bind_name, password),
            *(place, answers.filter, answers.attribute),
        ),
        environment=("LDAPNETWORK_TIMEOUT=5", "LDAPTIMEOUT=5", *roots),
        problems=_problems(_url(answers), place),
    )


def _problems(url: str, place: str) -> tuple[Problem, ...]:
    return (
        Problem(
            NOT_REACHED,
            say("the directory {url} cannot be used", url=url),
            say(
                "Does it run there? Is its certificate for that name, and its authority in features.ldap.trusted_roots?"
            ),
        ),
        Problem(
            NOT_LET_IN,
            say("the directory does not let this server look people up"),
            say("Correct features.ldap.bind_name or the password in features.ldap.password_file, then run again."),
        ),
        Problem(
            NOBODY_THERE,
            say("the directory has nobody below {place}", place=place),
            say("Correct features.ldap.base, filter or attribute; may bind_name look there? Then run again."),
        ),
    )


async def prove_log_in(bench: Bench) -> Text:
    """Log in with a password of the directory; a wrong one must be refused."""
    async with bench.log_in(bench.alice) as session:
        seen = way_in(session)
    wrong = Account(bench.alice.jid, Secret("not the password"))
    await expect_refusal(bench, wrong, say("{jid} got in with a wrong password", jid=wrong.jid))
    return seen


PROOFS = (ProofStep("ldap", say("Log in by the directory"), prove_log_in),)


FEATURE = Feature(
    name="ldap",
    title=say("Log-in by LDAP"),
    summary=say("People log in with the name and password that they have in your directory."),
    settings=LdapAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 4511", "RFC 4513", "RFC 4616"),
)
