"""Answers a request to a sandboxed Okta org: authorisation and limits first, then the endpoint, and always the same headers."""

from __future__ import annotations

import base64
import hashlib
from email.utils import formatdate

from connectors.sandbox.okta.auth import Door
from connectors.sandbox.okta.calls import Call
from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.meta import METADATA_PATH, org_metadata
from connectors.sandbox.okta.oauth import TOKEN_PATH
from connectors.sandbox.okta.rates import RateBuckets, RateState
from connectors.sandbox.okta.routes import Route, find
from connectors.sandbox.okta.rules import carry_out
from connectors.sandbox.okta.seeding import org_from, stored
from connectors.sandbox.okta.settings import Bucket, OktaSandboxSettings
from connectors.sandbox.wire import WireAnswer, WireRequest, json_answer


class OktaSandbox:
    """One Okta org in memory; see `seeding` for what a seed may hold."""

    def __init__(self, seed: object = None, *, settings: OktaSandboxSettings | None = None) -> None:
        self.settings = settings or OktaSandboxSettings()
        self._rates = RateBuckets(self.settings)
        self._door = Door(self.settings)
        self._answered = 0
        self.seed(seed or {})

    def seed(self, state: object) -> None:
        """Replaces what the org holds. Raises ValueError for a state it cannot hold."""
        self._org = org_from(state, self.settings)

    def state(self) -> dict[str, object]:
        """Returns the org with every id filled in: a seed again."""
        carry_out(self._org)
        return stored(self._org)

    def mails(self) -> list[tuple[str, str]]:
        """Returns the mails that were sent since the seed, the oldest first: the call that sent it, and the id of its user."""
        return list(self._org.log.mails)

    async def answer(self, request: WireRequest) -> WireAnswer:
        self._answered += 1
        self._org.pending.settle()
        carry_out(self._org)
        self._org.log.request_id, self._org.log.request_uri = self._request_id(), request.path
        if (request.method, request.path) == ("POST", TOKEN_PATH):
            return self._token(request)
        if (request.method, request.path) == ("GET", METADATA_PATH):
            return self._with_headers(org_metadata(self.settings, request.base_url), self._rates.spend(Bucket.OTHER, ""))
        caller = self._door.caller(request)
        try:
            route, ids = find(request.method, request.segments)
            rates = self._rates.spend(route.bucket, caller)
        except OktaError as error:
            rates = self._rates.spend(Bucket.OTHER, caller)
            return self._with_headers(self._refused(error), rates)
        if request.in_flight > (self.settings.concurrency_limit or request.in_flight):
            rates = self._rates.crowded()
        return self._with_headers(self._routed(request, route, ids, rates), rates)

    def _token(self, request: WireRequest) -> WireAnswer:
        """The token endpoint is counted for the whole org: who asks is known only afterwards."""
        rates = self._rates.spend(Bucket.TOKEN, "")
        answer = self._refused(OktaError("E0000047")) if rates.refused else self._door.tokens.answer(request)
        return self._with_headers(answer, rates)

    def _routed(self, request: WireRequest, route: Route, ids: tuple[str, ...], rates: RateState) -> WireAnswer:
        try:
            return self._door.refusal(request, route) or self._executed(request, route, ids, rates)
        except OktaError as error:
            return self._refused(error)

    def _executed(self, request: WireRequest, route: Route, ids: tuple[str, ...], rates: RateState) -> WireAnswer:
        if rates.refused:
            raise OktaError("E0000047")
        if request.method in ("POST", "PUT") and not {"content-length", "transfer-encoding"} & request.headers.keys():
            return WireAnswer(status=411, headers=[])
        return route.endpoint(Call(self._org, request, dict(request.params)), *ids)

    def _request_id(self) -> str:
        return hashlib.sha256(f"request {self._answered}".encode()).hexdigest()[:32]

    def _refused(self, error: OktaError) -> WireAnswer:
        digest = hashlib.sha256(f"error {self._answered}".encode()).digest()
        return json_answer(error.status, error.body("oae" + base64.urlsafe_b64encode(digest).decode()[:22]))

    def _with_headers(self, answer: WireAnswer, rates: RateState) -> WireAnswer:
        always = [
            ("Date", formatdate(self.settings.clock(), usegmt=True)),
            ("Cache-Control", "no-cache, no-store"),
            ("X-Okta-Request-Id", self._request_id()),
            *rates.headers(),
        ]
        return WireAnswer(status=answer.status, headers=[*always, *answer.headers], body=answer.body)
