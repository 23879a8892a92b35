"""Whom this program calls when a person must act, and what it says: once a day at most, and once when it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field

from xmpp_wizard.core.model import Model, OrChosen
from xmpp_wizard.core.names import shown
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.core.upkeep import Trouble, is_news
from xmpp_wizard.core.values import SecretPath, refuse_password

TLS_AT_ONCE_PORT = 465
"""Submission over TLS (RFC 8314); on all other ports TLS comes after STARTTLS."""


def parse_mail_address(text: str) -> str:
    """Return ``text``, a mail address without a display name.

    Raises:
        ValueError: with a sentence on what is wrong.
    """
    local, _, domain = text.rpartition("@")
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' <>,;"\\')
    if not local or not domain or not is_plain:
        message = f"{shown(text)} is no mail address; one looks like alice@example.org"
        raise ValueError(message)
    return text


def parse_webhook(text: str) -> str:
    """Return ``text``, a web address to which a message can be posted.

    Raises:
        ValueError: with a sentence on what is wrong; what may be a secret in it is not shown.
    """
    refuse_password(text)
    is_plain = text.isascii() and text.isprintable() and " " not in text
    if text and (not text.startswith(("https://", "http://")) or not is_plain):
        message = "must be a web address, such as https://hooks.example.org/xmpp"
        raise ValueError(message)
    return text


MailAddress = Annotated[str, AfterValidator(parse_mail_address)]
Webhook = Annotated[str, AfterValidator(parse_webhook)]


class NotifyAnswers(Model):
    """How you are told when you must act: a certificate that cannot be renewed, for instance."""

    xmpp: bool = Field(
        default=True,
        title="Message to the admins",
        description="From the server itself, to everybody in admins.",
    )
    smtp_host: str = Field(
        default="localhost",
        max_length=255,
        pattern=r"^[A-Za-z0-9.:_-]+$",
        title="Mail server",
        description="For mail_to: who takes your mail, as in a mail app; left out, a mail server on this machine.",
        examples=["smtp.example.org"],
    )
    smtp_port: OrChosen[Annotated[int, Field(ge=1, le=65535)]] = Field(
        default=None,
        title="Its port",
        description="Left out: 587, or 25 on this machine. 465 is TLS at once.",
        examples=[587],
    )
    smtp_user: str = Field(default="", max_length=255, title="User name there", description="Empty: no log-in.")
    smtp_password_file: SecretPath | None = Field(
        default=None,
        title="File with the password",
        description="One line; only root should be able to read it.",
        examples=["/root/smtp-password.txt"],
    )
    mail_from: OrChosen[MailAddress] = Field(
        default=None,
        title="Sender",
        description="Left out: smtp_user if it is an address, else the first one of mail_to.",
        examples=["server@example.org"],
    )
    mail_to: tuple[MailAddress, ...] = Field(
        default=(), title="Mail to", description="Who gets a mail, too.", examples=[["alice@example.net"]]
    )
    webhook_url: Webhook = Field(
        default="",
        title="Webhook",
        description="A web address that gets a POST with JSON: domain, code, subject, text, is_over.",
        examples=["https://hooks.example.org/xmpp"],
    )
    language: OrChosen[Literal["en", "de"]] = Field(
        default=None,
        title="Language",
        description="In which you are told; left out, the one chosen in the wizard, else English.",
        examples=["de"],
    )


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes mail, and as whom; ``password_file`` is empty where there is no log-in."""

    host: str
    port: int
    user: str
    password_file: str
    sender: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Everybody who is to be told; each way is empty where it was not chosen."""

    admins: tuple[str, ...] = ()
    """XMPP addresses."""
    mail_to: tuple[str, ...] = ()
    mail_server: MailServer | None = None
    webhook_url: str = ""
    language: str = ""
    """In which they are told; empty: the one chosen in the wizard."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is told, the same on each way."""

    domain: str
    code: str
    subject: Text
    text: Text
    is_over: bool = False


def is_this_machine(host: str) -> bool:
    """Say whether what is sent to ``host`` stays on this machine."""
    return host in ("localhost", "::1") or host.startswith("127.")


def contact(answers: NotifyAnswers, admins: tuple[str, ...]) -> Contact:
    """Return whom the answers name."""
    sender = answers.mail_from or (answers.smtp_user if "@" in answers.smtp_user else "")
    server = MailServer(
        answers.smtp_host,
        answers.smtp_port or (25 if is_this_machine(answers.smtp_host) else 587),
        answers.smtp_user,
        answers.smtp_password_file or "",
        sender or next(iter(answers.mail_to), ""),
    )
    return Contact(
        admins=admins if answers.xmpp else (),
        mail_to=answers.mail_to,
        # also for invitations, which go to others
        mail_server=server if server.sender else None,
        webhook_url=answers.webhook_url,
        language=answers.language or "",
    )


def letter(domain: str, trouble: Trouble | None, told: Mapping[str, float], now: float, command: str) -> Letter | None:
    """Return what is to be told now, if anything.

    ``trouble`` is what a person must see to, ``told`` when people heard last of what is not over; ``command`` shows
    more.
    """
    if trouble is not None:
        if not is_news(trouble, told, now):
            return None
        text = say(
            "The server {domain} needs you: {what}. {how}\nSee more with: {command}",
            domain=domain,
            what=trouble.text,
            how=trouble.hint,
            command=command,
        )
        return Letter(domain, trouble.code, say("{domain}: a person is needed", domain=domain), text)
    if not told:
        return None
    subject = say("{domain}: all is well again", domain=domain)
    return Letter(domain, "well", subject, say("The server {domain} is well again.", domain=domain), is_over=True)


def told_after(given: Letter, told: Mapping[str, float], now: float) -> Mapping[str, float]:
    """Return what people have heard of once ``given`` has reached them."""
    return {} if given.is_over else {**told, given.code: now}


class Notifier(Protocol):
    """Ways to a person beside the chat server."""

    def mail(
        self, server: MailServer, password: Secret | None, to: Sequence[str], letter: Letter, timeout_seconds: float
    ) -> None:
        """Send a mail.

        Raises:
            EffectError: it was not taken; the text says by whom and why.
        """

    def post(self, url: str, letter: Letter, timeout_seconds: float) -> None:
        """Post the letter as JSON.

        Raises:
            EffectError: it was not taken.
        """
