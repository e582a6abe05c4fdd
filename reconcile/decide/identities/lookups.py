"""Enriches identities from lookup tables, and reports values that a table does not have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.quoting import quoted
from mappings.lookups import LookupTable
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.store.connection import Store

NAMED = 5
"""The number of missing values that are named."""


def look_up(store: Store, tables: Iterable[LookupTable]) -> tuple[Finding, ...]:
    """Makes `unmanaged_identity`: the identities with the columns of the tables; a finding for each table that lacks values.

    A table's key may be computed from what an earlier table gave.
    """
    found, known = [], "merged_identity"
    for number, table in enumerate(tables, 1):
        with store.schemas.step():
            store.relations.put("lookup_table", ("_key", *table.rule.gives), [(key, *given) for key, given in table.rows.items()])
            store.relations.derive("lookup_key", known, {"key": table.rule.key}, kept=["anchor"])
            if missing := store.rows("not_looked_up"):
                found.append(_finding(table, missing))
            known = store.relations.widen(f"looked_up_{number}", known, "anchor", "looked_up")
    store.relations.union("unmanaged_identity", [known])
    return tuple(found)


def _finding(table: LookupTable, missing: Sequence[tuple[str, int]]) -> Finding:
    named = ", ".join(f"{quoted(key)} ({people})" for key, people in missing[:NAMED])
    more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    people = sum(count for _, count in missing)
    return Finding(
        kind=FindingKind.LOOKUP_UNKNOWN,
        severity=Severity.NOTE,
        target="",
        message=(
            f"mappings/{table.rule.file} lacks {len(missing)} of the values of {table.rule.key} (with how many people have each): {named}{more}. "
            f"{', '.join(table.rule.gives)} {'states' if len(table.rule.gives) == 1 else 'state'} nothing for {people} of the people until the table has them."
        ),
    )
