"""Finds what a source last said of leavers whose row is gone, where the sources that still list them say nothing, or nothing new.

A missing row proves nothing. HR files often drop leavers after some weeks, and a phone list that declares no lifecycle may list them for years:
they are leavers until a source says otherwise. A source that stands after that one, and said all the time that they work, says nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mappings.expressions import Language
from mappings.rules import Identities, IdentitySource
from reconcile.decide.fragment import listed
from reconcile.decide.identities.source_columns import declares_lifecycle, needed_columns, source_texts
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.store.connection import Store


def find_last_leavers(store: Store, mapping: Identities, language: Language, run_date: date) -> None:
    """Makes `last_leaver`; it is empty where no source declares a lifecycle, or the only source does. Needs `merged` and `judged`."""
    past = _PastRows(store, language, run_date)
    store.do("make_last_stated", "make_said_before")
    for rank, source in _asked(store, mapping.source):
        with store.schemas.step():
            past.map(source, "last_rows", "last_mapped", ["_valid_from", "_valid_to", "run_date"])
            store.do("add_last_stated", rank=rank)
    store.do("make_outranked")
    for (rank,) in store.rows("ranks_outranked"):
        with store.schemas.step():
            past.map(mapping.source[rank], "rows_then", "then_mapped", ["record_id", "run_date"], rank=rank)
            store.do("add_said_before", rank=rank)
    store.do("make_last_leavers")


def _asked(store: Store, sources: Sequence[IdentitySource]) -> list[tuple[int, IdentitySource]]:
    """The sources whose last rows can decide about people, by rank: those before another that states, or all where nothing states."""
    declaring = [(rank, source) for rank, source in enumerate(sources) if declares_lifecycle(source)]
    if len(declaring) < len(sources) and declaring and store.value("anybody_is_unstated"):
        return declaring
    return declaring[:-1]


@dataclass(frozen=True, slots=True)
class _PastRows:
    """Earlier rows of sources, by the rules and at the clock of this plan."""

    store: Store
    language: Language
    run_date: date

    def map(self, source: IdentitySource, rows: str, into: str, kept: Sequence[str], **which: int) -> None:
        """Makes a working table of what a source's rules make of the rows of a statement."""
        texts = source_texts(source, ())
        known = self.store.value("ever_known_columns", system=source.connector) or []
        needed = needed_columns(known, [source.where, *texts.values()], self.language)
        self.store.relations.expand_json(rows, rows, needed, system=source.connector, run_date=self.run_date.isoformat(), **which)
        # Rules that were written since may fail for what was there before them: then that row alone says nothing.
        self.store.relations.derive(into, rows, texts, where=source.where, kept=kept, tried=True)


def last_leaver_findings(store: Store) -> tuple[Finding, ...]:
    """One note for each source that said so, and each that states otherwise."""
    return tuple(
        Finding(kind=FindingKind.SOURCE_MISSING, severity=Severity.NOTE, target="", message=_message(*row))
        for row in store.rows("last_leavers")
    )


def _message(source: str, outranked: str, first: list[str], total: int) -> str:
    who, have, they = ("person", "has", "counts") if total == 1 else ("people", "have", "count")
    subject = "the person" if total == 1 else "they"
    gone = f"{total:,} {who} {have} no row in {source} any more, where the last one said that they left: {listed(first, total)}."
    if outranked:
        return (
            f"{gone} {outranked} stands after {source} and says that they work, as it did before that, so {subject} {they} as terminated until "
            f"it says something new: another row, or a start after the end. Remove them there, or put {outranked} before {source}."
        )
    return (
        f"{gone} Other sources list them and declare no lifecycle, so {subject} {they} as terminated until a source says otherwise. "
        f"Remove them there, or declare in [source.lifecycle] who works, in a source before {source}."
    )
