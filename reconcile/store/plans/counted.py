"""The operations of one target of a scratch plan in two parts: those that are looked at one by one, and those that are counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reconcile.plan.model import Verb
from reconcile.store.plans.scratch_plan import ScratchPlan


@dataclass(frozen=True, slots=True)
class CountedOperations:
    """The parts of one target. Another target takes their place in the scratch plan."""

    scratch: ScratchPlan
    target: str

    @classmethod
    def of(cls, scratch: ScratchPlan, target: str, subjects: Collection[str]) -> CountedOperations:
        """Divides the operations of a target. `subjects`: accounts and people whose operations are looked at one by one."""
        scratch.do("make_single_subjects", target=target, subjects=sorted(subjects))
        scratch.do("make_counted_operations", target=target)
        return cls(scratch, target)

    def looked_at(self) -> Iterator[tuple[Any, ...]]:
        """Yields what guards see of each operation that is looked at, in the order of the plan."""
        return self.scratch.rows("judged_operations", target=self.target)

    def sizes(self) -> dict[Verb, tuple[int, int, int]]:
        """Returns the numbers of counted operations, of their accounts, and of the names of those, by verb."""
        return {Verb(verb): (operations, accounts, names) for verb, operations, accounts, names in self.scratch.rows("counted_sizes")}

    def first(self, verb: Verb, most: int) -> list[tuple[str, str]]:
        """The first accounts of a verb: anchor and name."""
        return [(anchor, called) for anchor, called in self.scratch.rows("counted_first", verb=verb.value, most=most)]

    def entitlements(self) -> list[tuple[str, str]]:
        """The entitlements that counted additions are of: id and kind."""
        return [(id_, kind) for id_, kind in self.scratch.rows("counted_entitlements")]

    def sizes_of_groups(self, ids: Sequence[str]) -> dict[tuple[str, str], tuple[int, int, int]]:
        """The numbers of `sizes` for additions to some groups, by id and name."""
        rows = self.scratch.rows("counted_sizes_of_groups", groups=ids)
        return {(id_, name): (operations, accounts, names) for id_, name, operations, accounts, names in rows}

    def first_of_groups(self, ids: Sequence[str], most: int) -> Iterator[tuple[str, str, str, str]]:
        """Yields the first accounts of each of some groups: id and name of the group, anchor and name."""
        rows = self.scratch.rows("counted_first_of_groups", groups=ids, most=most)
        return ((id_, name, anchor, called) for id_, name, anchor, called in rows)
