"""Requests to go back to an earlier snapshot, and the changes of live runs since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reconcile.plan.model import Verb

OwnKey: TypeAlias = tuple[str, str, str]
"""Target, account id and entitlement id; the last one is empty for what is about the account itself."""


@dataclass(frozen=True, slots=True)
class OwnChange:
    """One change that a live run made, or may have made."""

    verb: Verb
    rule: str
    """The rule of its operation: `okta: leavers`, `okta: act suspend`."""
    run: str
    certain: bool = True
    """Whether it is known to be done."""

    @property
    def asked_for(self) -> bool:
        """Whether a person asked for it by `act`, so that no rule of the mapping says whether it should stay."""
        return self.rule.partition(": ")[2].startswith("act ")


@dataclass(frozen=True, slots=True)
class EarlierState:
    """The snapshot of one target that the moment means."""

    target: str
    asked: str
    """The moment that a person named (RFC 3339, UTC)."""
    number: int
    taken_at: str
    """Time of the read."""
    all_attributes: bool = False
    """Whether attributes that the mapping does not name are brought back too."""
    own: Mapping[OwnKey, Sequence[OwnChange]] = field(default_factory=dict)
    """Changes of live runs since the read, in order."""

    def last_own(self, account_id: str, entitlement_id: str, verbs: frozenset[Verb]) -> OwnChange | None:
        """Returns the last of some changes that a live run made of an account, or of a membership; None where none did."""
        found = [each for each in self.own.get((self.target, account_id, entitlement_id), ()) if each.verb in verbs]
        return found[-1] if found else None

    def doer(self, own: OwnChange | None) -> str:
        """Returns who changed something since, as half a sentence."""
        return f"by the run {own.run}" if own else "by others"
