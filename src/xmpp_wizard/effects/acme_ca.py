""":class:`~xmpp_wizard.core.acme.model.CertificateAuthorities` over real ACME servers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from xmpp_wizard.core.acme.model import (
    AcmeError,
    Authorization,
    Challenge,
    DirectoryFacts,
    ExternalBinding,
    KeyKind,
    Order,
    Problem,
    RenewalInfo,
)

if TYPE_CHECKING:
    import requests

    from xmpp_wizard.effects.acme_net import Net

_SHORTEST_CHECK, _LONGEST_CHECK = timedelta(minutes=1), timedelta(days=1)
_USUAL_CHECK = timedelta(hours=6)
"""How often renewal information is asked for (RFC 9773 4.3.2 and 4.3.3)."""
_NOT_REPLACED = frozenset(("alreadyReplaced", "conflict", "malformed", "serverInternal", "unauthorized"))
"""How authorities refuse ``replaces`` (RFC 9773 5): it is only a hint, and must never stand in a renewal's way."""


class AcmeAuthorities:
    """Loads the library when it is first used: it costs more than all the rest together."""

    def connect(self, directory_url: str, account_key: bytes, trusted_roots: str = "") -> AcmeServer:
        """Read the directory of the server at ``directory_url``."""
        from xmpp_wizard.effects.acme_keys import signing_key  # noqa: PLC0415 see the class
        from xmpp_wizard.effects.acme_net import Net, look_up, translated  # noqa: PLC0415 see the class

        look_up(directory_url)
        with translated():
            net = Net(signing_key(account_key), trusted_roots)
            directory = net.get(directory_url).json()
            if not directory["newOrder"].startswith("https://"):
                raise AcmeError(Problem("notAcme", f"{directory_url} is no ACME directory"))
        return AcmeServer(net, directory)

    def new_key(self, kind: KeyKind) -> bytes:
        """Return a new private key, PKCS #8 PEM."""
        from xmpp_wizard.effects.acme_keys import new_key  # noqa: PLC0415 see the class

        return new_key(kind)

    def key_kind(self, key: bytes) -> str:
        """Return what ``key`` is."""
        from xmpp_wizard.effects.acme_keys import key_kind  # noqa: PLC0415 see the class

        return key_kind(key)


class AcmeServer:
    """One server, as :class:`~xmpp_wizard.core.acme.model.CertificateAuthority`."""

    def __init__(self, net: Net, directory: dict[str, Any]) -> None:
        """Take a connection and the directory that it read."""
        self._net = net
        self._directory = directory

    @property
    def facts(self) -> DirectoryFacts:
        """What the directory says; what is malformed in it is left out."""
        found = self._directory.get("meta")
        meta: dict[str, Any] = found if isinstance(found, dict) else {}
        profiles = meta.get("profiles")
        return DirectoryFacts(
            profiles={str(key): str(text) for key, text in profiles.items()} if isinstance(profiles, dict) else {},
            has_renewal_info=isinstance(self._directory.get("renewalInfo"), str),
        )

    def log_in(self, binding: ExternalBinding | None = None, *, makes_new: bool = True) -> str:
        """Find or make the account; the URL that it gets is used from now on."""
        from acme import messages  # noqa: PLC0415 see AcmeAuthorities

        from xmpp_wizard.effects.acme_net import translated  # noqa: PLC0415 see AcmeAuthorities

        wish: dict[str, Any] = {"termsOfServiceAgreed": True} if makes_new else {"onlyReturnExisting": True}
        if binding is not None and makes_new:
            wish["externalAccountBinding"] = self._bound(binding)
        self._net.account = None
        with translated():
            url = str(self._post(self._directory["newAccount"], wish).headers["Location"])
        self._net.account = messages.RegistrationResource(uri=url, body=messages.Registration())
        return url

    def change_key(self, key: bytes) -> None:
        """Sign by the new key that the old one may go, and by the old one that the new one may come."""
        from xmpp_wizard.effects.acme_keys import signed_by, signing_key  # noqa: PLC0415 see AcmeAuthorities
        from xmpp_wizard.effects.acme_net import algorithm, translated  # noqa: PLC0415 see AcmeAuthorities

        with translated():
            url, new, account = str(self._directory["keyChange"]), signing_key(key), self._net.account
            old = self._net.key.public_key().to_json() if self._net.key else None
            said = {"account": account["uri"] if account else "", "oldKey": old}
            inner = signed_by(new, algorithm(new), said, url)
        self._post(url, inner)
        self._net.key, self._net.alg = new, algorithm(new)

    def order(self, names: Sequence[str], profile: str = "", replaces: bytes = b"") -> Order:
        """Ask for a certificate; again without ``replaces`` where the authority minds that."""
        wish: dict[str, Any] = {"identifiers": [{"type": _kind(name), "value": name} for name in names]}
        if profile:
            wish["profile"] = profile
        old = _identity(replaces) if replaces and self.facts.has_renewal_info else ""
        try:
            response = self._post(self._directory["newOrder"], {**wish, "replaces": old} if old else wish)
        except AcmeError as error:
            if not old or error.problem.type not in _NOT_REPLACED:
                raise
            response = self._post(self._directory["newOrder"], wish)
        return _order(response, str(response.headers.get("Location", "")))

    def resume(self, url: str) -> Order:
        """Return an order as it is now."""
        return _order(self._post(url), url)

    def authorization(self, url: str) -> Authorization:
        """Return an authorization as it is now."""
        from xmpp_wizard.effects.acme_net import translated, wait_seconds  # noqa: PLC0415 see AcmeAuthorities

        response = self._post(url)
        with translated():
            found = response.json()
            return Authorization(
                url=url,
                name=str(found["identifier"]["value"]),
                is_wildcard=found.get("wildcard") is True,
                status=str(found["status"]),
                challenges=tuple(self._challenge(item) for item in found["challenges"]),
                wait_seconds=wait_seconds(response),
            )

    def answer(self, challenge: Challenge) -> None:
        """Tell that the challenge can be looked at."""
        self._post(challenge.url, {})

    def finalize(self, order: Order, key: bytes) -> Order:
        """Hand in the request; nothing but the names is in it, all else the authority decides."""
        from xmpp_wizard.effects.acme_keys import request_der  # noqa: PLC0415 see AcmeAuthorities

        return _order(self._post(order.finalize_url, {"csr": _b64(request_der(key, order.names))}), order.url)

    def download(self, order: Order) -> bytes:
        """Return the chain of a valid order."""
        chain = self._post(order.certificate_url).content
        if b"-----BEGIN CERTIFICATE-----" not in chain:
            raise AcmeError(Problem("notAcme", "what came is no certificate"))
        return chain

    def renewal_info(self, chain: bytes) -> RenewalInfo | None:
        """Return when to renew; an answer that makes no sense counts as none."""
        from xmpp_wizard.effects.acme_net import translated, wait_seconds  # noqa: PLC0415 see AcmeAuthorities

        if not self.facts.has_renewal_info:
            return None
        try:
            with translated():
                response = self._net.get(f"{self._directory['renewalInfo']}/{_identity(chain)}")
                found = response.json()
                start, end = (_instant(found["suggestedWindow"][side]) for side in ("start", "end"))
        except AcmeError:
            return None
        if start >= end:
            return None
        wait = wait_seconds(response) or _USUAL_CHECK.total_seconds()
        again = min(max(wait, _SHORTEST_CHECK.total_seconds()), _LONGEST_CHECK.total_seconds())
        return RenewalInfo(start, end, again, str(found.get("explanationURL", "")))

    def revoke(self, chain: bytes, reason: int) -> None:
        """Revoke the first certificate of ``chain``."""
        from xmpp_wizard.effects.acme_keys import first_der  # noqa: PLC0415 see AcmeAuthorities
        from xmpp_wizard.effects.acme_net import translated  # noqa: PLC0415 see AcmeAuthorities

        with translated():
            self._post(self._directory["revokeCert"], {"certificate": _b64(first_der(chain)), "reason": reason})

    def _bound(self, binding: ExternalBinding) -> Any:  # noqa: ANN401 a signed document
        from acme import messages  # noqa: PLC0415 see AcmeAuthorities

        from xmpp_wizard.effects.acme_net import translated  # noqa: PLC0415 see AcmeAuthorities

        with translated():
            directory = messages.Directory({"newAccount": self._directory["newAccount"]})
            key = self._net.key.public_key() if self._net.key else None
            return messages.ExternalAccountBinding.from_data(key, binding.key_id, binding.hmac_key, directory)

    def _challenge(self, item: dict[str, Any]) -> Challenge:
        from xmpp_wizard.effects.acme_net import problem  # noqa: PLC0415 see AcmeAuthorities

        token = str(item.get("token", ""))
        proof = f"{token}.{_b64(self._net.key.thumbprint())}" if self._net.key else ""
        return Challenge(
            kind=str(item["type"]),
            url=str(item["url"]),
            status=str(item["status"]),
            token=token,
            proof=proof,
            dns_value=_b64(hashlib.sha256(proof.encode()).digest()),
            problem=problem(item["error"]) if item.get("error") else None,
        )

    def _post(self, url: str, payload: dict[str, Any] | None = None) -> requests.Response:
        """Send ``payload``; None asks for what is there (POST-as-GET, RFC 8555 6.3)."""
        from xmpp_wizard.effects.acme_keys import Payload  # noqa: PLC0415 see AcmeAuthorities
        from xmpp_wizard.effects.acme_net import translated  # noqa: PLC0415 see AcmeAuthorities

        with translated():
            body = None if payload is None else Payload(payload)
            return self._net.post(url, body, new_nonce_url=self._directory["newNonce"])


def _order(response: requests.Response, url: str) -> Order:
    from xmpp_wizard.effects.acme_net import problem, translated, wait_seconds  # noqa: PLC0415 see AcmeAuthorities

    with translated():
        found = response.json()
        return Order(
            url=url,
            status=str(found["status"]),
            names=tuple(str(item["value"]) for item in found["identifiers"]),
            authorizations=tuple(map(str, found["authorizations"])),
            finalize_url=str(found["finalize"]),
            certificate_url=str(found.get("certificate", "")),
            problem=problem(found["error"]) if found.get("error") else None,
            wait_seconds=wait_seconds(response),
        )


def _kind(name: str) -> str:
    """Return what an order calls it: an address may be proven, too (RFC 8738)."""
    try:
        ip_address(name)
    except ValueError:
        return "dns"
    return "ip"


def _identity(chain: bytes) -> str:
    """Return how a certificate is named in renewals (RFC 9773 4.1)."""
    from xmpp_wizard.effects.acme_keys import issuer_key_and_serial  # noqa: PLC0415 see AcmeAuthorities

    key, serial = issuer_key_and_serial(chain)
    if not key:
        return ""
    return f"{_b64(key)}.{_b64(serial.to_bytes(serial.bit_length() // 8 + 1, 'big'))}"


def _instant(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        message = f"{text} has no time zone"
        raise ValueError(message)
    return when


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
