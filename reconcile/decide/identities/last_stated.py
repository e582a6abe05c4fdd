"""Finds what a source last said of leavers whose row is gone, where the sources that still list them do not say who works.

A missing row proves nothing. HR files often drop leavers after some weeks, and a phone list that declares no lifecycle may list them for years:
they are leavers until a source says otherwise.
"""

from __future__ import annotations

from datetime import date

from mappings.expressions import Language
from mappings.rules import Identities, IdentitySource
from reconcile.decide.fragment import listed
from reconcile.decide.identities.source_columns import declares_lifecycle, needed_columns, source_texts
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.store.connection import Store


def find_last_leavers(store: Store, mapping: Identities, language: Language, run_date: date) -> None:
    """Makes `last_leaver`; it is empty where every source declares a lifecycle, or none does. Needs `merged`."""
    store.do("make_last_stated")
    declaring = [(rank, source) for rank, source in enumerate(mapping.source) if declares_lifecycle(source)]
    if len(declaring) < len(mapping.source) and declaring and store.value("anybody_is_unstated"):
        for rank, source in declaring:
            with store.schemas.step():
                _add_last_stated(store, source, rank, language, run_date)
    store.do("make_last_leavers")


def _add_last_stated(store: Store, source: IdentitySource, rank: int, language: Language, run_date: date) -> None:
    texts = source_texts(source, ())
    needed = needed_columns(store.value("ever_known_columns", system=source.connector) or [], [source.where, *texts.values()], language)
    store.relations.expand_json("last_rows", "last_rows", needed, system=source.connector, run_date=run_date.isoformat())
    # Rules that were written since may fail for what was there before them: then that row alone says nothing.
    store.relations.derive("last_mapped", "last_rows", texts, where=source.where, kept=["_valid_to", "run_date"], tried=True)
    store.do("add_last_stated", rank=rank)


def last_leaver_findings(store: Store) -> tuple[Finding, ...]:
    """One note for each source that said so."""
    return tuple(_finding(source, first, total) for source, first, total in store.rows("last_leavers"))


def _finding(source: str, first: list[str], total: int) -> Finding:
    who, have, they = ("person", "has", "counts") if total == 1 else ("people", "have", "count")
    message = (
        f"{total:,} {who} {have} no row in {source} any more, where the last one said that they left: {listed(first, total)}. Other sources list them "
        f"and declare no lifecycle, so {'the person' if total == 1 else 'they'} {they} as terminated until a source says otherwise. Remove them "
        "there, or declare in [source.lifecycle] who works."
    )
    return Finding(kind=FindingKind.SOURCE_MISSING, severity=Severity.NOTE, target="", message=message)
