"""Settings of one SCIM application."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from connectors.http.address import WANTED, is_private
from connectors.quoting import quoted
from connectors.scim.dialect import Dialect, dialect_of
from connectors.secrets import Secret, SecretRef

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
"""RFC 9110, section 5.1."""
_OURS = frozenset(
    [
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "if-match",
        "te",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    ]
)
"""Headers that the requests have already, or that say how they are carried."""


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if not is_private(parts):
        raise ValueError(WANTED)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("must be the base address of the SCIM service, such as https://app.example.com/scim/v2, and nothing else")
    return text.rstrip("/")


def _token_url(text: str) -> str:
    parts = urlsplit(text)
    if not is_private(parts):
        raise ValueError(WANTED)
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise ValueError("must be the address of a token endpoint, such as https://login.example.com/oauth2/token")
    return text


def _header(value: object) -> object:
    """A place of a secret, or a text that is none."""
    if not isinstance(value, str):
        raise ValueError("must be a text, or env:NAME or file:PATH for one that is secret")  # noqa: TRY004 - pydantic tells ValueErrors
    if value.partition(":")[0] in ("env", "file"):
        return SecretRef.parse(value)
    if not (value.isascii() and value.isprintable() and value.strip()):
        raise ValueError("must be printable ASCII, as every header is")
    return value


def _header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"{quoted(name)} is no name of a header")
    if name.lower() in _OURS:
        raise ValueError(f"the header {name} is not for the configuration to set")
    return name


class ClientAuthentication(StrEnum):
    """Way in which an OAuth client shows its secret to the authorisation server (RFC 6749, section 2.3.1)."""

    BASIC = "basic"
    POST = "post"
    """In the form that asks for the token."""


class OAuthClientSettings(BaseModel):
    """OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_url: Annotated[str, AfterValidator(_token_url)]
    """The authorisation server's token endpoint."""
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: Secret
    scope: str = ""
    """OAuth scope to ask for; empty where the server does not take one."""
    audience: str = ""
    """The audience of the token, where the server wants it."""
    client_auth: ClientAuthentication = ClientAuthentication.BASIC
    ca_file: Path | None = None
    """The one certificate authority to believe of the authorisation server."""


class BasicSettings(BaseModel):
    """HTTP Basic (RFC 7617)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: Annotated[str, Field(min_length=1, pattern=r"^[^:]+$")]
    """Without a colon, which ends it."""
    password: Secret


class ScimSettings(BaseModel):
    """The table of a SCIM application in reconcile.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[str, AfterValidator(_base_url)]
    """Address to which `/Users` is added."""
    token: Secret | None = None
    """The bearer token."""
    oauth: OAuthClientSettings | None = None
    """Tokens from an authorisation server, for a client of its own."""
    basic: BasicSettings | None = None
    """A user name and a password."""
    headers: dict[Annotated[str, AfterValidator(_header_name)], Annotated[SecretRef | str, BeforeValidator(_header)]] = Field(
        default_factory=dict
    )
    """Headers that go with every request, beside the sign-in or in its place."""
    ca_file: Path | None = None
    """The one certificate authority to believe, where the application has a certificate of the company's own."""
    dialect: str = "generic-rfc"
    dialect_overrides: dict[str, Any] = Field(default_factory=dict)
    """Single keys of the dialect, where the application differs from the preset."""
    rate_share: Annotated[float, Field(gt=0, le=1, strict=True)] = 0.75
    page_size: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Resources a page; as many as the dialect's `max_page` where not given."""
    max_pages: Annotated[int, Field(ge=1, strict=True)] = 100_000
    """No list is followed further."""
    in_flight: Annotated[int, Field(ge=1, le=8, strict=True)] = 8
    bulk: bool = False
    """Whether changes of users may go in bulk requests (RFC 7644 section 3.7) where the application says that it has them. Off unless asked for:
    the statement is often wrong, and the requests that are saved are those of the writes alone."""
    empty_ok: bool = False
    """Whether the application may have no users at all, as a new one has."""

    @model_validator(mode="after")
    def _one_way_in(self) -> ScimSettings:
        ways = [name for name in ("token", "oauth", "basic") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise ValueError(f"only one of token, oauth and basic says how to sign in, and there are {' and '.join(ways)}")
        if not ways and not self.headers:
            raise ValueError("one of token, oauth, basic and headers must say how to sign in")
        if ways and "authorization" in map(str.lower, self.headers):
            raise ValueError(f"headers holds Authorization, which {ways[0]} sets")
        return self

    @model_validator(mode="after")
    def _dialect_is_known(self) -> ScimSettings:
        self.spoken()
        return self

    @model_validator(mode="after")
    def _bulk_is_there(self) -> ScimSettings:
        if self.bulk and self.spoken().max_bulk_operations < 2:
            raise ValueError(
                f"the dialect {self.dialect} says that the application has no bulk requests (max_bulk_operations): leave bulk out"
            )
        return self

    def spoken(self) -> Dialect:
        """The dialect with the operator's overrides."""
        return dialect_of(self.dialect, self.dialect_overrides)
