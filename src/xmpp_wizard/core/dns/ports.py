"""What the engine needs of the world's name servers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from xmpp_wizard.core.dns.account import Access, DnsAccount, Registration
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.host_meta import WebPage
from xmpp_wizard.core.dns.reply import Question, Replies


class Resolver(Protocol):
    """Asks name servers; never raises: what fails is a state of the reply."""

    def ask(self, questions: Sequence[Question], resolvers: Sequence[str], seconds: float) -> Replies:
        """Return a reply to each question, all asked at once and answered within ``seconds``.

        A question that names neither a server nor a resolver goes to ``resolvers`` (addresses, with ``@port`` where
        it is not 53), or to those of this machine where none are given.
        """


class WebPages(Protocol):
    """Web servers of others, such as one that says which address a question comes from."""

    def get(self, url: str, seconds: float, *, over_ipv4: bool = False) -> WebPage:
        """Return what it answers in the end, whatever its status.

        Raises:
            EffectError: not reached, or its certificate is not trusted.
        """


class DnsProviders(Protocol):
    """Changes records where they are kept. What comes of it is seen by asking the name servers, not believed."""

    def apply(self, access: Access, change: Change) -> None:
        """Make ``change``; a record that is there already, or gone already, is fine.

        Raises:
            DnsRefusedError: refused; nothing of it was done.
            DnsProviderError: nobody answers, or it went wrong half way; what was done before that stays.
        """

    def has(self, access: Access, zone: str) -> bool:
        """Say whether the account keeps ``zone``, without changing anything.

        Raises:
            DnsProviderError: the token or key is refused or may not change it, or nobody answers.
        """

    def claim(self, access: Access, zone: str) -> None:
        """Make ``zone`` the account's own, where the provider gives names away; if it is that already, fine.

        Raises:
            NameTakenError: it is somebody else's.
            DnsProviderError: refused, or nobody answers.
        """

    def register(self, account: DnsAccount) -> Registration:
        """Return a new place for proofs on an acme-dns server.

        Raises:
            DnsProviderError: it registers nobody, or does not answer.
        """
