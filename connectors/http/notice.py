"""Sends one request to an address that is a secret: verified TLS, no redirect, a bounded time; of the answer its status alone.

What fails is told without the address and without what the server said: either may hold the secret.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit

from connectors.cleaning import cleaned
from connectors.errors import ConnectorError, Unreachable
from connectors.http.address import WANTED, is_private
from connectors.http.answer import Answer
from connectors.http.budget import Budget
from connectors.http.client import Http
from connectors.http.retry import RetryPolicy
from connectors.secrets import SecretMissing, SecretRef


class NoticeFailed(Exception):
    """A notice that was not sent, or of which it is not known."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that a notice goes to."""

    url: SecretRef
    seconds: float
    """Time for everything."""
    base: Path
    """Folder that relative paths start from."""
    ca_file: str = ""

    def problem(self) -> str:
        """Reason why nothing could be sent to the address; empty where it could. Sends nothing."""
        try:
            self._parts()
        except NoticeFailed as error:
            return str(error)
        if self.ca_file and not (self.base / self.ca_file).is_file():
            return f"{self.base / self.ca_file} is not there; ca_file names a file with certificates as PEM"
        return ""

    async def post(self, body: object) -> None:
        """Posts a JSON object. Raises NoticeFailed."""
        await self._send("POST", self._parts(), body)

    async def ping(self, *, failed: bool) -> None:
        """Asks for the address; where something failed, for what `/fail` after its path names. Raises NoticeFailed."""
        parts = self._parts()
        await self._send("GET", parts._replace(path=f"{parts.path.rstrip('/')}/fail") if failed else parts, None)

    def _parts(self) -> SplitResult:
        try:
            parts = urlsplit(self.url.reveal(self.base))
            usable = is_private(parts) and bool(parts.hostname) and "@" not in parts.netloc
        except SecretMissing as missing:
            raise NoticeFailed(str(missing)) from None
        except ValueError:
            usable = False
        if not usable:
            raise NoticeFailed(f"the address {WANTED}, and names no user")
        return parts

    async def _send(self, method: str, parts: SplitResult, body: object) -> None:
        try:
            http = Http(
                "the receiver",
                f"{parts.scheme}://{parts.netloc}",
                authorization=_no_authorization,
                budget=Budget(share=1.0),
                user_agent="identity-reconcile",
                timeout=self.seconds,
                ca_file=self.base / self.ca_file if self.ca_file else None,
                patience=RetryPolicy(attempts=2, longest_wait=1.0),
                longest_body=0,
            )
            async with asyncio.timeout(self.seconds):
                answer = await self._answer(http, method, urlunsplit(parts._replace(fragment="")), body)
        except ConnectorError as error:
            raise NoticeFailed(_told(error)) from None
        except SecretMissing as missing:
            raise NoticeFailed(str(missing)) from None
        except (TimeoutError, ValueError):
            raise NoticeFailed(f"it took longer than {self.seconds:g} seconds, or the address cannot be used") from None
        if answer.status >= 400:
            raise NoticeFailed(f"the receiver answered {answer.status}")

    @staticmethod
    async def _answer(http: Http, method: str, url: str, body: object) -> Answer:
        try:
            return await http.send(method, url, repeatable=method == "GET", json=body)
        finally:
            await http.close()


async def _no_authorization(_method: str, _url: str) -> dict[str, str]:
    return {}


def _told(error: ConnectorError) -> str:
    """The kind of failure. What was said before a request went out comes from this machine, and is told."""
    if error.status:
        return f"the receiver answered {error.status}"
    if isinstance(error, Unreachable) and error.what.endswith("cannot be reached"):
        return cleaned(f"the receiver cannot be reached: {error.detail}")
    return "the connection was lost, or the answer cannot be used"
