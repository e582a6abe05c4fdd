"""Habits in which SCIM products differ, as data. The default of each is what the standard says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Pages(StrEnum):
    """Paging of lists."""

    INDEX = "index"
    CURSOR = "cursor"
    """Beyond the first page only with `cursor`; `startIndex` is not looked at."""
    NONE = "none"
    """Every list is one page."""


class MemberForm(StrEnum):
    """Form in which members are removed."""

    FILTER = "filter"
    VALUE_ARRAY = "value_array"
    WRAPPED = "wrapped"
    """An object with `members` as the value, in additions too."""


class WhenInactive(StrEnum):
    """Appearance of a user whose `active` is false."""

    STAYS = "stays"
    HIDDEN = "hidden"
    """Answers 404 to everything but a PATCH that activates it, and is in no list."""
    OBSCURED = "obscured"
    """Shown with another login and another e-mail address."""


class UserPut(StrEnum):
    """Effect of a PUT of a user."""

    REPLACES = "replaces"
    MERGES = "merges"
    """Changes only the attributes that are sent."""
    ABSENT = "absent"
    """A 404 in HTML, from something that knows no such method."""


class Errors(StrEnum):
    """Body of an error."""

    SCIM = "scim"
    AWS = "aws"
    """With `exceptionRequestId` and `timeStamp`; one sentence stands for most mistakes."""
    OLD = "old"
    """The `Errors` of SCIM 1.1."""


class Shown(StrEnum):
    """Body of the answer to a change."""

    RESOURCE = "resource"
    EMPTY_OBJECT = "empty_object"


class Publishes(StrEnum):
    """Parts of a description of users that an application publishes."""

    NOTHING = "nothing"
    SCHEMAS = "schemas"
    WITH_TYPES = "with_types"
    """The kinds of resources, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Everything in which one product differs."""

    # Lists
    pages: Pages = Pages.INDEX
    default_page: int = 100
    max_page: int = 100
    """A larger `count` is cut to it."""
    furthest_start: int | None = None
    """The largest startIndex; a larger one is refused."""
    operators: frozenset[str] = frozenset({"eq"})
    filters: frozenset[str] | None = None
    """Attributes that a filter may name; None for all."""
    external_id_is_own: bool = False
    """Whether a filter on externalId means the product's own id."""
    projections: bool = True
    shows_members: bool = True
    plural_config: bool = False
    """Whether ServiceProviderConfig is served under its plural alone."""
    publishes: Publishes = Publishes.NOTHING
    schemas_as_text: bool = False
    """Whether `schemas` is a text that holds JSON."""
    odd_ids: bool = False
    """Whether ids hold characters that an address cannot."""
    needs_user_agent: bool = False

    # Users
    required: tuple[str, ...] = ("userName",)
    refused_attributes: frozenset[str] = frozenset()
    single_entries: frozenset[str] = frozenset()
    """Multi-valued attributes that hold one entry at most."""
    mail_is_login: bool = False
    """Whether the primary e-mail address has to be marked, and to be the userName."""
    needs_profile: bool = False
    """Whether a user needs an entitlement: 409 where there is none, or more than one."""
    verified_domain: str = ""
    """The domain in which every user needs an e-mail address; any where empty."""
    when_inactive: WhenInactive = WhenInactive.STAYS
    deletes_users: bool = True
    """Whether DELETE removes a user, or only deactivates."""
    user_put: UserPut = UserPut.REPLACES
    patches_only_active: bool = False
    path_filters: bool = True
    most_operations: int | None = None
    """Operations of one PATCH of a user."""

    # Groups
    group_put: bool = True
    member_forms: frozenset[MemberForm] = frozenset({MemberForm.FILTER, MemberForm.VALUE_ARRAY})
    most_member_changes: int | None = None
    most_group_operations: int | None = None
    replaces_members: bool = True
    """Whether one request may replace or remove all members."""
    renames_groups: bool = True
    drops_new_members: bool = False
    """Whether members of a group that was created here are answered as taken, and dropped."""

    # Answers
    errors: Errors = Errors.SCIM
    duplicate: str = "The name is taken"
    unusable: str = ""
    """The one sentence for every request that cannot be used; each its own where empty."""
    shown: Shown = Shown.RESOURCE
    retry_after: str = ""
    """The `Retry-After` of a 429; none where empty."""
