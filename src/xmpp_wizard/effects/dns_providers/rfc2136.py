"""Dynamic updates (RFC 2136) signed with a key (TSIG, RFC 8945): one message, all of it or nothing.

BIND signs its refusals of a wrong key with an error of their own; Knot answers them unsigned, which dnspython only
reports as a message without a signature. So the answer is read here, both ways.
"""

from __future__ import annotations

import binascii
import socket
import time
from base64 import b64decode

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tsig
import dns.update

from xmpp_wizard.core.dns.account import Access, Key, parse_key
from xmpp_wizard.core.dns.change import Change
from xmpp_wizard.core.dns.record import Record
from xmpp_wizard.core.dns.zone_file import rdata
from xmpp_wizard.core.errors import DnsProviderError, DnsRefusedError
from xmpp_wizard.core.text import say

_SECONDS = 10.0
"""To connect, and then for the whole answer, however slowly it comes."""
_PORT = 53
_MOST_BYTES = 65535
_ALGORITHMS = tuple(
    sorted(text for name in dns.tsig.mac_sizes if (text := name.to_text(omit_final_dot=True)).startswith("hmac-sha"))
)
"""What dnspython can sign with; for any other it fails without a word that anybody could use."""


def update(access: Access, change: Change) -> None:
    """Send the change to the account's server.

    Raises:
        DnsProviderError: the key cannot be used, the server refuses or does not answer.
    """
    key = _key(access)
    message = dns.update.UpdateMessage(f"{change.zone}.", keyring=_tsig(key, access))
    for record in change.remove:
        message.delete(f"{record.name}.", _data(record))
    for record in change.add:
        message.add(f"{record.name}.", change.ttl_seconds, _data(record))
    refusal = _send(message, access.account.server, change.zone, key)
    if refusal is not None:
        raise refusal


def _key(access: Access) -> Key:
    found, account = parse_key(access.secret.reveal()), access.account
    return Key(found.name or account.key_name, found.algorithm or account.algorithm, found.secret)


def _tsig(key: Key, access: Access) -> dns.tsig.Key:
    if not key.name:
        raise DnsProviderError(
            say("the key in {path} has no name", path=access.account.secret_file),
            say("Set dns.key_name to the name that the name server knows it by."),
        )
    if key.algorithm.removesuffix(".") not in _ALGORITHMS:
        raise DnsProviderError(
            say(
                "the key in {path} is for {algorithm}, which is not known here",
                path=access.account.secret_file,
                algorithm=key.algorithm,
            ),
            say("Make a key for hmac-sha256. Known are: {names}", names=", ".join(_ALGORITHMS)),
        )
    try:
        return dns.tsig.Key(key.name, b64decode(key.secret.reveal(), validate=True), key.algorithm)
    except (binascii.Error, ValueError, dns.exception.DNSException):
        # chained to nothing: the reason would show the key
        raise DnsProviderError(
            say("what is in {path} is no key", path=access.account.secret_file),
            say("It should be the secret alone (letters, digits, + / =), or a whole key as BIND or Knot write it."),
        ) from None


def _data(record: Record) -> dns.rdata.Rdata:
    return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(record.kind), rdata(record))


def _send(message: dns.update.UpdateMessage, server: str, zone: str, key: Key) -> DnsProviderError | None:
    """Send over TCP; return why it was refused, or None if it was not."""
    address, _, port = server.partition("@")
    wire = message.to_wire(max_size=_MOST_BYTES)
    try:
        with socket.create_connection((address, int(port or _PORT)), _SECONDS) as connection:
            connection.sendall(len(wire).to_bytes(2, "big") + wire)
            answer = _answer(connection)
    except OSError as error:
        return DnsProviderError(
            say("the name server {server} does not answer: {reason}", server=server, reason=error.strerror or error),
            say("Is it running, does it take TCP on port 53, and is dns.server its address?"),
        )
    return _refusal(message, answer, server, zone, key)


def _answer(connection: socket.socket) -> bytes:
    """Return what comes back, cut short where the connection ends before.

    Raises:
        TimeoutError: it was not whole in time.
    """
    until = time.monotonic() + _SECONDS

    def read(count: int) -> bytes:
        found = b""
        while len(found) < count:
            # 0 would mean not to wait at all, and is another error
            connection.settimeout(max(until - time.monotonic(), 0.001))
            piece = connection.recv(count - len(found))
            if not piece:
                break
            found += piece
        return found

    return read(int.from_bytes(read(2), "big"))


def _refusal(
    message: dns.update.UpdateMessage, answer: bytes, server: str, zone: str, key: Key
) -> DnsProviderError | None:
    known = {"server": server, "key": key.name, "algorithm": key.algorithm, "zone": zone}
    try:
        code = dns.message.from_wire(answer, keyring=message.keyring, request_mac=message.mac).rcode()
    except dns.tsig.PeerBadTime:
        return DnsProviderError(
            say("the name server {server} says that the clock of this machine is wrong", **known),
            say("Set it by the network: sudo timedatectl set-ntp true"),
        )
    except dns.tsig.PeerBadKey:
        return _unknown_key(known)
    except (dns.tsig.PeerError, dns.tsig.BadSignature):
        return DnsRefusedError(
            say("the name server {server} has another secret for the key {key}", **known),
            say("Copy the secret from the name server's configuration once more, into dns.key_file."),
        )
    except (dns.exception.DNSException, EOFError):
        return _unsigned(answer, known)
    return _signed(code, known)


def _unsigned(answer: bytes, known: dict[str, str]) -> DnsProviderError:
    """Read a refusal that nobody signed; a success that nobody signed counts for nothing."""
    try:
        code = dns.message.from_wire(answer).rcode()
    except (dns.exception.DNSException, EOFError):
        return DnsProviderError(
            say("what answers at {server} is no name server", **known), say("Is dns.server the right address?")
        )
    return _unknown_key(known) if code == dns.rcode.NOTAUTH else _coded(code, known)


def _signed(code: dns.rcode.Rcode, known: dict[str, str]) -> DnsProviderError | None:
    if code == dns.rcode.NOERROR:
        return None
    if code == dns.rcode.NOTAUTH:
        return DnsProviderError(
            say("the name server {server} is not the one that {zone} is changed on", **known),
            say("Set dns.server to the zone's primary server, and look at dns.zone."),
        )
    return _coded(code, known)


def _unknown_key(known: dict[str, str]) -> DnsProviderError:
    return DnsRefusedError(
        say("the name server {server} does not know the key {key} ({algorithm}), or not the zone {zone}", **known),
        say("dns.key_name and dns.algorithm must be exactly as there, and dns.server the zone's primary server."),
    )


def _coded(code: dns.rcode.Rcode, known: dict[str, str]) -> DnsProviderError:
    if code == dns.rcode.REFUSED:
        return DnsRefusedError(
            say("the name server {server} does not let the key {key} change these records of {zone}", **known),
            say("Allow it there: update-policy or allow-update in BIND, an acl with the action update in Knot."),
        )
    if code == dns.rcode.SERVFAIL:
        return DnsProviderError(
            say("the name server {server} failed at changing {zone}", **known),
            say("Its log says why; often it may not write the zone's file."),
        )
    return DnsProviderError(
        say("the name server {server} refuses to change {zone}: {code}", code=dns.rcode.to_text(code), **known),
        say("Its log says why."),
    )
