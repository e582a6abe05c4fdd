"""The private key of a service app: read from PEM or JWK text, and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from connectors.secrets import SecretMissing

PrivateKey: TypeAlias = RSAKey | ECKey

_BY_CURVE = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_RSA = ("RS256", "RS384", "RS512")
_BAD = (JoseError, ValueError, TypeError)
"""Errors of the libraries for text that is no key. Their own words are not repeated: they are about a secret."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the algorithm that Okta takes for it."""

    key: PrivateKey = field(repr=False)
    algorithm: str
    key_id: str
    """Id of the app's public key that it belongs to; empty where the app has only one."""

    def signed(self, claims: Mapping[str, str | int], header: Mapping[str, str] | None = None) -> str:
        """A JWT with these claims (RFC 7519)."""
        kid = {"kid": self.key_id} if self.key_id else {}
        return jwt.encode({"alg": self.algorithm, **kid, **(header or {})}, dict(claims), self.key, algorithms=[self.algorithm])


def signing_key(text: str, place: str, key_id: str = "") -> SigningKey:
    """The key that a PEM or JWK text holds. Raises SecretMissing, which names the place and nothing of the text."""
    try:
        key = _from_jwk(text) if text.startswith("{") else _from_pem(text)
        private = key.is_private
        members = key.as_dict(private=False)
    except _BAD:
        raise SecretMissing(
            f"what {place} holds is no usable key; a private key is expected, RSA or EC, as unencrypted PEM or as JWK"
        ) from None
    if not private:
        raise SecretMissing(f"what {place} holds is a public key; the private key that belongs to it is expected")
    algorithm = str(members.get("alg") or "")
    if isinstance(key, ECKey):
        algorithm = _BY_CURVE.get(str(members.get("crv")), "")
    elif algorithm not in _RSA:
        algorithm = _RSA[0]
    if not algorithm:
        raise SecretMissing(f"the key that {place} holds is on a curve that Okta does not take; P-256, P-384 and P-521 are")
    return SigningKey(key, algorithm, key_id or str(members.get("kid") or ""))


def _from_jwk(text: str) -> PrivateKey:
    key = import_key(msgspec.json.decode(text, type=dict[str, Any]))
    if not isinstance(key, RSAKey | ECKey):
        raise TypeError
    return key


def _from_pem(text: str) -> PrivateKey:
    # An environment variable often holds the line ends as two characters.
    pem = text.replace("\\n", "\n").encode()
    try:
        return RSAKey.import_key(pem)
    except JoseError:
        return ECKey.import_key(pem)
