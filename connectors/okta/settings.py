"""What a configuration says of one Okta org."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.secrets import Secret


class OktaSettings(BaseModel):
    """One Okta org and the API token it is reached with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    """`https://acme.okta.com`"""
    token: Secret
    """An API token (SSWS)."""
    rate_share: float = Field(default=0.75, gt=0, le=1)
    """The share of every rate limit that this job may use."""
    in_flight: int = Field(default=8, ge=1, le=8)
    """How many requests may be under way at once."""
    page_size: int = Field(default=200, ge=1, le=200)
    """Okta allows 200 users a page."""
    ca_file: Path | None = None
    """The one certificate authority to believe, where the org is reached through a proxy that has its own."""

    @field_validator("url")
    @classmethod
    def _an_org(cls, text: str) -> str:
        url = urlsplit(text.strip().rstrip("/"))
        host = url.hostname or ""
        if host.partition(".")[0].endswith("-admin"):
            raise ValueError(f"{host} is the admin console; the API answers at https://{host.replace('-admin', '', 1)}")
        if url.scheme != "https" and host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("the address of an org begins with https://, such as https://acme.okta.com")
        if not host or url.scheme not in ("http", "https") or url.path or url.query or url.fragment or "@" in url.netloc:
            raise ValueError("the address of an org is https:// and a host, such as https://acme.okta.com, and nothing after it")
        return url.geturl()
