"""Settings of one Okta org."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from connectors.http.address import is_private
from connectors.okta.auth.scopes import Feature, scopes_for
from connectors.okta.only import Only
from connectors.secrets import Secret


class Dpop(StrEnum):
    """Whether access tokens are bound to a key (RFC 9449)."""

    AUTO = "auto"
    """A proof is offered, and the kind of token that comes back is used."""
    REQUIRED = "true"
    """A token that is not bound is not used."""
    OFF = "false"


def _word(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


class OAuthSettings(BaseModel):
    """A service app of the org (in the admin console: API Services), which signs in with a key pair."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(min_length=1)
    private_key: Secret
    """The private key, RSA or EC, as PEM without a passphrase or as JWK."""
    key_id: str = ""
    """Id of the app's public key that belongs to it, as in the admin console; needed for an app with several, unless the JWK names it."""
    dpop: Annotated[Dpop, BeforeValidator(_word)] = Dpop.AUTO
    scopes: tuple[Annotated[str, Field(pattern=r"^okta(\.\w+)+$")], ...] = ()
    """OAuth scopes to ask for; empty for those that extracting and applying need. An app that is only a source needs no `.manage` scope."""


class OktaSettings(BaseModel):
    """One Okta org, and how it is signed in to: with an API token, or as a service app."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    """`https://acme.okta.com`"""
    token: Secret | None = None
    """An API token (SSWS)."""
    oauth: OAuthSettings | None = None
    rate_share: float = Field(default=0.75, gt=0, le=1)
    """The share of every rate limit that this job may use."""
    in_flight: int = Field(default=8, ge=1, le=8)
    """Number of requests that may be under way at once."""
    page_size: int = Field(default=200, ge=1, le=200)
    """Okta allows 200 users a page."""
    apps: bool = False
    """Whether apps and their assignments are read, and may be changed, too. At least two requests an app, of a limit that is a sixth of that for users."""
    user_types: bool = False
    """Whether the name of each user's type is read as the attribute `type.name`, and set on creation."""
    log: bool = False
    """Whether each extract keeps the events of the System Log that tell who changed accounts and memberships."""
    schema_limits: bool = True
    """Whether lengths, patterns, allowed values and required names of the user schema keep a value from being sent. False: types alone do."""
    only: Only = Only()
    """The part of the org that is read."""
    ca_file: Path | None = None
    """The one certificate authority to believe, where the org is reached through a proxy that has its own."""

    @field_validator("url")
    @classmethod
    def _an_org(cls, text: str) -> str:
        url = urlsplit(text.strip().rstrip("/"))
        host = url.hostname or ""
        if host.partition(".")[0].endswith("-admin"):
            raise ValueError(f"{host} is the admin console; the API answers at https://{host.replace('-admin', '', 1)}")
        if not is_private(url):
            raise ValueError("the address of an org begins with https://, such as https://acme.okta.com")
        if not host or url.path or url.query or url.fragment or "@" in url.netloc:
            raise ValueError("the address of an org is https:// and a host, such as https://acme.okta.com, and nothing after it")
        # What is signed names this address: the org compares it letter by letter.
        return url._replace(netloc=url.netloc.lower()).geturl()

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.token is None) == (self.oauth is None):
            raise ValueError("exactly one of `token` and the table `oauth` says how to sign in")
        return self

    @model_validator(mode="after")
    def _apps_to_choose_from(self) -> Self:
        if self.only.apps and not self.apps:
            raise ValueError("`only.apps` names apps, and none are read without `apps = true`")
        return self

    def features(self) -> tuple[Feature, ...]:
        """Returns the uses that extracting, planning and applying make of this org."""
        unusual = set() if self.apps else {Feature.READ_APPS, Feature.WRITE_APPS}
        unusual |= set() if self.log else {Feature.READ_LOG}
        return tuple(feature for feature in Feature if feature not in unusual)

    def scopes(self) -> tuple[str, ...]:
        """The OAuth scopes to ask for."""
        stated = self.oauth.scopes if self.oauth else ()
        return stated or scopes_for(self.features())
