"""Authorises requests to an org: with an API token (SSWS), or as an OAuth service app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from connectors.http.answer import Answer
from connectors.okta.auth.ways_out import OfToken, WaysOut
from connectors.secrets import SecretRef


class SignIn(Protocol):
    """Authorises each request to one org."""

    @property
    def version(self) -> int:
        """Counts the access tokens so far."""

    @property
    def asked(self) -> tuple[str, ...] | None:
        """The scopes it asks for; None where scopes play no part."""

    @property
    def accepted(self) -> str:
        """Returns what is true when the org accepts it, in the words of `reconcile check`."""

    @property
    def refused(self) -> str:
        """The way out where the org does not."""

    @property
    def ways_out(self) -> WaysOut:
        """The ways out where a permission is missing."""

    async def headers(self, method: str, url: str) -> Mapping[str, str]:
        """The headers that authorise this one request. Raises what stands in the way of it."""

    async def granted(self) -> frozenset[str] | None:
        """The scopes the org granted; None where scopes play no part."""

    async def recovered(self, answer: Answer, version: int) -> bool:
        """Whether an answer refused its request, before anything was done, for a reason that is put right now. `version` is from before it was sent."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ApiToken:
    """An API token, which has the rights of the admin who made it."""

    token: SecretRef
    base: Path
    version: int = 0
    asked: tuple[str, ...] | None = None
    accepted: str = "the token is accepted"
    refused: str = (
        "Make a new API token in the admin console, under Security > API: tokens end after 30 days without use and with their admin."
    )

    @property
    def ways_out(self) -> WaysOut:
        return OfToken(self.refused)

    async def headers(self, method: str, url: str) -> Mapping[str, str]:  # noqa: ARG002 - the same for every request
        return {"Authorization": f"SSWS {self.token.reveal(self.base)}"}

    async def granted(self) -> frozenset[str] | None:
        return None

    async def recovered(self, answer: Answer, version: int) -> bool:  # noqa: ARG002 - nothing to put right
        return False

    async def close(self) -> None:
        """Closes nothing."""
