"""What an operator says about one SCIM application."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.scim.dialect import Dialect, dialect_of
from connectors.secrets import Secret


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("must begin with https:// (plain http only for this machine itself)")
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("must be the base address of the SCIM service, such as https://app.example.com/scim/v2, and nothing else")
    return text.rstrip("/")


class ScimSettings(BaseModel):
    """The table of a SCIM application in reconcile.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[str, AfterValidator(_base_url)]
    """What `/Users` follows."""
    token: Secret
    """The bearer token."""
    dialect: str = "generic-rfc"
    dialect_overrides: dict[str, Any] = Field(default_factory=dict)
    """Single keys of the dialect, where the application differs from the preset."""
    rate_share: Annotated[float, Field(gt=0, le=1)] = 0.75
    page_size: Annotated[int, Field(ge=1)] | None = None
    """Resources a page; as many as the dialect's `max_page` where not given."""
    max_pages: Annotated[int, Field(ge=1)] = 100_000
    """No list is followed further."""
    in_flight: Annotated[int, Field(ge=1, le=8)] = 8
    empty_ok: bool = False
    """Whether the application may have no users at all, as a new one has."""

    @model_validator(mode="after")
    def _dialect_is_known(self) -> ScimSettings:
        self.spoken()
        return self

    def spoken(self) -> Dialect:
        """The dialect with the operator's overrides."""
        return dialect_of(self.dialect, self.dialect_overrides)
