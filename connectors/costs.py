"""The requests that applying takes of a target, as its connector declares them, and the limits that they count against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable

from connectors.contract import EntitlementKind, Opening

Calls: TypeAlias = Mapping[str, int]
"""Numbers of requests, by the limit that they count against."""

LOGIN = ""
"""Key in `SearchCosts.each` of a search by the login."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Number of requests that a system allows in a number of seconds."""

    requests: int
    seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCosts:
    """Requests of the searches for an account by a value."""

    each: Mapping[str, Calls] = field(default_factory=dict)
    """By attribute, a search that finds none."""
    other: Calls = field(default_factory=dict)
    """A search by an attribute that `each` does not name."""
    trial: Calls = field(default_factory=dict)
    """Before the first search by an attribute."""
    once: Calls = field(default_factory=dict)
    """Once a run in which something is searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCosts:
    """Requests of memberships of one group that are changed together (`member_batches.BatchMembers`)."""

    most: int
    """Memberships of one batch."""
    account: Calls
    """The read of an account that is read alone."""
    accounts: Calls
    """The read of several accounts together."""
    accounts_a_request: int
    look: Calls
    """One request of a look at the members, before the changes."""
    members_a_look: int | None = None
    """Members that it lists; None: all."""
    holder: Calls = field(default_factory=dict)
    """Whether one account is a member, where reading the whole list would take more requests than half of the accounts."""
    request: Calls
    """One request that changes members, with what follows each."""
    members_a_request: int
    looks_after: bool = False
    """Whether another look follows all changes of a batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TogetherCosts:
    """Requests about accounts that are served by one request for several (`together.SendsTogether`)."""

    verbs: Mapping[str, Calls]
    """By verb, those of one operation that go with those of others, as they are counted in `Costs.verbs` and `Costs.create` (`create`)."""
    requests: Mapping[str, Calls]
    """By verb, the requests that take their place."""
    most: int
    """Operations that they serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Requests of a target by what is applied, where nothing is refused, repeated or moved."""

    start: Calls
    """Before the first operation of a run."""
    create: Mapping[Opening, Calls]
    """A creation, without the searches before it."""
    search: SearchCosts
    verbs: Mapping[str, Calls]
    """By verb, each other operation on an account or a group, with its look and its read-back."""
    first_group_search: Calls = field(default_factory=dict)
    """Once a run that creates or renames groups."""
    membership: Mapping[EntitlementKind, Calls]
    """A membership that goes alone, with its looks and its read-back."""
    batch: BatchCosts | None = None
    together: TogetherCosts | None = None
    most_new_members: int = 1_000
    """Memberships that one creation takes, where `new_members` is stated."""
    new_members: Calls | None = None
    """Requests after a creation with memberships (`new_members.CreatesMembers`); None where each membership goes after it."""
    look_at_account: Calls
    look_at_group: Calls
    """A look at a group itself. A run takes one, too, before the first addition to each group."""
    look_at_membership: Mapping[EntitlementKind, Calls]
    """Whether an account holds an entitlement; without the read of the account."""
    limits: Mapping[str, RateLimit] = field(default_factory=dict)
    """The limits that are known."""
    share: float = 1.0
    """The share of each limit that is used."""


@runtime_checkable
class Costed(Protocol):
    """A target that declares its costs, so that a plan can be told with the requests that it takes."""

    def costs(self, accounts: int) -> Costs:
        """The costs in a target that has so many accounts. Asks nothing."""
