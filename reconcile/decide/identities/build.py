"""Builds identities: merges source rows by anchor and precedence, and sets the lifecycle state at the clock.

Leaves the working tables `identity` (anchor, one text column an identity attribute, state, _life, run_date), `held_anchor`
(people who are frozen, with what they wait for in `waiting_for`) and `alias` (anchors that are one person by a declared key, each with the person's).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mappings.expressions import Language
from mappings.load import Mappings
from mappings.rules import IdentitySource
from reconcile.decide.identities.far_ends import far_ends
from reconcile.decide.identities.last_stated import find_last_leavers, last_leaver_findings
from reconcile.decide.identities.lookups import look_up
from reconcile.decide.identities.managers import add_managers
from reconcile.decide.identities.row_problems import RowProblem, row_problems
from reconcile.decide.identities.source_columns import declares_lifecycle, needed_columns, source_texts
from reconcile.plan.model import Finding
from reconcile.store.connection import Store
from reconcile.store.relations import ExpandedRows


@dataclass(frozen=True, slots=True)
class Gathered:
    """The findings on the rows that the identities were made of."""

    problems: tuple[RowProblem, ...]
    findings: tuple[Finding, ...]


def gather_identities(store: Store, mappings: Mappings, language: Language, run_date: date) -> Gathered:
    """Makes the identities of the latest snapshots."""
    mapping = mappings.identities
    attributes = mapping.attributes()
    store.do("make_lifecycle_rules", rules=[_lifecycle_rule(source, rank) for rank, source in enumerate(mapping.source)])
    for rank, source in enumerate(mapping.source):
        texts = source_texts(source, attributes)
        needed = needed_columns(store.value("known_columns", system=source.connector) or [], [source.where, *texts.values()], language)
        rows = ExpandedRows("source_rows", needed, {"system": source.connector, "rank": rank, "run_date": run_date.isoformat()})
        store.relations.derive_expanded(f"mapped_{rank}", rows, texts, where=source.where, kept=["_rank", "_record_id", "run_date"])
    store.relations.union("mapped", [f"mapped_{rank}" for rank in range(len(mapping.source))])
    store.do("make_standing_of", "make_day_of", "make_has_left", "make_doubtful_sources", "judge_rows")
    _add_excluded_rows(store, mapping.source, language, run_date)
    store.do("make_person_keys", "make_doubted_keys", "make_doubted_anchors", "make_row_problems")
    store.do("make_aliases", "make_known", "make_several_rows")
    store.do("make_waiting_for", "make_held", "make_stated_leavers")
    store.relations.first_stated(
        "merged", "known", ("anchor", "_place"), [*attributes, "state", "_life", "_starts"], repeated="several_rows"
    )
    find_last_leavers(store, mapping, language, run_date)
    store.do("make_merged_identities", run_date=run_date.isoformat())
    store.do("make_working_leavers")
    of_rows = (*far_ends(store, run_date), *last_leaver_findings(store))
    findings = (*of_rows, *look_up(store, mappings.lookups), *add_managers(store, mapping))
    store.do("make_frozen_identities")
    store.relations.derive("frozen_name", "frozen_identity", {"name": mapping.name}, kept=["anchor"])
    return Gathered(row_problems(store), findings)


def _add_excluded_rows(store: Store, sources: Iterable[IdentitySource], language: Language, run_date: date) -> None:
    """Makes `excluded_row`: the rows in doubt that `where` excludes. Nothing proves that it would exclude them tonight."""
    store.do("make_excluded_rows")
    for source in sources:
        if source.where.strip().lower() != "true":
            needed = needed_columns(store.value("known_columns", system=source.connector) or [], [source.where, source.anchor], language)
            rows = ExpandedRows("rows_in_doubt", needed, {"system": source.connector, "run_date": run_date.isoformat()})
            with store.schemas.step():
                store.relations.derive_excluded("excluded", rows, source.anchor, where=source.where, kept=["_doubt"])
                store.do("add_excluded_rows", source=source.connector)


def _lifecycle_rule(source: IdentitySource, rank: int) -> dict[str, object]:
    life = source.lifecycle
    return {
        "rank": rank,
        "source": source.connector,
        "declared": declares_lifecycle(source),
        "active": _folded(life.active),
        "leave": _folded(life.leave),
        "terminated": _folded(life.terminated),
        "has_status": bool(life.status),
        "end_is": life.end_is,
        "lead_days": life.lead_days,
        "latest_counts": source.several == "latest",
    }


def _folded(words: tuple[str, ...]) -> list[str]:
    return [word.strip().lower() for word in words]
