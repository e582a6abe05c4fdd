"""Keeps the progress of the scopes of one read, and what is found about each."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.contract import Quarantined, RawPage, Scope, ScopeEnd, ScopeKind
from reconcile.plan.impact import number_of

WHOLE_SYSTEM = frozenset({ScopeKind.FILE, ScopeKind.ACCOUNTS})
"""Scopes that hold a system's people or accounts."""

SAMPLE = 3
"""Number of records that could not be used whose places are told."""


@dataclass(slots=True)
class ScopeState:
    """Progress of one scope. Complete as long as `reason` is empty; of a partial one all but some rows can be believed."""

    scope: Scope
    pages: int = 0
    rows: int = 0
    distinct_ids: int = 0
    repeated: int = 0
    """Rows that state what another row states."""
    lost: int = 0
    """Records that could not be used and do not say whom they are about, or which membership they are."""
    declared_total: int | None = None
    reason: str = "the reading stopped before its end"
    partial: bool = False
    """Whether the scope is incomplete only because some records do not say whom they are about: the others state what they state."""
    samples: list[str] = field(default_factory=list)
    """Places of the first of those records, with their errors."""
    detail: str = ""
    """Text for an operator beside the reason: the order of rows decides nothing, so it is no part of a plan."""
    unusable: int = 0
    """Records that could not be used and say whom they are about."""
    unusable_samples: list[str] = field(default_factory=list)
    """Places of the first of those, with their errors."""
    note: str = ""
    warning: str = ""
    """Sentence about what proves nothing against the read and may be a mistake all the same."""
    watermark: str = ""
    delta: bool = False
    seconds: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def took(self, item: RawPage | ScopeEnd) -> None:
        """Counts a page, or notes the end."""
        if item.declared_total is not None:
            self.declared_total = item.declared_total
        match item:
            case RawPage():
                self.pages += 1
                self._digest.update(item.body)
            case ScopeEnd():
                self.reason, self.watermark, self.delta = item.problem, item.watermark, item.delta
                self.seconds = time.monotonic() - self._began

    def put_aside(self, found: Iterable[Quarantined]) -> None:
        """Counts records that could not be used."""
        for each in found:
            place = f"{each.position}: {each.reason.rstrip('.')}"
            named = bool(each.id) and self.scope.kind in WHOLE_SYSTEM
            self.unusable += named
            self.lost += not named
            samples = self.unusable_samples if named else self.samples
            if len(samples) < SAMPLE:
                samples.append(place)

    @property
    def fingerprint(self) -> str:
        """Returns a digest over the pages, in their order."""
        return self._digest.hexdigest() if self.pages else ""

    def notes(self) -> tuple[str, ...]:
        """Returns sentences about what is odd and proves nothing against the read."""
        return tuple(filter(None, (self.note, self._unusable_sentence())))

    def _unusable_sentence(self) -> str:
        if not self.unusable:
            return ""
        unnamed = self.unusable - len(self.unusable_samples)
        places = "; ".join((*self.unusable_samples, *([f"and {unnamed:,} more"] if unnamed else [])))
        stays = "The person whom it is about stays" if self.unusable == 1 else "The people whom they are about stay"
        return f"{number_of(self.unusable, 'record')} cannot be used: {places}. {stays} as they are."

    def row(self) -> tuple[object, ...]:
        """Returns the row that the store keeps."""
        verdict = (self.scope.kind, self.scope.name, not self.reason, self.partial, self.reason)
        counts = (self.pages, self.rows, self.distinct_ids, self.declared_total)
        return (*verdict, *counts, self.watermark, self.seconds, self.delta, self.fingerprint)


COLUMNS = (
    "kind",
    "name",
    "complete",
    "partial",
    "reason",
    "pages",
    "rows",
    "distinct_ids",
    "declared_total",
    "watermark",
    "seconds",
    "delta",
    "fingerprint",
)
