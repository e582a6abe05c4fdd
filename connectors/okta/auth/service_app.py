"""Signs in to an org as an OAuth service app: access tokens for signed assertions, bound to a key of this process (RFC 7523, RFC 9449)."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from connectors.errors import BadResponse, RateLimited, Unauthorised, Unreachable
from connectors.http.answer import Answer
from connectors.http.client import Authorization, Http
from connectors.http.oauth import granted
from connectors.http.retry import Retries, RetryableError
from connectors.okta.auth.challenges import challenge_of
from connectors.okta.auth.keys import signing_key
from connectors.okta.auth.proofs import OrgClock, ProofKey
from connectors.okta.auth.refusals import refused, token_refusal
from connectors.okta.auth.ways_out import OfApp, WaysOut
from connectors.okta.errors import refusal
from connectors.okta.settings import Dpop, OAuthSettings

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - a path
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 300
"""Okta takes assertions that end within the hour; one is used at once."""
TRIES = 4
"""Number of requests to the token endpoint at most, where a refusal states how to do better: a nonce, a clock."""


@dataclass(frozen=True, slots=True)
class _Token:
    """An access token, and the moment (monotonic) until which it is used."""

    text: str = field(repr=False)
    bound: bool
    until: float
    scopes: frozenset[str]


class ServiceApp:
    """One service app, for one event loop. Asks for a token when one is needed, and one request at a time."""

    accepted = "the service app is accepted"
    refused = ""
    """The token endpoint's own refusals say it (see `auth_refusals`)."""
    ways_out: WaysOut = OfApp()

    def __init__(
        self, settings: OAuthSettings, asked: tuple[str, ...], base: Path, *, connect: Callable[[Authorization], Http], retries: Retries
    ) -> None:
        """`connect` makes the client for the token endpoint, which must repeat nothing by itself: an assertion is good only once."""
        self.asked: tuple[str, ...] | None = asked
        self.version = 0
        self._scope = " ".join(asked)
        self._settings = settings
        self._base = base
        self._retries = retries
        self._clock = OrgClock()
        self._proofs = ProofKey(self._clock)
        self._token_nonce = self._nonce = ""
        self._token: _Token | None = None
        self._lock = asyncio.Lock()
        self._http = connect(self._proof_headers)

    async def headers(self, method: str, url: str) -> Mapping[str, str]:
        token = await self._current()
        if not token.bound:
            return {"Authorization": f"Bearer {token.text}"}
        proof = self._proofs.proof(method, url, nonce=self._nonce, token=token.text)
        return {"Authorization": f"DPoP {token.text}", "DPoP": proof}

    async def granted(self) -> frozenset[str] | None:
        return (await self._current()).scopes

    async def recovered(self, answer: Answer, version: int) -> bool:
        """A token that has ended, a nonce that is wanted, a proof with a wrong time. None of them lets a request be carried out."""
        if answer.status not in (400, 401):
            return False
        self._clock.learn(answer)
        self._nonce = answer.headers.first("dpop-nonce") or self._nonce
        if challenge_of(answer).error in ("use_dpop_nonce", "invalid_dpop_proof"):
            return True
        if answer.status == 400 or not isinstance(refusal(answer), Unauthorised):
            return False
        async with self._lock:
            # Requests that were under way together are refused together: the first of them has it renewed for all.
            if self.version == version:
                self._token = None
        return True

    async def close(self) -> None:
        await self._http.close()

    async def _current(self) -> _Token:
        async with self._lock:
            if self._token is None or time.monotonic() >= self._token.until:
                self._token = await self._new()
                self.version += 1
            return self._token

    async def _new(self) -> _Token:
        for _ in range(TRIES):
            answer = await self._retries.run(self._asked_once)
            self._token_nonce = answer.headers.first("dpop-nonce") or self._token_nonce
            if answer.status == 200:
                return self._read(answer)
            moved, error = self._clock.learn(answer), token_refusal(answer).error
            if error != "use_dpop_nonce" and not (moved and error in ("invalid_client", "invalid_dpop_proof")):
                break
        raise refused(answer)

    async def _asked_once(self) -> Answer:
        """One request with an assertion of its own: whatever became of it, the assertion may be used up."""
        form = {
            "grant_type": "client_credentials",
            "scope": self._scope,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        content = urlencode(form).encode()
        try:
            return await self._http.send("POST", TOKEN_PATH, repeatable=True, content=content, headers=headers, bucket="token")
        except (Unreachable, RateLimited) as error:
            raise RetryableError(error) from None

    def _assertion(self) -> str:
        """Builds an assertion, signed with the key as it is now: it may have been replaced while this runs."""
        place = self._settings.private_key
        key = signing_key(place.reveal(self._base), place.place, self._settings.key_id)
        now, client = self._clock.now(), self._settings.client_id
        claims: dict[str, str | int] = {"iss": client, "sub": client, "aud": f"{self._http.base_url}{TOKEN_PATH}", "iat": now}
        return key.signed({**claims, "exp": now + ASSERTION_SECONDS, "jti": secrets.token_urlsafe(24)})

    async def _proof_headers(self, method: str, url: str) -> Mapping[str, str]:
        if self._settings.dpop is Dpop.OFF:
            return {}
        return {"DPoP": self._proofs.proof(method, url, nonce=self._token_nonce)}

    def _read(self, answer: Answer) -> _Token:
        given = granted(answer)
        if given.kind not in ("bearer", "dpop"):
            raise BadResponse(f"{answer.what}: the answer holds no usable access token", request_id=answer.request_id)
        if given.kind == "bearer" and self._settings.dpop is Dpop.REQUIRED:
            raise Unauthorised("the org gave a token that is not bound to a key, and oauth.dpop = true asks for one that is")
        return _Token(given.token, given.kind == "dpop", time.monotonic() + given.seconds, frozenset((given.scope or self._scope).split()))
