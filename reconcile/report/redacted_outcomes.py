"""The outcomes of a run without personal values: each is redacted when it is read, and none is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from reconcile.plan.model import Outcome, OutcomeKind
from reconcile.plan.outcome_rows import OutcomeRows
from reconcile.report.redacted_ids import KeyedIds


@dataclass(frozen=True, slots=True)
class RedactedOutcomes(OutcomeRows):
    """The outcomes of a redacted run."""

    rows: OutcomeRows
    redacted: Callable[[Outcome], Outcome]
    ids: KeyedIds
    """Ids of operations."""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Outcome]:
        return map(self.redacted, self.rows)

    def with_ids(self, ids: Collection[str]) -> dict[str, Outcome]:
        found = self.rows.with_ids([self.ids.original(each) for each in ids])
        return {self.ids.hidden(id_): self.redacted(each) for id_, each in found.items()}

    def counts(self) -> Mapping[OutcomeKind, int]:
        return self.rows.counts()

    def of_kinds(self, kinds: Collection[OutcomeKind]) -> Iterator[Outcome]:
        return map(self.redacted, self.rows.of_kinds(kinds))
