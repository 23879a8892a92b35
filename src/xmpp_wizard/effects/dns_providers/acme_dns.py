"""A server of the acme-dns kind (github.com/joohoi/acme-dns): it keeps the last two texts of a place, nothing else."""

from __future__ import annotations

from xmpp_wizard.core.dns.account import Access, DnsAccount, Registration
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.dns_providers.web import Answer, call

_WHO = "acme-dns"
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404
_PARTS = ("fulldomain", "subdomain", "username", "password")


def register(account: DnsAccount) -> Registration:
    """Return a new place.

    Raises:
        DnsProviderError: the server registers nobody, is none, or does not answer.
    """
    answer = call(_WHO, "POST", f"{account.api_url}/register", {})
    found = answer.body if answer.status < 300 and isinstance(answer.body, dict) else {}  # noqa: PLR2004 done
    parts = [str(found.get(part) or "") for part in _PARTS]
    if not all(parts):
        raise _refusal(answer, account)
    return Registration(parts[0].rstrip(".").lower(), *parts[1:])


def put_texts(access: Access, change: Change) -> None:
    """Publish the texts that ``change`` adds; what is to go is pushed out by what comes.

    Raises:
        DnsProviderError: the server does not know the registration any more, or does not answer.
    """
    names = dict(access.account.options)
    headers = {"X-Api-User": names["user"], "X-Api-Key": access.secret.reveal()}
    for record in change.add:
        body = {"subdomain": names["subdomain"], "txt": record.value}
        answer = call(_WHO, "POST", f"{access.account.api_url}/update", headers, body)
        if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
            raise DnsRefusedError(
                say(
                    "{url} does not let this server write to {name} any more",
                    url=access.account.api_url,
                    name=record.name,
                ),
                say(
                    "Was that server set up anew, or does it only take changes from other addresses? To register once"
                    " more: xmpp-wizard cert issue after removing {path}, and then set the new CNAME records.",
                    path=access.account.secret_file,
                ),
            )
        if answer.status >= 300:  # noqa: PLR2004 not done
            raise _refusal(answer, access.account)


def _refusal(answer: Answer, account: DnsAccount) -> DnsProviderError:
    values = {"url": account.api_url, "reason": answer.reason}
    if answer.status in (_NOT_FOUND, _FORBIDDEN, _UNAUTHORIZED):
        return DnsRefusedError(
            say("{url} registers nobody: {reason}", **values),
            say("Is it the address of an acme-dns server, and may this machine register there?"),
        )
    return DnsProviderError(
        say("what answers at {url} is no acme-dns server: {reason}", **values),
        say("Look at certificates.acme.acme_dns_url."),
    )
