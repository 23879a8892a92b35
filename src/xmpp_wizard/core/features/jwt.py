"""Log-in by signed tokens (JWT, RFC 7519) that another program makes, such as a website where people are known."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from xmpp_wizard.core.errors import ProofFailedError
from xmpp_wizard.core.kit import known_elsewhere, tokens
from xmpp_wizard.core.kit.bench import Account, Bench
from xmpp_wizard.core.kit.feature import (
    Contribution,
    Feature,
    Preset,
    ProofPeople,
    ProofStep,
    Reference,
    SecretFile,
    Set,
    Settings,
    Site,
)
from xmpp_wizard.core.kit.known_elsewhere import PROOF_NAMES
from xmpp_wizard.core.kit.proofs import expect_refusal, way_in
from xmpp_wizard.core.model import LeftOut, OrChosen, Switchable
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import Text, WrongValueError, say
from xmpp_wizard.core.values import AbsolutePath, SecretPath

PRESETS: frozenset[Preset] = frozenset()
OWN_SECRET, GIVEN_SECRET, PUBLIC_KEY = "jwt", "jwt-given", "jwt-key.pem"
MODULE = "auth_signed_token"
PROOF_SECONDS = 600
"""So long the proof's own tokens hold."""


class JwtAnswers(Switchable):
    """Who makes the tokens, and what must be in them."""

    algorithm: tokens.Algorithm = Field(
        default="HS256",
        title="How tokens are signed",
        description="HS256: with a secret that both sides know. RS256, ES256: with a private key that this server "
        "does not have; it only needs the public one.",
    )
    secret_file: OrChosen[SecretPath] = Field(
        default=None,
        title="File with the secret (HS256)",
        description="One line of at least 32 signs that the website has, too; left out, one is made for you to copy: "
        "secrets/prosody/jwt beside the answers.",
        examples=["/root/jwt-secret.txt"],
    )
    public_key_file: AbsolutePath | None = Field(
        default=None,
        title="File with the public key (RS256, ES256)",
        description="As PEM: RSA of at least 2048 bits, or EC on the curve P-256.",
        examples=["/root/jwt-public.pem"],
    )
    issuer: str = Field(
        default="",
        max_length=500,
        title="Issuer",
        description="Must be in each token as iss; empty: it is not looked at.",
        examples=["https://www.example.org"],
    )
    audience: Annotated[str, LeftOut(say("the domain itself"))] = Field(
        default="",
        max_length=500,
        title="Audience",
        description="Must be in each token as aud; empty, and on further domains: the domain itself.",
        examples=["chat"],
    )
    name_claim: str = Field(
        default="sub",
        max_length=60,
        pattern=r"^[A-Za-z][A-Za-z0-9_-]*$",
        title="Field with the name",
        description="Says in a token whose it is: alice, or the whole address alice@example.org.",
    )
    clock_skew_seconds: int = Field(
        default=60,
        ge=0,
        le=600,
        title="Clocks may differ by (seconds)",
        description="So long a token is taken before it begins and after it ends.",
    )
    proof_tokens_file: SecretPath | None = Field(
        default=None,
        title="File with the proof's tokens",
        description="Only for RS256 and ES256: a line each with a token for xw-proof-1 and xw-proof-2, that hold "
        "for long; the proof logs in with them. With HS256 it makes its own.",
        examples=["/root/proof-tokens.txt"],
    )

    @field_validator("public_key_file")
    @classmethod
    def _goes_with_the_algorithm(cls, file: str | None, info: ValidationInfo) -> str | None:
        algorithm = info.data.get("algorithm", "HS256")
        if algorithm != "HS256" and file is None:
            raise WrongValueError(say("{algorithm} needs the public key of who signs the tokens", algorithm=algorithm))
        if algorithm == "HS256" and file is not None:
            raise WrongValueError(say("HS256 has no public key: set algorithm to RS256 or ES256, whichever it is for"))
        if algorithm != "HS256" and info.data.get("secret_file") is not None:
            raise WrongValueError(say("{algorithm} has no secret: leave out secret_file", algorithm=algorithm))
        return file


def contribute(answers: JwtAnswers, site: Site) -> Contribution:
    """Return the log-in by tokens; a token is sent as the password, so only PLAIN (inside TLS) can be offered."""
    return Contribution(
        modules=known_elsewhere.modules(MODULE),
        settings=_settings(answers),
        host_settings={"token_audiences": Set(_audiences(answers, site))},
        secrets=(SecretFile(OWN_SECRET),) if _makes_secret(answers) else (),
        references=_references(answers),
        accounts_elsewhere=say("Accounts begin with the first log-in by a token of your website."),
        proof_people=_proof_people(answers, site),
        proofs=PROOFS,
        dropped_proofs=known_elsewhere.DROPPED_PROOFS,
    )


def _makes_secret(answers: JwtAnswers) -> bool:
    return answers.algorithm == "HS256" and answers.secret_file is None


def _settings(answers: JwtAnswers) -> Settings:
    secret = f"/secrets/{OWN_SECRET if _makes_secret(answers) else GIVEN_SECRET}"
    return {
        **known_elsewhere.settings(MODULE),
        "token_algorithm": Set(answers.algorithm),
        "token_key_file": Set(secret if answers.algorithm == "HS256" else f"/etc/prosody/{PUBLIC_KEY}"),
        "token_name_claim": Set(answers.name_claim),
        "token_clock_skew": Set(answers.clock_skew_seconds),
        **({"token_issuer": Set(answers.issuer)} if answers.issuer else {}),
    }


def _audiences(answers: JwtAnswers, site: Site) -> tuple[str, ...]:
    """Return what a token may be for. One for the main domain must not open another, so each has its own."""
    if answers.audience and (site.is_main or not site.main_domain):
        return (answers.audience,)
    return tuple(dict.fromkeys((site.domain, ascii_name(site.domain))))


def _references(answers: JwtAnswers) -> tuple[Reference, ...]:
    way = answers.algorithm
    if way != "HS256" and answers.public_key_file:
        return (Reference(answers.public_key_file, PUBLIC_KEY, "features.jwt.public_key_file", key_for=way),)
    if way == "HS256" and answers.secret_file:
        key = "features.jwt.secret_file"
        return (Reference(answers.secret_file, GIVEN_SECRET, key, is_secret=True, key_for=way),)
    return ()


def _proof_people(answers: JwtAnswers, site: Site) -> ProofPeople:
    if answers.algorithm != "HS256":
        key = "features.jwt.proof_tokens_file"
        return ProofPeople(PROOF_NAMES, answers.proof_tokens_file or "", key, passwords=_given_tokens)
    secret = OWN_SECRET if _makes_secret(answers) else GIVEN_SECRET
    return ProofPeople(PROOF_NAMES, "", "features.jwt", secret, partial(_own_tokens, answers, site))


def _own_tokens(answers: JwtAnswers, site: Site, content: bytes, domain: str, now: float) -> tuple[str, str]:
    """Return a token for each, made as the website makes them, with the secret that both know."""
    secret = tokens.first_line(content)
    audience = answers.audience if answers.audience and domain == site.main_domain else ascii_name(domain)
    claims: dict[str, str | int] = {
        "iss": answers.issuer,
        "aud": audience,
        "iat": int(now),
        "exp": int(now) + PROOF_SECONDS,
    }
    first, second = (tokens.signed(secret, {**claims, answers.name_claim: f"{name}@{domain}"}) for name in PROOF_NAMES)
    return first, second


def _given_tokens(content: bytes, _domain: str, now: float) -> tuple[str, str]:
    """Return the tokens in the admin's file.

    Raises:
        ProofFailedError: there are not two, or one has ended.
    """
    lines = [line.strip() for line in content.decode(errors="replace").splitlines() if line.strip()]
    how = say(
        "Make tokens for {names} that hold for long: features.jwt.proof_tokens_file.",
        names=", ".join(PROOF_NAMES),
    )
    if len(lines) != len(PROOF_NAMES):
        raise ProofFailedError(say("the file of the proof's tokens has {count} lines, not two", count=len(lines)), how)
    for name, token in zip(PROOF_NAMES, lines, strict=True):
        end = tokens.ends_at(token)
        if end is not None and end <= now:
            raise ProofFailedError(say("the proof's token for {name} has ended", name=name), how)
    return lines[0], lines[1]


async def prove_log_in(bench: Bench) -> Text:
    """Log in with a token; it must not open somebody else's account, and a changed one opens none."""
    async with bench.log_in(bench.alice) as session:
        seen = way_in(session)
    token = bench.alice.password.reveal()
    header, claims, signature = token.split(".")
    forged = f"{header}.{claims}.{signature[::-1]}"
    for account in (Account(bench.bob.jid, bench.alice.password), Account(bench.alice.jid, Secret(forged))):
        await expect_refusal(bench, account, say("{jid} got in with a wrong token", jid=account.jid))
    return seen


PROOFS = (ProofStep("jwt", say("Log in by a token"), prove_log_in),)


FEATURE = Feature(
    name="jwt",
    title=say("Log-in by tokens (JWT)"),
    summary=say("Who is logged in on your website gets into the chat by a signed token."),
    settings=JwtAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("RFC 4616", "RFC 7515", "RFC 7518", "RFC 7519"),
)
