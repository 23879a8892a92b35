"""Mail and webhooks: the ways to a person that do not need the chat server itself."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.names import ascii_name
from xmpp_wizard.core.notify import TLS_AT_ONCE_PORT, Letter, MailServer, is_this_machine
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import say

if TYPE_CHECKING:
    import ssl


class HostNotifier:
    """:class:`~xmpp_wizard.core.notify.Notifier` by SMTP (RFC 5321, 6409) and HTTP."""

    def mail(
        self, server: MailServer, password: Secret | None, to: Sequence[str], letter: Letter, timeout_seconds: float
    ) -> None:
        """Encrypt wherever the server lets us; a password never goes out in the clear but to this machine."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = server.sender, ", ".join(to), str(letter.subject)
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=ascii_name(letter.domain))
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{letter.text}\n")
        with _translated(server), _connected(server, timeout_seconds) as connection:
            if password is not None:
                connection.login(server.user, password.reveal())
            connection.send_message(message)

    def post(self, url: str, letter: Letter, timeout_seconds: float) -> None:
        """Follow no other address: who sends us elsewhere has not taken the message."""
        import requests  # noqa: PLC0415 it takes long to load

        from xmpp_wizard.effects.deadline import session_within  # noqa: PLC0415

        body = {
            "domain": letter.domain,
            "code": letter.code,
            "subject": str(letter.subject),
            "text": str(letter.text),
            "is_over": letter.is_over,
        }
        try:
            with session_within(timeout_seconds) as session:
                answer = session.post(url, json=body, timeout=timeout_seconds, allow_redirects=False)
        except requests.RequestException as error:
            # the address itself may hold a secret
            raise EffectError(say("the webhook does not answer: {kind}", kind=type(error).__name__)) from None
        if not answer.ok or answer.is_redirect:
            raise EffectError(say("the webhook answers with status {status}", status=answer.status_code))


@contextmanager
def _connected(server: MailServer, timeout_seconds: float) -> Iterator[smtplib.SMTP]:
    context = _context(server.host)
    if server.port == TLS_AT_ONCE_PORT:
        with smtplib.SMTP_SSL(server.host, server.port, timeout=timeout_seconds, context=context) as secure:
            yield secure
        return
    with smtplib.SMTP(server.host, server.port, timeout=timeout_seconds) as connection:
        connection.ehlo()
        if connection.has_extn("starttls"):
            connection.starttls(context=context)
        elif server.password_file and not is_this_machine(server.host):
            raise EffectError(
                say("the mail server {host} offers no encryption, so it gets no password", host=server.host),
                say("Try notify.smtp_port = 465, or ask who runs it."),
            )
        yield connection


def _context(host: str) -> ssl.SSLContext:
    """Return how a mail server must prove itself; one on this machine need not."""
    import ssl  # noqa: PLC0415 loads OpenSSL

    context = ssl.create_default_context()
    if is_this_machine(host):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextmanager
def _translated(server: MailServer) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise EffectError(
            say("the mail server {host} refuses the log-in of {user}", host=server.host, user=server.user),
            say("Look at notify.smtp_user and the file that notify.smtp_password_file names."),
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        names = ", ".join(error.recipients)
        raise EffectError(say("the mail server {host} takes no mail for {to}", host=server.host, to=names)) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise EffectError(
            say("the mail server {host} port {port}: {reason}", host=server.host, port=server.port, reason=error),
            say("Look at notify.smtp_host and notify.smtp_port."),
        ) from error
