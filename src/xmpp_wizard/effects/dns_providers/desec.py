"""deSEC by its own interface (desec.readthedocs.io): all changes of a zone in one request, which counts whole or not.

Record by record it would refuse most: it takes 15 changes of a zone in a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from xmpp_wizard.core.dns.account import Access
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.zone_file import rdata
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError, NameTakenError
from xmpp_wizard.core.text import say
from xmpp_wizard.effects.dns_providers.web import Answer, call

DESEC_URL = "https://desec.io/api/v1"
_WHO = "deSEC"
_USUAL_TTL_SECONDS = 3600
_MOST_PAGES = 100
"""Of 500 sets each."""
_NOBODYS = "_xmpp-wizard"
"""A name that has no records."""
_NOT_FOUND, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _BAD = 404, 401, 403, 429, 400
_Set = tuple[str, str]
"""The part of a name before the zone (empty: the zone itself), and a kind."""


def has_zone(access: Access, zone: str) -> bool:
    """Say whether the account has this zone.

    Raises:
        DnsProviderError: the token is refused or may not write to the zone, or nobody answers.
    """
    if not _is_there(access, zone):
        return False
    # taking away what is not there changes nothing, and is refused to who may not write
    nothing = [{"subname": _NOBODYS, "type": "TXT", "records": []}]
    _insist(_call(access, "PATCH", f"domains/{zone}/rrsets/", nothing), access, zone)
    return True


def claim_zone(access: Access, zone: str) -> None:
    """Make the zone, unless the account has it.

    Raises:
        NameTakenError: another account has it.
        DnsProviderError: the token may not make one, or nobody answers.
    """
    if _is_there(access, zone):
        return
    answer = _call(access, "POST", "domains/", {"name": zone})
    if answer.status == _BAD:
        raise NameTakenError(
            say("{name} cannot be had at {provider}: {reason}", name=zone, provider=_WHO, reason=answer.reason),
            say("Somebody else has it, or it is not allowed. Choose another name."),
        )
    if answer.status == _FORBIDDEN:
        raise DnsRefusedError(
            say(
                "the token may not make {name} at {provider}: {reason}", name=zone, provider=_WHO, reason=answer.reason
            ),
            say(
                "Make the name yourself on its web page, or a token that may create domains; and look whether the"
                " account has room for one more."
            ),
        )
    _insist(answer, access, zone)


def change_zone(access: Access, change: Change) -> None:
    """Make the whole change, or nothing.

    Raises:
        DnsProviderError: refused, not the account's zone, or nobody answers.
    """
    least = _least_ttl(access, change.zone)
    there = _sets(access, change.zone)
    wanted = dict(there)
    for record, is_new in [*((item, False) for item in change.remove), *((item, True) for item in change.add)]:
        place = (_subname(record.name, change.zone), record.kind)
        same = _data(record.kind, rdata(record))
        others = tuple(value for value in wanted.get(place, ()) if _data(record.kind, value) != same)
        wanted[place] = (*others, rdata(record)) if is_new else others
    changed = [place for place in wanted if _all(place, wanted) != _all(place, there)]
    if not changed:
        return
    ttl = max(change.ttl_seconds, least)
    body = [{"subname": name, "type": kind, "ttl": ttl, "records": wanted[name, kind]} for name, kind in changed]
    _insist(_call(access, "PATCH", f"domains/{change.zone}/rrsets/", body), access, change.zone)


def _is_there(access: Access, zone: str) -> bool:
    answer = _call(access, "GET", f"domains/{zone}/")
    if answer.status == _NOT_FOUND:
        return False
    _insist(answer, access, zone)
    return True


def _least_ttl(access: Access, zone: str) -> int:
    answer = _call(access, "GET", f"domains/{zone}/")
    _insist(answer, access, zone)
    least = answer.body.get("minimum_ttl") if isinstance(answer.body, dict) else None
    return least if isinstance(least, int) else _USUAL_TTL_SECONDS


def _sets(access: Access, zone: str) -> dict[_Set, tuple[str, ...]]:
    """Return all sets of records of the zone, page by page."""
    found: dict[_Set, tuple[str, ...]] = {}
    path = f"domains/{zone}/rrsets/?cursor="
    for _ in range(_MOST_PAGES):
        answer = _call(access, "GET", path)
        _insist(answer, access, zone)
        try:
            found |= {(item["subname"], item["type"]): tuple(item["records"]) for item in answer.body}
        except (TypeError, KeyError):
            break
        further = answer.links.get("next", "")
        if "?" not in further:
            return found
        # only what it is asked for is taken from its address: the secret goes to nobody else
        path = f"domains/{zone}/rrsets/?{further.partition('?')[2]}"
    # a page to log in to a network, a proxy, or pages without end; half of the sets must not count as all
    raise DnsProviderError(
        say("what answers in place of {provider} is not understood", provider=_WHO),
        say("Is there a page to log in to this network, or a proxy? Run it again later."),
    )


def _subname(name: str, zone: str) -> str:
    return name.removesuffix(zone).rstrip(".")


def _all(place: _Set, sets: Mapping[_Set, tuple[str, ...]]) -> set[dns.rdata.Rdata | str]:
    return {_data(place[1], value) for value in sets.get(place, ())}


def _data(kind: str, value: str) -> dns.rdata.Rdata | str:
    """Return the value in a form in which two that mean the same are equal."""
    try:
        return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), value)
    except (dns.exception.DNSException, ValueError):
        return value


def _call(access: Access, method: str, path: str, body: Mapping[str, str] | Iterable[object] | None = None) -> Answer:
    base = access.account.api_url or DESEC_URL
    return call(_WHO, method, f"{base}/{path}", {"Authorization": f"Token {access.secret.reveal()}"}, body)


def _insist(answer: Answer, access: Access, zone: str) -> None:
    """Return if it was done.

    Raises:
        DnsProviderError: it was not.
    """
    if answer.status < 300:  # noqa: PLR2004 done (RFC 9110 15.3)
        return
    values = {"provider": _WHO, "reason": answer.reason, "zone": zone, "path": access.account.secret_file or "?"}
    if answer.status == _UNAUTHORIZED:
        raise DnsRefusedError(
            say("{provider} refuses the token: {reason}", **values),
            say("Make a new token there, with the right to change this zone, and put it into {path}.", **values),
        )
    if answer.status == _FORBIDDEN:
        raise DnsRefusedError(
            say("the token may not change {zone} at {provider}: {reason}", **values),
            say(
                "Make a token without restrictions there, or one that may write to {zone}; put it into {path}.",
                **values,
            ),
        )
    if answer.status == _NOT_FOUND:
        raise DnsRefusedError(
            say("the account at {provider} does not have {zone}", **values),
            say("Is it another account's token, or is dns.zone wrong?"),
        )
    if answer.status == _TOO_MANY:
        raise DnsProviderError(
            say("{provider} takes no more changes for now: {reason}", **values),
            say("Run it again later; it goes on where it stopped."),
        )
    raise DnsProviderError(
        say("{provider} did not take the change: {reason}", **values),
        say("What is missing can be entered by hand: xmpp-wizard dns check says it."),
    )
