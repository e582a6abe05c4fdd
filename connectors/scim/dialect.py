"""How one SCIM server differs from the standard, as data: presets in a file, each key open to the operator."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

PositiveInt = Annotated[int, Field(gt=0)]


class RemoveForm(StrEnum):
    """How a member is removed. No form works everywhere, and on some servers the wrong one empties the group: never guessed."""

    FILTER = "filter"
    """`{"op": "remove", "path": "members[value eq \\"id\\"]"}` (RFC 7644 section 3.5.2.2)."""
    VALUE_ARRAY = "value_array"
    """`{"op": "remove", "path": "members", "value": [{"value": "id"}]}`, what Entra ID sends."""


class UserUpdate(StrEnum):
    """How attributes are set."""

    PATCH = "patch"
    """One operation an attribute, each with a path."""
    PUT = "put"
    """The whole resource as read, with the owned attributes changed."""


class ActiveUpdate(StrEnum):
    """How `active` is set."""

    PATCH_PATH = "patch_path"
    PATCH_VALUE = "patch_value"
    """`{"op": "replace", "value": {"active": false}}`, what Okta sends."""
    PUT = "put"


class Paging(StrEnum):
    """How a list is read in pages."""

    INDEX = "index"
    CURSOR = "cursor"
    """RFC 9865. Only where the server is known to have it: others ignore the parameter and repeat their first page."""
    NONE = "none"
    """The first answer is the whole list."""


class Members(StrEnum):
    """Where the members of groups are read."""

    EACH = "each"
    """From every group by itself; the list of groups is asked for without members."""
    LIST = "list"
    """From the list of groups; a group that stands there without members is read by itself."""


class EtagUse(StrEnum):
    """When a write carries If-Match."""

    OFF = "off"
    ADVERTISED = "advertised"
    """Where ServiceProviderConfig says that ETags are supported; a mere header proves nothing (Express adds one to everything)."""
    ALWAYS = "always"


class Deprovision(StrEnum):
    """What deactivating means."""

    ACTIVE_FALSE = "active_false"
    DELETE = "delete"
    NEVER = "never"


class Verify(StrEnum):
    """What a write is checked against. Answers alone are not believed unless the operator says so."""

    GET = "get"
    BODY = "body"
    """The answer's own resource where it has one, else a GET."""


class Rate(BaseModel):
    """The server's published limits: requests in so many seconds. Absent: not limited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reads: PositiveInt | None = None
    writes: PositiveInt | None = None
    seconds: Annotated[float, Field(gt=0)] = 60.0


class Dialect(BaseModel):
    """Everything in which SCIM servers differ and that cannot be found out safely."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    paging: Paging = Paging.INDEX
    max_page: PositiveInt = 100
    """No page is asked to be larger."""
    members: Members = Members.EACH
    groups: bool = True
    """False for a server without /Groups."""
    user_update: UserUpdate = UserUpdate.PATCH
    active_update: ActiveUpdate = ActiveUpdate.PATCH_PATH
    path_filters: bool = True
    """Whether PATCH knows `emails[type eq "work"].value`; where not, the whole attribute is replaced (GitHub)."""
    remove_form: RemoveForm = RemoveForm.FILTER
    etag: EtagUse = EtagUse.ADVERTISED
    deprovision: Deprovision = Deprovision.ACTIVE_FALSE
    verify: Verify = Verify.GET
    immutable: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset({"userName"})
    unique: frozenset[str] = frozenset({"userName"})
    rate: Rate = Rate()


@cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """The shipped dialects by name, each as what differs from the defaults."""
    return tomllib.loads(files("connectors.scim").joinpath("presets.toml").read_text(encoding="utf-8"))


def dialect_of(preset: str, overrides: Mapping[str, object]) -> Dialect:
    """A preset with single keys replaced. Raises ValueError for an unknown preset or key."""
    if preset not in presets():
        raise ValueError(f"there is no dialect {preset!r}; there are {', '.join(sorted(presets()))}")
    return Dialect.model_validate({**presets()[preset], **overrides})
