"""Signed tokens (JWT, RFC 7519) as other programs make them, right ones and forged ones."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def claims(domain: str, name: str = "ann", **more: Any) -> dict[str, Any]:  # noqa: ANN401 any claim
    """Return what a token for somebody on ``domain`` says; what is None is left out."""
    now = int(time.time())
    found = {"sub": name, "aud": domain, "iat": now, "exp": now + 600, **more}
    return {key: value for key, value in found.items() if value is not None}


@dataclass
class Issuer:
    """Signs tokens with keys of its own."""

    secret: str = "a secret of the website, long enough for anybody"
    rsa: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    ec: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def token(self, algorithm: str, claims: dict[str, Any], *, key: str = "", **header: Any) -> str:  # noqa: ANN401
        """Return a token; ``key`` signs HS256 in place of the secret, ``header`` has more of it."""
        head = {"alg": algorithm, "typ": "JWT", **header}
        return self.signed(algorithm, json.dumps(head), json.dumps(claims), key)

    def signed(self, algorithm: str, header: str, claims: str, key: str = "") -> str:
        """Return a token of these two texts."""
        text = f"{base64(header.encode())}.{base64(claims.encode())}"
        return f"{text}.{base64(self._signature(algorithm, text.encode(), key or self.secret))}"

    def public_key(self, algorithm: str) -> str:
        """Return what the server may know, PEM."""
        key = self.rsa if algorithm == "RS256" else self.ec
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def _signature(self, algorithm: str, text: bytes, secret: str) -> bytes:
        match algorithm:
            case "HS256":
                return hmac.digest(secret.encode(), text, "sha256")
            case "RS256":
                return self.rsa.sign(text, padding.PKCS1v15(), hashes.SHA256())
            case "ES256":
                pair = decode_dss_signature(self.ec.sign(text, ec.ECDSA(hashes.SHA256())))
                return b"".join(number.to_bytes(32) for number in pair)
            case _:
                return b""


def base64(data: bytes) -> str:
    """Return ``data`` as it stands in tokens (RFC 7515 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()
