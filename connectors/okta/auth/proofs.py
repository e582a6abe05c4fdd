"""Proofs of possession of the key that a token is bound to (RFC 9449), dated by the org's own clock."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.jwk import ECKey

from connectors.http.answer import Answer, http_date

TOLERATED = 5.0
"""Seconds by which two clocks may differ unnoticed: `Date` has whole seconds, and answers take their time."""


@dataclass(slots=True)
class OrgClock:
    """The org's clock, as far as its answers tell it: ours may be wrong by minutes, and what we sign has times in it."""

    ahead: float = 0.0
    """Seconds the org's clock is before ours."""

    def now(self) -> int:
        """Seconds since 1970."""
        return int(time.time() + self.ahead)

    def learn(self, answer: Answer) -> bool:
        """Takes over the answer's `Date` (RFC 9110, section 6.6.1). Returns whether we were wrong."""
        date = http_date(answer.headers.first("date"))
        if date is None or abs(date.timestamp() - time.time() - self.ahead) <= TOLERATED:
            return False
        self.ahead = date.timestamp() - time.time()
        return True


@dataclass(frozen=True, slots=True)
class ProofKey:
    """A key that lives as long as this process, and is not the one that the app signs in with."""

    clock: OrgClock
    _key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"), repr=False)

    def proof(self, method: str, url: str, *, nonce: str = "", token: str = "") -> str:
        """One proof for one request (RFC 9449, section 4.2); `token` is the access token that goes with it."""
        claims: dict[str, str | int] = {
            "htm": method,
            "htu": url.partition("?")[0],
            "iat": self.clock.now(),
            "jti": secrets.token_urlsafe(16),
        }
        if nonce:
            claims["nonce"] = nonce
        if token:
            claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self._key.as_dict(private=False)}
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])
