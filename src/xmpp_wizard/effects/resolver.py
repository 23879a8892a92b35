"""Questions to name servers, all at once, with dnspython; replies become plain states, errors too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xmpp_wizard.core.dns.reply import DECIDED, SILENCE, Question, Replies, Reply, State
from xmpp_wizard.core.kit.foreign import one_line

if TYPE_CHECKING:
    import dns.message
    import dns.rdataset
    import dns.rrset

_PORT = 53
_TRY_SECONDS = 2.0
"""After so long without an answer a resolver is asked again, or the next one."""
_AT_ONCE = 100
"""Open sockets; a process may have 1024."""
_LONGEST_CHAIN = 16
_LONGEST_TEXT = 65535


class NetworkResolver:
    """:class:`~xmpp_wizard.core.dns.ports.Resolver` over UDP, and TCP where an answer is too long."""

    def ask(self, questions: Sequence[Question], resolvers: Sequence[str], seconds: float) -> Replies:
        """Ask from a loop of its own, so that it works inside programs that have one, too."""
        import asyncio  # noqa: PLC0415 it takes long to load, and a status asks nobody
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, _all(questions, resolvers, seconds)).result()


async def _all(questions: Sequence[Question], resolvers: Sequence[str], seconds: float) -> Replies:
    import asyncio  # noqa: PLC0415 see ask

    chosen = [_endpoint(resolver) for resolver in resolvers] or _own_resolvers()
    room = asyncio.Semaphore(_AT_ONCE)
    found = dict.fromkeys(questions, SILENCE)

    async def one(question: Question) -> None:
        async with room:
            one_alone = question.server or question.resolver
            found[question] = await _one(question, [_endpoint(one_alone)] if one_alone else chosen)

    tasks = [asyncio.create_task(one(question)) for question in found]
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    return found


async def _one(question: Question, servers: Sequence[tuple[str, int]]) -> Reply:
    """Ask the servers in turn, twice each, until one says something about the name.

    The second time without extensions (EDNS, RFC 6891): there are servers, routers and firewalls that fail on them.
    """
    best = SILENCE
    for server, is_plain in [*((server, False) for server in servers), *((server, True) for server in servers)]:
        reply = await _exchange(question, server, checks=True, is_plain=is_plain)
        if reply.state == "SERVFAIL" and not question.server:
            unchecked = await _exchange(question, server, checks=False)
            if unchecked.state in DECIDED:
                # it works as soon as nobody looks at the signatures
                return Reply("BOGUS", reason=reply.reason)
        if reply.state != "TIMEOUT" and not best.reason:
            best = reply
        if reply.state in (*DECIDED, "LOOP", "LAME"):
            return reply
    return best


async def _exchange(question: Question, server: tuple[str, int], *, checks: bool, is_plain: bool = False) -> Reply:
    import dns.asyncquery  # noqa: PLC0415 it takes long to load, and few commands need it
    import dns.exception  # noqa: PLC0415
    import dns.flags  # noqa: PLC0415
    import dns.message  # noqa: PLC0415

    flags = 0 if question.server else dns.flags.RD | dns.flags.AD
    flags |= 0 if checks else dns.flags.CD
    try:
        edns = False if is_plain else 0
        query = dns.message.make_query(question.name + ".", question.kind, use_edns=edns, flags=flags)
        answer, _ = await dns.asyncquery.udp_with_fallback(query, server[0], _TRY_SECONDS, server[1])
    except (dns.exception.DNSException, OSError, EOFError):
        # refused, unreachable or garbage, or no name that can be asked for: nobody who answers
        return SILENCE
    return _read(answer, question)


def _read(answer: dns.message.Message, question: Question) -> Reply:
    import dns.flags  # noqa: PLC0415 see _exchange
    import dns.rcode  # noqa: PLC0415

    reason = _reason(answer)
    code = dns.rcode.to_text(answer.rcode())
    failed: dict[str, State] = {"REFUSED": "REFUSED", "NOTAUTH": "LAME"}
    if code not in ("NOERROR", "NXDOMAIN"):
        return Reply(failed.get(code, "SERVFAIL"), reason=reason)
    if question.server and not answer.flags & dns.flags.AA:
        return Reply("LAME", reason=reason, referral=_referral(answer))
    return _follow(answer, question, is_missing=code == "NXDOMAIN", is_validated=bool(answer.flags & dns.flags.AD))


def _referral(answer: dns.message.Message) -> str:
    import dns.rdatatype  # noqa: PLC0415 see _exchange

    zones = (found.name for found in answer.authority if found.rdtype == dns.rdatatype.NS)
    return next((name.to_text(omit_final_dot=True).lower() for name in zones), "")


def _follow(answer: dns.message.Message, question: Question, *, is_missing: bool, is_validated: bool) -> Reply:
    """Walk from the name that was asked for over CNAMEs to the values."""
    import dns.name  # noqa: PLC0415 see _exchange
    import dns.rdataclass  # noqa: PLC0415
    import dns.rdatatype  # noqa: PLC0415

    kind, alias = dns.rdatatype.from_text(question.kind), dns.rdatatype.CNAME
    chain: list[str] = []
    name, seconds = dns.name.from_text(question.name), 0
    for _ in range(_LONGEST_CHAIN):
        found = answer.get_rrset(answer.answer, name, dns.rdataclass.IN, kind)
        if found is not None:
            return Reply("OK", _values(found), tuple(chain), found.ttl, is_validated)
        link = answer.get_rrset(answer.answer, name, dns.rdataclass.IN, alias)
        if link is None:
            # a name that leads to a missing one is there itself
            state: State = "NXDOMAIN" if is_missing and not chain else "NODATA"
            return Reply(state, (), tuple(chain), seconds or _absence_seconds(answer), is_validated)
        name, seconds = link[0].target, link.ttl
        target = name.to_text(omit_final_dot=True).lower()
        if target in (*chain, question.name):
            return Reply("LOOP", (), (*chain, target))
        chain.append(target)
    return Reply("LOOP", (), tuple(chain))


def _absence_seconds(answer: dns.message.Message) -> int:
    """Return how long it is remembered that there is nothing (RFC 2308 5); 0 where the server does not say."""
    import dns.rdatatype  # noqa: PLC0415 see _exchange

    zones = (found for found in answer.authority if found.rdtype == dns.rdatatype.SOA)
    return next((min(found.ttl, found[0].minimum) for found in zones), 0)


def _values(found: dns.rrset.RRset) -> tuple[str, ...]:
    return tuple(sorted(_value(item) for item in found))


def _value(item: object) -> str:
    import dns.rdatatype  # noqa: PLC0415 see _exchange
    from dns.rdtypes.txtbase import TXTBase  # noqa: PLC0415

    if isinstance(item, TXTBase):
        return one_line(b"".join(item.strings).decode("utf-8", "backslashreplace"), _LONGEST_TEXT)
    text = str(item)
    kind = getattr(item, "rdtype", None)
    names = (dns.rdatatype.CNAME, dns.rdatatype.NS, dns.rdatatype.SOA, dns.rdatatype.SRV)
    return text.lower() if kind in names else text


def _reason(answer: dns.message.Message) -> str:
    import dns.edns  # noqa: PLC0415 see _exchange

    told = [option for option in answer.options if isinstance(option, dns.edns.EDEOption)]
    # without a text of its own: EDE 9 (DNSKEY Missing)
    text = ", ".join(option.text or str(option).partition("(")[2].rstrip(")") or str(option) for option in told)
    return one_line(text)


def _endpoint(text: str) -> tuple[str, int]:
    address, _, port = text.partition("@")
    return address, int(port or _PORT)


def _own_resolvers() -> list[tuple[str, int]]:
    import dns.exception  # noqa: PLC0415 see _exchange
    import dns.resolver  # noqa: PLC0415

    try:
        found = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return []
    return [(str(address), found.port) for address in found.nameservers]
