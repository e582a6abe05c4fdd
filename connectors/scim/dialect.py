"""Differences of one SCIM server from the standard, as data: presets in a file, each key open to the operator."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.quoting import quoted

PositiveInt = Annotated[int, Field(gt=0)]


class RemoveForm(StrEnum):
    """Form in which a member is removed. None works everywhere, and on some servers the wrong one empties the group: never guessed.

    An addition is one array of values at the path `members`, except where the form says so.
    """

    FILTER = "filter"
    """`{"op": "remove", "path": "members[value eq \\"id\\"]"}` (RFC 7644 section 3.5.2.2)."""
    VALUE_ARRAY = "value_array"
    """`{"op": "remove", "path": "members", "value": [{"value": "id"}]}`, what Entra ID sends."""
    WRAPPED = "wrapped"
    """`{"op": "remove", "path": "members", "value": {"members": [{"value": "id"}]}}`, and an addition alike (Salesforce)."""


class UserUpdate(StrEnum):
    """Method by which attributes are set."""

    PATCH = "patch"
    """One operation an attribute, each with a path."""
    PUT = "put"
    """The whole resource as read, with the owned attributes changed."""


class GroupUpdate(StrEnum):
    """Method by which the members of a group are changed."""

    PATCH = "patch"
    PUT = "put"
    """The whole group as read, with the members changed, for applications without PATCH of groups."""


class ActiveUpdate(StrEnum):
    """Method by which `active` is set."""

    PATCH_PATH = "patch_path"
    PATCH_VALUE = "patch_value"
    """`{"op": "replace", "value": {"active": false}}`, what Okta sends."""
    PUT = "put"


class Paging(StrEnum):
    """Way to read a list in pages."""

    INDEX = "index"
    CURSOR = "cursor"
    """RFC 9865. Only where the server is known to have it: others ignore the parameter and repeat their first page."""
    KEYSET = "keyset"
    """The first page, then `id gt "<the last id>"`, for servers that refuse a far startIndex and list by id (Salesforce)."""
    NONE = "none"
    """The first answer is the whole list."""


class Totals(StrEnum):
    """Meaning of `totalResults`."""

    LIST = "list"
    PAGE = "page"
    """The records of the page (WSO2): a list by index ends with the empty page, and is read a second time."""


class Proof(StrEnum):
    """Evidence that makes a list believed to be whole.

    A server keeps nothing between two pages by index (RFC 7644 section 3.4.2.4): where one record is deleted, the others move up and one of
    them falls between the pages, with every total right. Cursors and keysets do not shift.
    """

    TWO_PASSES = "two_passes"
    """Nothing follows the end of a list by index, and a second reading of it, for its ids alone, gives the same.

    Costs as many requests again, and one.
    """
    COUNT = "count"
    """As many different records came as the server says there are, on every page. For servers where no other client deletes."""
    NONE = "none"
    """Nothing does: the list is read, and nothing is ever removed because it was not in it. For servers whose lists are known to lie."""


class Afterwards(StrEnum):
    """Behaviour of a deactivated account to later requests."""

    STAYS = "stays"
    HIDDEN = "hidden"
    """The account answers 404 until it is activated again (Atlassian)."""
    GONE = "gone"
    """The account is deleted, its id included; nothing brings it back (GitHub organizations)."""


class Members(StrEnum):
    """Place where the members of groups are read."""

    EACH = "each"
    """From every group by itself; the list of groups is asked for without members."""
    LIST = "list"
    """From the list of groups; a group that stands there without members is read by itself."""
    USERS = "users"
    """From `/Users?filter=groups.value eq "<the group>"`, where every group is shown without members (AWS IAM Identity Center)."""


class MediaType(StrEnum):
    """Media type of the body of a write."""

    SCIM = "application/scim+json"
    JSON = "application/json"


class EtagUse(StrEnum):
    """Condition under which a write carries If-Match."""

    OFF = "off"
    ADVERTISED = "advertised"
    """Only where ServiceProviderConfig says that ETags are supported; a mere header proves nothing (Express adds one to everything)."""
    ALWAYS = "always"


class Deprovision(StrEnum):
    """Meaning of deactivation."""

    ACTIVE_FALSE = "active_false"
    DELETE = "delete"
    NEVER = "never"


class Verify(StrEnum):
    """Reading that a write is checked against. Answers alone are not believed unless the operator says so."""

    GET = "get"
    BODY = "body"
    """The answer's own resource where it has one, else a GET."""


class Rate(BaseModel):
    """The server's published limits: requests in so many seconds. Absent: not limited. The narrowest that is given counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests: PositiveInt | None = None
    """Reads and writes together."""
    reads: PositiveInt | None = None
    writes: PositiveInt | None = None
    user_writes: PositiveInt | None = None
    group_reads: PositiveInt | None = None
    group_writes: PositiveInt | None = None
    seconds: Annotated[float, Field(gt=0)] = 60.0
    burst: PositiveInt | None = None
    """Number of requests of one kind that may go at once; a quarter of what the time allows where not given."""

    def bucket(self, endpoint: str, *, write: bool) -> str:
        """The limit that a request counts against: that of its endpoint, else of its kind, else that of all requests."""
        kind = "writes" if write else "reads"
        candidates = (f"{endpoint.lower().removesuffix('s')}_{kind}", kind, "requests")
        return next((name for name in candidates if getattr(self, name, None) is not None), kind)


class Dialect(BaseModel):
    """Everything in which SCIM servers differ and that cannot be found out safely."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    paging: Paging = Paging.INDEX
    max_page: PositiveInt = 100
    """No page is asked to be larger."""
    proof: Proof = Proof.TWO_PASSES
    totals: Totals = Totals.LIST
    projections: bool = True
    """Whether a list may be asked with `attributes` and `excludedAttributes` (RFC 7644 section 3.9)."""
    filters: bool = True
    """Whether a list may be asked with `filter`; where not, accounts are looked up in the whole list."""
    max_ids: PositiveInt = 1
    """Users that one list is asked for by their ids (`id eq "a" or id eq "b"`): only where the application finds them by it, as they are now."""
    placeholders: frozenset[str] = frozenset()
    """userNames that are no people: a list that holds one is not the list (Snowflake's `synthesis_user`)."""
    members: Members = Members.EACH
    most_members_shown: PositiveInt | None = None
    """No group is shown with more members: one with as many may have others (FusionAuth shows 100)."""
    groups: bool = True
    """False for a server without /Groups."""
    user_update: UserUpdate = UserUpdate.PATCH
    active_update: ActiveUpdate = ActiveUpdate.PATCH_PATH
    group_update: GroupUpdate = GroupUpdate.PATCH
    group_rename: bool = True
    """Whether the name of a group can be changed (not in Atlassian)."""
    group_delete: bool = True
    """Whether groups are deleted."""
    path_filters: bool = True
    """Whether PATCH knows `emails[type eq "work"].value`; where not, the whole attribute is replaced (GitHub)."""
    remove_form: RemoveForm = RemoveForm.FILTER
    max_member_changes: PositiveInt = 100
    """No PATCH of a group adds or removes more members."""
    max_member_bytes: PositiveInt | None = None
    """No PATCH of a group is longer."""
    max_operations: PositiveInt | None = None
    """No PATCH of a user has more operations."""
    max_bulk_operations: Annotated[int, Field(ge=0)] = 50
    """No bulk request has more operations; 0 where the application has none, whatever it says of itself."""
    media_type: MediaType = MediaType.SCIM
    etag: EtagUse = EtagUse.ADVERTISED
    advertised: bool = True
    """Whether the application is believed where it says in ServiceProviderConfig that it has no PATCH; False where it is known to be wrong."""
    deprovision: Deprovision = Deprovision.ACTIVE_FALSE
    afterwards: Afterwards = Afterwards.STAYS
    deletes: bool = True
    """Whether DELETE removes a user for good; on some servers it only deactivates."""
    verify: Verify = Verify.GET
    immutable: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset({"userName"})
    unique: frozenset[str] = frozenset({"userName"})
    rate: Rate = Rate()

    @model_validator(mode="after")
    def _counts_that_prove(self) -> Dialect:
        if self.totals is Totals.PAGE and self.proof is Proof.COUNT:
            raise ValueError('proof = "count" goes by the total of the list, and totals = "page" says that none is stated: leave proof out')
        if self.totals is Totals.PAGE and self.paging is not Paging.INDEX:
            raise ValueError('totals = "page" is about lists by index: leave it out')
        return self

    @model_validator(mode="after")
    def _members_that_can_be_found(self) -> Dialect:
        if self.max_ids > 1 and not self.filters:
            raise ValueError("max_ids asks with a filter, and filters = false says that there is none")
        if self.members is Members.USERS and not self.filters:
            raise ValueError('members = "users" asks with a filter, and filters = false says that there is none')
        if self.members is Members.USERS and self.group_update is GroupUpdate.PUT:
            raise ValueError('members = "users" says that no group is shown with its members, so group_update = "put" would remove others')
        return self


@cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """The shipped dialects by name, each as what differs from the defaults."""
    return tomllib.loads(files("connectors.scim").joinpath("presets.toml").read_text(encoding="utf-8"))


def dialect_of(preset: str, overrides: Mapping[str, object]) -> Dialect:
    """A preset with single keys replaced. Raises ValueError for an unknown preset or key."""
    if preset not in presets():
        raise ValueError(f"there is no dialect {quoted(preset)}; there are {', '.join(sorted(presets()))}")
    return Dialect.model_validate({**presets()[preset], **overrides})
