"""Whether a request proves that its sender holds the private key it claims (RFC 9449, section 4.3)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from connectors.sandbox.wire import WireRequest

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
"""Algorithms that Okta takes for proofs and for client assertions."""


class _Registry(jws.JWSRegistry):
    """The library's limit of a header is 512 bytes; a proof holds a whole public key there, and Okta's own client sends an RSA key of 3072 bits."""

    max_header_length = 8192


SIGNED = _Registry(algorithms=ALGORITHMS, strict_check_header=False)
LEEWAY = 300
"""Seconds that the clock of a sender may differ."""


class ProofRefused(Exception):
    """Refusal of a proof. `nonce` is what the next one must contain."""

    def __init__(self, description: str, *, error: str = "invalid_dpop_proof", nonce: str = "") -> None:
        self.error = error
        self.nonce = nonce
        super().__init__(description)


class Proofs:
    """The proofs that one endpoint has seen: none is taken twice."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: set[str] = set()

    def checked(self, proof: str, request: WireRequest, *, nonce: str = "", token: str = "") -> str:
        """The thumbprint of the key that signed the proof (RFC 7638). Raises ProofRefused."""
        if not proof:
            raise ProofRefused("The DPoP proof JWT header is missing.")
        claims, thumbprint = _verified(proof)
        wanted = {"htm": request.method, "htu": f"{request.base_url}{request.path}"}
        if token:
            wanted["ath"] = _hash(token)
        for name, value in wanted.items():
            if claims.get(name) != value:
                raise ProofRefused(f"'{name}' claim in the DPoP proof JWT is invalid.")
        made = claims.get("iat")
        if not isinstance(made, int) or abs(made - self._clock()) > LEEWAY:
            raise ProofRefused("'iat' claim in the DPoP proof JWT is invalid.")
        if nonce and claims.get("nonce") != nonce:
            raise ProofRefused("Authorization server requires nonce in DPoP proof.", error="use_dpop_nonce", nonce=nonce)
        self._use_up(claims.get("jti"))
        return thumbprint

    def _use_up(self, number: object) -> None:
        if not isinstance(number, str) or not number:
            raise ProofRefused("'jti' claim in the DPoP proof JWT is invalid.")
        if number in self._used:
            raise ProofRefused("The DPoP proof JWT has already been used.")
        self._used.add(number)


def _verified(proof: str) -> tuple[dict[str, Any], str]:
    """The claims, by the key that stands in the proof itself, and the thumbprint of that key. Raises ProofRefused."""
    try:
        header = jws.extract_compact(proof.encode(), registry=SIGNED).headers()
        shown = header.get("jwk")
        if header.get("typ") != "dpop+jwt" or not isinstance(shown, dict) or shown.get("kty") not in ("RSA", "EC") or "d" in shown:
            raise ProofRefused("The DPoP proof JWT header is invalid.")
        key = import_key(shown)
        claims = jwt.decode(proof, key, registry=SIGNED).claims
    except (JoseError, ValueError, TypeError):
        raise ProofRefused("The DPoP proof JWT is invalid.") from None
    return claims, key.thumbprint()


def _hash(token: str) -> str:
    """The `ath` claim (RFC 9449, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
