"""Accounts and memberships that are not as an earlier snapshot held them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connectors.contract import AccountState, Value
from reconcile.decide.fragment import TargetContext, named
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.plan.model import Situation

SETTLED = frozenset({Situation.CONFIRMED, Situation.FOUND})
"""Situations in which an account is surely that of a person who should have one."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The account with the person that it belongs to now."""

    account_id: str
    anchor: str
    """Empty for an account of no identity."""
    situation: Situation | None
    """None for an account that is gone."""
    expected: Eligibility | None
    """Eligibility by the mapping; None where the account belongs to no person today."""
    name: str
    login: str

    @property
    def who(self) -> str:
        """Returns the login, and the name of the person where it is known."""
        called = self.login or self.account_id
        return named(called, self.anchor) if self.anchor else called

    @property
    def why_ended(self) -> str:
        """Returns the reason why the person should have no account that can be used, as half a sentence; empty where they should, or it is not known."""
        if self.situation is Situation.SOURCE_MISSING:
            return "no source has the person any more"
        if self.situation is Situation.UNQUALIFIED:
            return "the mapping gives this person no account now: they left, or are not due"
        if self.situation not in SETTLED:
            return ""
        return "nothing is decided about the person tonight" if self.expected is Eligibility.ON_HOLD else ""


@dataclass(frozen=True, slots=True)
class AccountSince:
    """An account of the earlier snapshot that is gone, or is not the same now."""

    owner: Owner
    then: AccountState
    now: AccountState | None
    """None for an account that is gone."""
    status: str
    """The system's own word for the state it is in now."""
    values_then: Mapping[str, Value]
    values_now: Mapping[str, Value]
    wanted: Mapping[str, str | None]
    """Texts that the mapping wants by attribute; empty where it has no opinion about the account."""
    taken: frozenset[str] = frozenset()
    """Unique attributes whose earlier value another account has now."""


@dataclass(frozen=True, slots=True)
class MembershipSince:
    """A membership that began or ended since the earlier snapshot."""

    owner: Owner
    state: AccountState
    """State of the account now."""
    entitlement_id: str
    entitlement: str
    kind: str
    privileged: bool
    read_only: str
    held: bool
    """Whether it was held then. If not, it is held now."""
    direct: bool
    exists_now: bool
    """Whether the group or app is there now, and `existed` whether it was."""
    existed: bool
    in_doubt: bool
    """Whether its members were not read completely, then or now."""
    managed: bool
    """Whether the mapping decides every member."""
    rules: Sequence[str]
    """Rules that grant it now."""
    undecided: bool
    ours: bool
    """Whether this job owns it by its ledger."""


class InDoubt(NamedTuple):
    """A group or an app of which the last read is not complete."""

    id: str
    kind: str
    name: str
    members: int
    """Members in the earlier snapshot."""
    reason: str
    shows_fewer: bool
    """Whether the last read shows fewer members than that: only then can another read confirm it."""


def roles_apart(view: TargetContext) -> str:
    """The attribute whose values are roles, each given and taken by itself; empty where there is none, or a rule sets it as a whole."""
    return "" if view.traits.roles in view.mapping.attributes else view.traits.roles


class Appeared(NamedTuple):
    """An account that the earlier snapshot did not hold."""

    account_id: str
    login: str
    wanted: bool
    """Whether the mapping gives its person an account."""
